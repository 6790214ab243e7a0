"""The forms of choosing a password: from a link, and on one's own page. A password is never put back into a page."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovTextInput
from wtforms import Field, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired

from knowledge_base.accounts.errors import AccountsError
from knowledge_base.accounts.links import Offer
from knowledge_base.accounts.passwords import check_new_password
from knowledge_base.accounts.people import Person, check_email, check_name

ADVICE = "Use 12 characters or more. Three random words are easy to remember and hard to guess."


@contextmanager
def _shown_at_field() -> Iterator[None]:
    """Turn what is refused into the error message of the field being checked."""
    try:
        yield
    except AccountsError as error:
        raise ValidationError(str(error)) from error


class SetUpAccountForm(FlaskForm):  # type: ignore[misc]
    """What a person says of themselves. What the link's offer says already is not asked again."""

    email = StringField("Email address", widget=GovTextInput())
    name = StringField("Full name", widget=GovTextInput())
    password = PasswordField("Choose a password", widget=GovPasswordInput(), description=ADVICE)

    def __init__(self, offer: Offer, *, site_name: str) -> None:
        super().__init__(request.form, name=offer.name)
        self.offer = offer
        self.site_name = site_name
        if offer.email:
            del self.email
        if offer.is_reset:
            del self.name
            self.password.label.text = "New password"

    @property
    def email_address(self) -> str:
        """The address the account will have."""
        return self.offer.email or self.email.data or ""

    @property
    def full_name(self) -> str:
        """The name the account will have."""
        return self.offer.name if self.offer.is_reset else self.name.data or ""

    def validate_email(self, field: Field) -> None:
        """Refuse what is not an e-mail address."""
        with _shown_at_field():
            check_email(field.data or "")

    def validate_name(self, field: Field) -> None:
        """Refuse an empty or impossible name."""
        with _shown_at_field():
            check_name(field.data or "")

    def validate_password(self, field: Field) -> None:
        """Refuse a password that does not keep the rules."""
        with _shown_at_field():
            check_new_password(
                field.data or "", email=self.email_address, name=self.full_name, site_name=self.site_name
            )


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    """The present password and the one that is to come."""

    present = PasswordField(
        "Present password", widget=GovPasswordInput(), validators=[InputRequired("Enter your present password")]
    )
    new = PasswordField("New password", widget=GovPasswordInput(), description=ADVICE)

    def __init__(self, person: Person, *, site_name: str) -> None:
        super().__init__(request.form)
        self.person = person
        self.site_name = site_name

    def validate_new(self, field: Field) -> None:
        """Refuse a password that does not keep the rules."""
        with _shown_at_field():
            check_new_password(
                field.data or "", email=self.person.email, name=self.person.name, site_name=self.site_name
            )
