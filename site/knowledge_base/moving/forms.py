"""The forms of moving, merging, withdrawing, deleting and bringing back."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextArea, GovTextInput
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from knowledge_base.publishing.changes import LONGEST_NOTE

NOTE_HINT = "One or two sentences. They are kept in the history, and readers see them in the list of changes."
LONGEST_REASON = 300


class ActForm(FlaskForm):  # type: ignore[misc]
    """What every one of them asks. `name` is the publication's, the same when the form is sent twice."""

    note = TextAreaField(
        "What changed, for readers",
        widget=GovTextArea(),
        description=NOTE_HINT,
        validators=[InputRequired("Say what changed, for readers"), Length(max=LONGEST_NOTE)],
    )
    name = HiddenField()


class MoveForm(ActForm):
    """Where the page is to be."""

    to = StringField(
        "New address",
        widget=GovTextInput(),
        description="Such as /referral/share. Lower-case letters, digits, hyphens and slashes.",
        validators=[InputRequired("Type the new address")],
    )


class WithdrawForm(ActForm):
    """Why the page goes."""

    reason = StringField(
        "Why it was withdrawn",
        widget=GovTextInput(),
        description="Whoever follows an old link reads this. One sentence.",
        validators=[
            InputRequired("Say why the page was withdrawn"),
            Length(max=LONGEST_REASON, message=f"Use {LONGEST_REASON} characters or fewer"),
        ],
    )


class IntoForm(FlaskForm):  # type: ignore[misc]
    """The page to merge into. Sent with GET, so that it has no token."""

    into = StringField(
        "Address of the other page",
        widget=GovTextInput(),
        description="Such as /referral/share",
        validators=[InputRequired("Type the address of the page to merge into")],
    )


class MergeForm(ActForm):
    """The text of the page that is left. `base` is a digest of what it was made from."""

    text = TextAreaField(
        "Text of the page that stays",
        widget=GovTextArea(),
        description="It ends with the words of the page that goes. Bring them together as they should read.",
        validators=[InputRequired("The page must have a text")],
    )
    into = HiddenField()
    base = HiddenField()
