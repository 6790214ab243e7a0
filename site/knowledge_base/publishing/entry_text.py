"""Change one entry of a data file's text, line by line: what stands elsewhere in it stays as it is, to the letter.

Whatever the lines look like, the outcome is read again: if anything else than what was asked has changed, nothing is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge_base.pages.strict_yaml import Value, YamlError, parse
from knowledge_base.publishing.errors import DataFileError

INDENT = "  "
LONGEST_LINE = 100
Fields = Mapping[str, Value]
KEY = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
_FIELD = re.compile(r"^(?P<indent> *)(?P<name>[\w-]+):(?:\s|$)")
_BLOCK = re.compile(r" *[\w-]+:[ \t]*[|>]")
_DASH = re.compile(r"-(?P<space> +)(?=\S)")
# What every reader of YAML takes for text.
_PLAIN = re.compile(r"[A-Za-z][\w £%()’'.,/@&+–-]*")
_NOT_TEXT = re.compile(r"(?i)(?:true|false|yes|no|on|off|null|y|n)")
_DAY_OR_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
ABOUT_KEYS = "Use lower-case letters, digits, hyphens and underscores in the name."


@dataclass(frozen=True)
class Piece:
    """The lines of an entry or a field, with the empty lines and comments before it."""

    lead: str
    text: str


def read_entries(text: str) -> dict[str, Value]:
    """Return the entries by their key; those of a list by their number, from 1. Raises DataFileError."""
    found = _read(text)
    if isinstance(found, list):
        return {str(number): entry for number, entry in enumerate(found, start=1)}
    return found if isinstance(found, dict) else {}


def change_entry(text: str, key: str, fields: Fields) -> str:
    """Return the text with these fields of an entry changed. None empties one. Raises DataFileError."""
    known = read_entries(text)
    entry = known.get(key)
    if not isinstance(entry, dict):
        message = "There is no such entry any more."
        raise DataFileError(message)
    every: dict[str, Value] = {**entry, **fields}
    wanted: dict[str, Value] = {name: value for name, value in every.items() if name in entry or not _is_empty(value)}
    pieces, end = cut_entries(text)
    piece = pieces[key]
    pieces[key] = Piece(piece.lead, _changed(piece.text, entry, wanted))
    return _checked(_joined(pieces, end), {**known, key: wanted})


def add_entry(text: str, key: str | None, fields: Fields, *, keep: frozenset[str] = frozenset()) -> str:
    """Return the text with one entry more, at its end. A list's has no key. Raises DataFileError.

    Of what is empty only the fields to `keep` get a line.
    """
    known = read_entries(text)
    wanted: dict[str, Value] = {name: value for name, value in fields.items() if name in keep or not _is_empty(value)}
    if key is not None and (key in known or not KEY.fullmatch(key)):
        message = "There is an entry of this name already." if key in known else ABOUT_KEYS
        raise DataFileError(message)
    start = text if not text or text.endswith("\n") else f"{text}\n"
    return _checked(start + _rendered(key, wanted), {**known, key or str(len(known) + 1): wanted})


def remove_entry(text: str, key: str) -> str:
    """Return the text without an entry. The comments above it stay. Raises DataFileError."""
    known = read_entries(text)
    if key not in known:
        message = "There is no such entry any more."
        raise DataFileError(message)
    pieces, end = cut_entries(text)
    pieces[key] = Piece(pieces[key].lead, "")
    left = {name: entry for name, entry in known.items() if name != key}
    is_list = isinstance(_read(text), list)
    expected = {str(number): one for number, one in enumerate(left.values(), 1)} if is_list else left
    return _checked(_joined(pieces, end), expected)


def cut_entries(text: str) -> tuple[dict[str, Piece], str]:
    """Return the lines of each entry, by its key, and what stands after the last. Raises DataFileError."""
    pieces: list[Piece] = []
    before, lead, body = "", "", ""
    for line in text.splitlines(keepends=True):
        if line.startswith(("#", "---")) or not line.strip():
            lead += line
        elif line[0] in " \t":
            # A comment or an empty line within an entry is part of it.
            body, lead = body + lead + line, ""
        else:
            if body:
                pieces.append(Piece(before, body))
            before, lead, body = lead, "", line
    if body:
        pieces.append(Piece(before, body))
    known = read_entries(text)
    if len(pieces) != len(known):
        raise DataFileError(_OTHERWISE)
    return dict(zip(known, pieces, strict=True)), lead


def text_for(text: str, is_seen: Callable[[Fields], bool]) -> str:
    """Return the text without the entries that are not for somebody, and without the comments beside those."""
    known = read_entries(text)
    pieces, end = cut_entries(text)
    seen = {key: pieces[key] for key, entry in known.items() if isinstance(entry, dict) and is_seen(entry)}
    is_end_seen = not pieces or next(reversed(pieces)) in seen
    return _joined(seen, end if is_end_seen else "")


_OTHERWISE = "This entry is written in a way that the form cannot change. Change it in a text editor."


def _read(text: str) -> Value:
    try:
        return parse(text).value
    except YamlError as error:
        message = f"The file cannot be read: {error}. Mend it in a text editor."
        raise DataFileError(message) from error


def _checked(text: str, expected: Mapping[str, Value]) -> str:
    try:
        found = read_entries(text)
    except DataFileError as error:
        raise DataFileError(_OTHERWISE) from error
    if found != expected or list(found) != list(expected):
        raise DataFileError(_OTHERWISE)
    return text


def _joined(pieces: Mapping[str, Piece], end: str) -> str:
    return "".join(piece.lead + piece.text for piece in pieces.values()) + end


def _changed(text: str, old: Fields, new: Fields) -> str:
    """Return an entry's lines with the fields that differ written anew."""
    first, *rest = text.splitlines(keepends=True)
    dash = _DASH.match(first)
    lines = [" " * len(dash[0]) + first[len(dash[0]) :], *rest] if dash else rest
    indent = re.match(" *", next((line for line in lines if _says_something(line)), INDENT))
    segments = _segments(lines, indent[0] if indent else INDENT)
    if not set(old) <= set(segments):
        # It stands on one line, {…}, or has names in quotation marks.
        if "#" in text:
            raise DataFileError(_OTHERWISE)
        return _rendered(None if dash else first.partition(":")[0], new)
    space = indent[0] if indent else INDENT
    written = ""
    for name, segment in segments.items():
        is_same = name not in new or old.get(name) == new[name]
        written += segment.lead + (segment.text if is_same else _replaced(segment.text, name, new[name], space))
    if written and not written.endswith("\n"):
        written += "\n"
    written += "".join(_field(name, value, space) for name, value in new.items() if name not in segments)
    return dash[0] + written[len(dash[0]) :] if dash else first + written


