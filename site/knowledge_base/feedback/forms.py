"""What a reader says is wrong, and what was done about it."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea
from wtforms import Field, SelectField, StringField, TextAreaField, ValidationError

from knowledge_base.feedback.reports import LONGEST_MESSAGE
from knowledge_base.pages.page import Heading
from knowledge_base.pages.personal_data import personal_data_in

WHOLE_PAGE = ""


class ReportForm(FlaskForm):  # type: ignore[misc]
    """What is wrong, and in which section. `website` is for programs that fill in everything: people do not see it."""

    section = SelectField("Which part of the page?", widget=GovSelect())
    message = TextAreaField(
        "What is wrong?",
        widget=GovTextArea(),
        description=(
            "Do not write names, addresses or anything else about a person. "
            f"You can use up to {LONGEST_MESSAGE:,} characters."
        ),
    )
    website = StringField("Leave this empty", render_kw={"autocomplete": "off", "tabindex": "-1"})

    def __init__(self, headings: tuple[Heading, ...]) -> None:
        super().__init__()
        self.section.choices = [
            (WHOLE_PAGE, "The whole page, or I do not know"),
            *((one.anchor, one.text) for one in headings if one.text),
        ]

    def validate_message(self, field: Field) -> None:
        """Ask for something to go by, and for nothing about people."""
        typed = (field.data or "").strip()
        if not typed:
            message = "Say what is wrong"
        elif len(typed) > LONGEST_MESSAGE:
            message = f"Use {LONGEST_MESSAGE:,} characters or fewer"
        elif any(personal_data_in(typed, ())):
            message = "Take out email addresses and mobile numbers: we only need to know what is wrong with the page"
        else:
            return
        raise ValidationError(message)


class DoneForm(FlaskForm):  # type: ignore[misc]
    """What was done about a report."""

    note = TextAreaField("What was done?", widget=GovTextArea())

    def validate_note(self, field: Field) -> None:
        """Ask for something."""
        typed = (field.data or "").strip()
        if not typed or len(typed) > LONGEST_MESSAGE:
            message = f"Say what was done, in {LONGEST_MESSAGE:,} characters or fewer"
            raise ValidationError(message)
