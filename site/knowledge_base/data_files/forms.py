"""The form of an entry, made of what its file holds; and that of confirming values."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextArea, GovTextInput
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from knowledge_base.data_files.confirming import LONGEST_ROLE
from knowledge_base.data_files.kinds import DataFile, FieldKind
from knowledge_base.pages.strict_yaml import Value
from knowledge_base.publishing.changes import LONGEST_NOTE

LONGEST_VALUE = 2_000
# So that no field of an entry can be taken for one of the form's own.
PREFIX = "field-"


class NoteForm(FlaskForm):  # type: ignore[misc]
    """What each change of an entry asks. `was` is a digest of what the form was filled with."""

    note = TextAreaField(
        "What changed, for readers",
        widget=GovTextArea(),
        description="One or two sentences. They are kept in the history.",
        validators=[InputRequired("Say what changed, for readers"), Length(max=LONGEST_NOTE)],
    )
    name = HiddenField()
    was = HiddenField()


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """As what a person confirms values. It is remembered until they sign out."""

    role = StringField(
        "Your role",
        widget=GovTextInput(),
        description="It stands beside the value, never your name. Such as Head of children’s services",
        validators=[
            InputRequired("Type your role first"),
            Length(max=LONGEST_ROLE, message=f"Use {LONGEST_ROLE} characters or fewer"),
        ],
    )
    entry = HiddenField()


def entry_form(file: DataFile, fields: Mapping[str, Value] | None, **data: object) -> NoteForm:
    """Return the form of an entry, filled in from one that is there, or empty for a new one."""
    made: dict[str, Any] = {f"{PREFIX}{kind.name}": _field(kind) for kind in file.fields}
    if fields is None and file.has_keys:
        hint = "Pages and other files know it by this. It cannot be changed later. Such as duty-desk"
        made["key"] = StringField(
            "Short name", widget=GovTextInput(), description=hint, validators=[InputRequired("Type a short name")]
        )
    kind = type("EntryForm", (NoteForm,), made)
    filled = {f"{PREFIX}{one.name}": _shown((fields or {}).get(one.name)) for one in file.fields}
    form: NoteForm = kind(data={**filled, "was": digest_of(fields), **data})
    return form


def typed_fields(form: NoteForm, file: DataFile) -> dict[str, Value]:
    """Return what was typed, as the file holds it. What the form does not show is not in it."""
    found: dict[str, Value] = {}
    for kind in file.fields:
        text = (form[f"{PREFIX}{kind.name}"].data or "").replace("\r\n", "\n")
        lines: list[Value] = [line.strip() for line in text.split("\n") if line.strip()]
        found[kind.name] = (lines or None) if kind.is_list else (" ".join(text.split()) or None)
    return found


def digest_of(fields: Mapping[str, Value] | None) -> str:
    """Return one word for an entry, by which a form knows whether it is still as it was."""
    return hashlib.sha256(repr(fields).encode()).hexdigest()


def _field(kind: FieldKind) -> Any:  # noqa: ANN401 - wtforms makes the field when the form is made
    validators: list[Any] = [Length(max=LONGEST_VALUE, message=f"Use {LONGEST_VALUE} characters or fewer")]
    if kind.is_required:
        validators.append(InputRequired(f"Fill in: {kind.label.lower()}"))
    if kind.is_list:
        return TextAreaField(kind.label, widget=GovTextArea(), description=kind.hint, validators=validators)
    return StringField(kind.label, widget=GovTextInput(), description=kind.hint, validators=validators)


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return str(value or "")