def _segments(lines: list[str], indent: str) -> dict[str, Piece]:
    """Return the lines of each field, with the comments above them."""
    segments: dict[str, Piece] = {}
    name, lead = "", ""
    for line in lines:
        found = _FIELD.match(line)
        if found and found["indent"] == indent:
            name = found["name"]
            segments[name], lead = Piece(lead, line), ""
        elif not name or not (_says_something(line) or _is_of_block(line, segments[name].text, indent)):
            lead += line
        else:
            segments[name], lead = Piece(segments[name].lead, segments[name].text + lead + line), ""
    if name:
        segments[name] = Piece(segments[name].lead, segments[name].text + lead)
    return segments


def _replaced(text: str, name: str, value: Value, indent: str) -> str:
    """Return a field's lines with another value. Comments among them go above it, those after it stay there."""
    first, *rest = text.splitlines(keepends=True)
    after: list[str] = []
    while rest and not _says_something(rest[-1]) and not rest[-1].startswith(f"{indent} "):
        after.insert(0, rest.pop())
    above = "" if _BLOCK.match(first) else "".join(line for line in rest if line.lstrip().startswith("#"))
    written = _field(name, value, indent)
    if (remark := _remark(first)) and written.count("\n") == 1:
        written = f"{written.rstrip()}{remark}\n"
    return above + written + "".join(after)


def _remark(line: str) -> str:
    """Return the comment at a line's end, with the spaces before it."""
    for found in re.finditer(r"[ \t]+#", line):
        try:
            if parse(line[: found.start()]) == parse(line):
                return line[found.start() :].rstrip()
        except YamlError:
            continue
    return ""


def _is_of_block(line: str, field: str, indent: str) -> bool:
    """Say whether a line belongs to a text of several lines, in which # begins no comment."""
    return _BLOCK.match(field) is not None and line.startswith(f"{indent} ")


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _rendered(key: str | None, fields: Fields) -> str:
    lines = "".join(_field(name, value, INDENT) for name, value in fields.items())
    return f"- {lines[2:]}" if key is None else f"{key}:\n{lines}"


def _field(name: str, value: Value, indent: str) -> str:
    line = f"{indent}{name}: {_written(value)}".rstrip() + "\n"
    if isinstance(value, dict) and len(line) > LONGEST_LINE:
        return f"{indent}{name}:\n" + "".join(_field(_name(one), more, indent * 2) for one, more in value.items())
    return line


def _name(name: str) -> str:
    return name if KEY.fullmatch(name) else f'"{name}"'


def _is_empty(value: Value) -> bool:
    return value is None or value in ([], {})


def _written(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_name(name)}: {_written(one)}" for name, one in value.items()) + "}"
    text = " ".join(value.split())
    if _DAY_OR_MONTH.fullmatch(text):
        return text
    if _PLAIN.fullmatch(text) and "," not in text and not _NOT_TEXT.fullmatch(text) and not text.endswith(" "):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
