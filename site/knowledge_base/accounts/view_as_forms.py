"""The form in which somebody chooses whom to view the site as."""

from collections.abc import Iterable

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from knowledge_base.access.audiences import Audiences
from knowledge_base.access.view_as import Choice
from knowledge_base.accounts.errors import ViewAsRefusedError


class ViewAsForm(FlaskForm):  # type: ignore[misc]
    """The readers that may be chosen, and the page to start at."""

    reader = RadioField(
        "View the site as",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose whom to view the site as")],
        # Each value is checked by what may be chosen now. WTForms has a word of its own for one that is not among them.
        validate_choice=False,
    )
    next = HiddenField()

    def __init__(self, choices: Iterable[Choice], audiences: Audiences, *, start_at: str) -> None:
        super().__init__(request.form, next=start_at)
        self.reader.choices = [(one.key, _label(one, audiences)) for one in choices]

    @property
    def choice(self) -> Choice:
        """The reader that was chosen, whether or not it was in the list. Raises ViewAsRefusedError for none at all."""
        choice = Choice.from_key(self.reader.data or "")
        if choice is None:
            raise ViewAsRefusedError
        return choice


def _label(choice: Choice, audiences: Audiences) -> str:
    title = choice.title(audiences).removeprefix("the ")
    return title[:1].upper() + title[1:]
