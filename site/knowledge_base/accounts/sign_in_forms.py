"""The forms of signing in: password, code, recovery code. Nothing secret is ever put back into a page."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovTextInput
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired


class SignInForm(FlaskForm):  # type: ignore[misc]
    """An e-mail address, a password, and where to go afterwards."""

    email = StringField("Email address", widget=GovTextInput(), validators=[InputRequired("Enter your email address")])
    password = PasswordField("Password", widget=GovPasswordInput(), validators=[InputRequired("Enter your password")])
    next = HiddenField()

    def __init__(self, **defaults: Any) -> None:  # noqa: ANN401
        super().__init__(request.form, **defaults)


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits that the authenticator app shows."""

    code = StringField(
        "6-digit code",
        widget=GovTextInput(),
        description="Your authenticator app shows it. A new one comes every 30 seconds.",
        validators=[InputRequired("Enter the code that your app shows")],
    )

    def __init__(self) -> None:
        super().__init__(request.form)

    def refuse(self, error: Exception) -> None:
        """Show why the code is refused, and empty the field: the next code is another."""
        self.code.data = ""
        self.code.raw_data = []
        self.code.errors = [str(error)]


class RecoveryCodeForm(FlaskForm):  # type: ignore[misc]
    """One of the codes that were shown when the second factor was set up."""

    recovery_code = StringField(
        "Recovery code",
        widget=GovTextInput(),
        description="One of the ten that you kept, like abcde-fghjk. Each works once.",
        validators=[InputRequired("Enter a recovery code")],
    )

    def __init__(self) -> None:
        super().__init__(request.form)


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """The e-mail address of somebody who forgot their password."""

    email = StringField("Email address", widget=GovTextInput(), validators=[InputRequired("Enter your email address")])

    def __init__(self) -> None:
        super().__init__(request.form)


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, and the code where there is a second factor, of somebody who is signed in."""

    password = PasswordField("Password", widget=GovPasswordInput(), validators=[InputRequired("Enter your password")])
    code = StringField(
        "6-digit code",
        widget=GovTextInput(),
        description="Your authenticator app shows it.",
        validators=[InputRequired("Enter the code that your app shows")],
    )
    next = HiddenField()

    def __init__(self, *, with_code: bool, destination: str | None) -> None:
        super().__init__(request.form, next=destination)
        self.with_code = with_code
        if not with_code:
            del self.code

    @property
    def typed_code(self) -> str:
        """The code, where one is asked for."""
        return (self.code.data or "") if self.with_code else ""
