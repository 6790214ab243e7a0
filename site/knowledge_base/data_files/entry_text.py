"""Change one entry of a data file's text, line by line: what stands elsewhere in it stays as it is, to the letter.

Whatever the lines look like, the outcome is read again: if anything else than what was asked has changed, nothing is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge_base.data_files.errors import DataFileError
from knowledge_base.pages.strict_yaml import Value, YamlError, parse

INDENT = "  "
Fields = Mapping[str, Value]
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
_FIELD = re.compile(r"^(?P<indent> *)(?P<name>[\w-]+):")
# What every reader of YAML takes for text.
_PLAIN = re.compile(r"[A-Za-z][\w £%()’'.,/@&+–-]*")
_NOT_TEXT = re.compile(r"(?i)(?:true|false|yes|no|on|off|null|y|n)")


@dataclass(frozen=True)
class _Piece:
    """An entry's lines, with the empty lines and comments before it."""

    lead: str
    text: str


def read_entries(text: str) -> dict[str, Value]:
    """Return the entries by their key; those of a list by their number, from 1. Raises DataFileError."""
    try:
        found = parse(text).value
    except YamlError as error:
        message = f"The file cannot be read: {error}. Mend it in a text editor first"
        raise DataFileError(message) from error
    if isinstance(found, list):
        return {str(number): entry for number, entry in enumerate(found, start=1)}
    return found if isinstance(found, dict) else {}


def change_entry(text: str, key: str, fields: Fields) -> str:
    """Return the text with these fields of an entry changed. None empties one. Raises DataFileError."""
    known = read_entries(text)
    entry = known.get(key)
    if not isinstance(entry, dict):
        message = "There is no such entry any more"
        raise DataFileError(message)
    every: dict[str, Value] = {**entry, **fields}
    wanted: dict[str, Value] = {
        name: value for name, value in every.items() if name in entry or value not in (None, [])
    }
    pieces, end = _pieces(text)
    number = list(known).index(key)
    piece = pieces[number]
    pieces[number] = _Piece(piece.lead, _changed(piece.text, entry, wanted))
    expected: dict[str, Value] = dict(known)
    expected[key] = wanted
    return _checked(_joined(pieces, end), expected)


def add_entry(text: str, key: str | None, fields: Fields) -> str:
    """Return the text with one entry more, at its end. A list's has no key. Raises DataFileError."""
    known = read_entries(text)
    wanted: dict[str, Value] = {name: value for name, value in fields.items() if value not in (None, [])}
    if key is not None and (key in known or not _KEY.fullmatch(key)):
        message = "There is an entry of this name already" if key in known else _ABOUT_KEYS
        raise DataFileError(message)
    body = _rendered(key, wanted)
    start = text if not text or text.endswith("\n") else f"{text}\n"
    expected: dict[str, Value] = dict(known)
    expected[key or str(len(known) + 1)] = wanted
    return _checked(start + body, expected)


def remove_entry(text: str, key: str) -> str:
    """Return the text without an entry. The comments above it stay. Raises DataFileError."""
    known = read_entries(text)
    if key not in known:
        message = "There is no such entry any more"
        raise DataFileError(message)
    pieces, end = _pieces(text)
    number = list(known).index(key)
    pieces[number] = _Piece(pieces[number].lead, "")
    left = [entry for name, entry in known.items() if name != key]
    names = [name for name in known if name != key]
    is_list = bool(known) and text_is_list(text)
    expected = {str(n): one for n, one in enumerate(left, 1)} if is_list else dict(zip(names, left, strict=True))
    return _checked(_joined(pieces, end), expected)


def text_is_list(text: str) -> bool:
    """Say whether the file is a list of entries, which have no keys."""
    return re.search(r"^- ", text, re.MULTILINE) is not None


_ABOUT_KEYS = "Use lower-case letters, digits, hyphens and underscores in the name"


def _checked(text: str, expected: Mapping[str, Value]) -> str:
    if read_entries(text) != expected or list(read_entries(text)) != list(expected):
        message = "This entry is written in a way that the form cannot change. Change it in a text editor"
        raise DataFileError(message)
    return text


def _pieces(text: str) -> tuple[list[_Piece], str]:
    """Cut the text at its entries. Returns them, and what stands after the last."""
    pieces: list[_Piece] = []
    before, lead, body = "", "", ""
    for line in text.splitlines(keepends=True):
        if line.startswith(("#", "\n")) or not line.strip():
            lead += line
        elif line[0] in " \t":
            # A comment or an empty line within an entry is part of it.
            body, lead = body + lead + line, ""
        else:
            if body:
                pieces.append(_Piece(before, body))
            before, lead, body = lead, "", line
    if body:
        pieces.append(_Piece(before, body))
    return pieces, lead


def _joined(pieces: list[_Piece], end: str) -> str:
    return "".join(piece.lead + piece.text for piece in pieces) + end


def _changed(text: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    """Return an entry's lines with the fields that differ written anew."""
    first, *rest = text.splitlines(keepends=True)
    is_list = first.startswith("- ")
    lines = [f"{INDENT}{first[2:]}", *rest] if is_list else rest
    if not lines:
        # It stands on one line: {…}.
        return _rendered(first.partition(":")[0], new)
    segments = _segments(lines)
    if not set(old) <= set(segments):
        return _rendered(None if is_list else first.partition(":")[0], new)
    written = ""
    for name, segment in segments.items():
        is_same = name not in new or old.get(name) == new[name]
        written += segment.lead + (segment.text if is_same else _field(name, new[name]))
    if written and not written.endswith("\n"):
        written += "\n"
    written += "".join(_field(name, value) for name, value in new.items() if name not in segments)
    return f"- {written[2:]}" if is_list else first + written


def _segments(lines: list[str]) -> dict[str, _Piece]:
    """Return the lines of each field, with the comments above them."""
    segments: dict[str, _Piece] = {}
    name, lead = "", ""
    for line in lines:
        found = _FIELD.match(line)
        if found and found["indent"] == INDENT:
            name = found["name"]
            segments[name], lead = _Piece(lead, line), ""
        elif not name or not line.strip() or line.lstrip().startswith("#"):
            lead += line
        else:
            segments[name], lead = _Piece(segments[name].lead, segments[name].text + lead + line), ""
    if name:
        segments[name] = _Piece(segments[name].lead, segments[name].text + lead)
    return segments


def _rendered(key: str | None, fields: Fields) -> str:
    lines = "".join(_field(name, value) for name, value in fields.items())
    return f"- {lines[2:]}" if key is None else f"{key}:\n{lines}"


def _field(name: str, value: Value) -> str:
    written = _written(value)
    return f"{INDENT}{name}: {written}\n" if written else f"{INDENT}{name}:\n"


def _written(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_written(one)}" for name, one in value.items()) + "}"
    text = " ".join(value.split())
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
        return text
    if _PLAIN.fullmatch(text) and "," not in text and not _NOT_TEXT.fullmatch(text) and not text.endswith(" "):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
