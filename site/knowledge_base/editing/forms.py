"""The forms of the editor. What somebody typed is always shown again, whatever is wrong with it."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovFileInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from knowledge_base.access.audiences import Audiences
from knowledge_base.approval.forms import WhenFields
from knowledge_base.editing.page_text import KEYS, NoFieldsError, read_page_text, write_page_text
from knowledge_base.publishing.changes import LONGEST_NOTE

# Headings of a preview have their words as identifiers: those of fields must be none of them.
PREFIX = "kb-"
DAY = "A day, such as 27/3/2027."
ONE_LINE_EACH = "One on each line."
FOLDER_ONLY = frozenset({"guide", "record_reading", "publishing"})
CHOICES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "status": (("current", "Current"), ("superseded", "Superseded: kept for the record")),
    "guide": (("false", "No"), ("true", "Yes: with “Previous” and “Next”")),
    "record_reading": (("false", "No"), ("true", "Yes: who reads them is recorded")),
    "publishing": (("one-person", "One person is enough"), ("two-person", "A second person must approve it")),
}


def _choice(label: str, **options: Any) -> SelectField:  # noqa: ANN401 - what the field takes
    return SelectField(label, widget=GovSelect(), validate_choice=False, **options)


class PageForm(FlaskForm):  # type: ignore[misc]
    """A page: its header as fields, and its text. A page without a readable header has its whole file in `body`."""

    class Meta:
        """The token is checked for the whole site, and its field must have its usual name."""

        csrf = False

    title = StringField("Title", widget=GovTextInput(), description="The page’s main heading, in sentence case.")
    summary = TextAreaField(
        "Summary",
        widget=GovTextArea(),
        description="One sentence, shown under the title in lists and search results.",
    )
    audience = _choice("Who may read it", description="A page can be for fewer people than its folder, never for more.")
    owner = StringField(
        "Owner", widget=GovTextInput(), description="The role that answers for the page. Never a person’s name."
    )
    last_reviewed = StringField("Last reviewed", widget=GovTextInput(), description=DAY)
    review_by = StringField("Review by", widget=GovTextInput(), description=f"{DAY} After it readers see a warning.")
    status = _choice("Status")
    superseded_by = StringField(
        "Superseded by",
        widget=GovTextInput(),
        description="The address of the page that replaced it, such as /referral/share.",
    )
    sources = TextAreaField(
        "Sources",
        widget=GovTextArea(),
        description=f"{ONE_LINE_EACH} The name in the register of sources, then # and the part of the document.",
    )
    keywords = TextAreaField(
        "Keywords", widget=GovTextArea(), description=f"{ONE_LINE_EACH} Words that readers use and the page does not."
    )
    order = StringField("Place in its folder", widget=GovTextInput(), description="A whole number. Lower is earlier.")
    guide = _choice("Is the folder a guide to be read in order?")
    record_reading = _choice("Record who reads the folder’s pages?")
    publishing = _choice("What does a change of the folder’s pages take?")
    body = TextAreaField("Text", widget=GovTextArea())
    version = HiddenField()
    holder = HiddenField()

    def __init__(self, text: str, *, is_index: bool, audiences: Mapping[str, str], sent: bool, version: int) -> None:
        try:
            page = read_page_text(text)
            self.is_whole, fields, body = False, dict(page.fields), page.body
        except NoFieldsError:
            self.is_whole, fields, body = True, {}, text
        super().__init__(request.form if sent else None, prefix=PREFIX, body=body, version=str(version), **fields)
        for key in KEYS:
            if self.is_whole or (key in FOLDER_ONLY and not is_index and key not in fields):
                del self[key]
            elif key in CHOICES or key == "audience":
                given = CHOICES.get(key) or _audience_choices(audiences)
                self[key].choices = _with_present(given, fields.get(key, ""))
                self[key].data = self[key].data or ""

    @property
    def more(self) -> list[Any]:
        """The fields that are folded away: all of the header but the title and the summary."""
        return [self[key] for key in KEYS[2:] if key in self]


def typed_text(text: str) -> str:
    """Return a page's text with what a form of it holds. What the form has no field for stays."""
    sent = request.form
    if f"{PREFIX}body" not in sent:
        return text
    body = sent[f"{PREFIX}body"]
    if "whole" in sent:
        return body
    fields = {key: sent[f"{PREFIX}{key}"] for key in KEYS if f"{PREFIX}{key}" in sent}
    try:
        return write_page_text(text, fields=fields, body=body)
    except NoFieldsError:
        # Another window made the header unreadable. What was typed here is what counts.
        return write_page_text("---\n---\n", fields=fields, body=body)


