"""The form of an entry, made of what its file holds; and that of confirming values."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from knowledge_base.access.audiences import OPEN
from knowledge_base.data_files.confirming import LONGEST_ROLE
from knowledge_base.data_files.kinds import DataFile, FieldKind
from knowledge_base.pages.strict_yaml import Value
from knowledge_base.publishing.entry_text import ABOUT_KEYS, KEY, Fields
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.permission import AUDIENCE

LONGEST_VALUE = 2_000
LONGEST_LIST = 10_000
# So that no field of an entry can be taken for one of the form's own.
PREFIX = "field-"
Typed = Mapping[str, str]


class EntryForm(FlaskForm):  # type: ignore[misc]
    """What each change of an entry sends. `was` is a digest of what the form was filled with."""

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


def entry_form(
    file: DataFile, fields: Fields | None, *, audiences: Mapping[str, str], typed: Typed | None = None
) -> EntryForm:
    """Return the form of an entry, filled in from one that is there, or empty for a new one.

    `audiences` are those that can be chosen, with their titles. `typed` is what was sent before and not saved.
    """
    made: dict[str, Any] = {f"{PREFIX}{kind.name}": _field(kind) for kind in file.fields}
    if fields is None and file.has_keys:
        hint = "Pages and other files know it by this. It cannot be changed later. Such as duty-desk"
        made["key"] = StringField(
            "Short name",
            widget=GovTextInput(),
            description=hint,
            filters=[lambda typed: (typed or "").strip()],
            validators=[InputRequired("Type a short name"), Regexp(KEY, message=ABOUT_KEYS.rstrip("."))],
        )
    kind = type("FilledEntryForm", (EntryForm,), made)
    filled = {f"{PREFIX}{one.name}": _shown((fields or {}).get(one.name)) for one in file.fields}
    kept = {} if typed is None else {"formdata": MultiDict(typed)}
    form: EntryForm = kind(data={**filled, "was": digest_of(fields)}, **kept)
    for one in file.fields:
        if one.name == AUDIENCE or one.choices:
            field = form[f"{PREFIX}{one.name}"]
            field.choices = _choices(one, audiences, present=field.data or "")
            field.data = field.data or field.choices[0][0]
    return form


def typed_fields(form: EntryForm, file: DataFile) -> dict[str, Value]:
    """Return what was typed, as the file holds it. What the form does not show is not in it. Raises DataFileError."""
    found: dict[str, Value] = {}
    for kind in file.fields:
        text = (form[f"{PREFIX}{kind.name}"].data or "").replace("\r\n", "\n")
        lines = [" ".join(_seen(line).split()) for line in text.split("\n") if _seen(line).strip()]
        if kind.has_parts:
            found[kind.name] = _parts(lines) or None
        else:
            found[kind.name] = (list(lines) or None) if kind.is_list else (" ".join(lines) or None)
    return found


def digest_of(fields: Fields | None) -> str:
    """Return one word for an entry, by which a form knows whether it is still as it was."""
    return hashlib.sha256(repr(fields).encode()).hexdigest()


def _parts(lines: list[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for line in lines:
        name, colon, words = line.partition(":")
        if not (name.strip() and colon and words.strip()):
            message = (
                f"Write each part on a line of its own: its short name, a colon, and words. This one is not: {line}."
            )
            raise DataFileError(message)
        if name.strip() in found:
            message = f"Two parts have the name {name.strip()}."
            raise DataFileError(message)
        found[name.strip()] = words.strip()
    return found


def _choices(kind: FieldKind, audiences: Mapping[str, str], *, present: str) -> list[tuple[str, str]]:
    known = [(one, one.capitalize()) for one in kind.choices]
    if kind.name == AUDIENCE:
        known = [(OPEN if kind.is_required else "", "Everybody"), *audiences.items()]
    return known if not present or present in dict(known) else [*known, (present, present)]


def _field(kind: FieldKind) -> Any:  # noqa: ANN401 - wtforms makes the field when the form is made
    longest = LONGEST_LIST if kind.is_list or kind.has_parts else LONGEST_VALUE
    validators: list[Any] = [Length(max=longest, message=f"Use {longest:,} characters or fewer")]
    if kind.is_required:
        validators.append(InputRequired(f"Fill in: {kind.label.lower()}"))
    if kind.name == AUDIENCE or kind.choices:
        return SelectField(kind.label, widget=GovSelect(), description=kind.hint, choices=[], validate_choice=False)
    many = kind.is_list or kind.has_parts
    field, widget = (TextAreaField, GovTextArea()) if many else (StringField, GovTextInput())
    return field(kind.label, widget=widget, description=kind.hint, validators=validators)


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {' '.join(str(one or '').split())}" for name, one in value.items())
    return str(value or "")


def _seen(line: str) -> str:
    """Return a line without signs that cannot be seen, which no file may hold."""
    return "".join(sign if sign.isprintable() else " " for sign in line)