class PublishForm(WhenFields, FlaskForm):  # type: ignore[misc]
    """What to tell readers of a change, that its warnings were looked at, and when it is to go live."""

    note = TextAreaField(
        "What changed, for readers",
        widget=GovTextArea(),
        description="One or two sentences. They are shown in the page’s history and in the list of changes.",
        validators=[
            InputRequired("Say what changed, for readers"),
            Length(max=LONGEST_NOTE, message=f"The change note must be {LONGEST_NOTE} characters or fewer"),
        ],
    )
    is_minor = BooleanField("This is a small correction: tell nobody", widget=GovCheckboxInput())
    warnings = HiddenField()
    name = HiddenField()
    version = HiddenField()
    holder = HiddenField()
    read_warnings = BooleanField("I have looked at the warnings and want to go on", widget=GovCheckboxInput())

    @property
    def typed(self) -> dict[str, str]:
        """What is worth keeping. A tick at the warnings is kept as the digest of those that it was for."""
        return {
            "note": self.note.data or "",
            "is_minor": "yes" if self.is_minor.data else "",
            "warnings": (self.warnings.data or "") if self.read_warnings.data else "",
            "day": self.day.data or "",
            "time": self.time.data or "",
        }


class MergeForm(FlaskForm):  # type: ignore[misc]
    """One text out of two, sent as the editor sends a whole text."""

    body = TextAreaField("The text to go on with", widget=GovTextArea())
    theirs = HiddenField()
    version = HiddenField()
    holder = HiddenField()

    class Meta:
        """The token is checked for the whole site, and its field must have its usual name."""

        csrf = False


def audience_titles(audiences: Audiences, names: frozenset[str]) -> dict[str, str]:
    """Return the audiences that can be chosen, with what people call them."""
    return {name: audiences.title_of(name) for name in audiences.by_name if name in names}


def _audience_choices(audiences: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (("", "Everybody who may read its folder"), ("open", "Everybody"), *audiences.items())


def _with_present(choices: tuple[tuple[str, str], ...], present: str) -> list[tuple[str, str]]:
    """Return the choices such that what the header says, or does not say, is one of them and stays as it is."""
    known = dict(choices)
    if present and present not in known:
        return [*choices, (present, present)]
    if not present and "" not in known:
        return [("", choices[0][1]), *choices[1:]]
    return list(choices)


class ImportForm(FlaskForm):  # type: ignore[misc]
    """A Word document, and where its page is to stand."""

    file = FileField(
        "Word document",
        widget=GovFileInput(),
        description="A .docx file, up to 10 MB.",
        validators=[FileRequired("Choose a Word document")],
    )
    folder = _choice("Folder")
    name = StringField(
        "Name in the address",
        widget=GovTextInput(),
        description="The last part of the page’s address, such as how-to-refer. Left empty, the file’s name is used.",
    )

    def __init__(self, folders: list[tuple[str, str]], *, sent: bool) -> None:
        # Without being told what to take, it takes what was sent, its file too.
        super().__init__(**({} if sent else {"formdata": None}))
        self.folder.choices = folders
        self._known = frozenset(folder for folder, _ in folders)

    def validate_folder(self, field: SelectField) -> None:
        """Refuse a folder that was not offered."""
        if field.data not in self._known:
            message = "Choose a folder"
            raise ValidationError(message)


class LinkForm(FlaskForm):  # type: ignore[misc]
    """For how long a link works."""

    lasts = RadioField(
        "How long does the link work?",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose how long the link works")],
    )

    def __init__(self, *, sent: bool) -> None:
        super().__init__(request.form if sent else None)
        self.lasts.choices = [("day", "A day"), ("week", "A week"), ("month", "30 days")]
