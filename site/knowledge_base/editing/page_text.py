"""A page's file as form fields and back. The text changes only where a field changed: comments and the rest stay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from knowledge_base.audit.forms import read_day
from knowledge_base.pages import strict_yaml
from knowledge_base.pages.front_matter import HEADER
from knowledge_base.pages.strict_yaml import YamlError

# In the order in which a new page has them.
KEYS = (
    *("title", "summary", "audience", "owner", "last_reviewed", "review_by", "status", "superseded_by"),
    *("sources", "keywords", "order", "guide", "record_reading", "publishing"),
)
LISTS = frozenset({"sources", "keywords"})
DAYS = frozenset({"last_reviewed", "review_by"})
# What YAML would not read as the text that it is stands in quotation marks.
_PLAIN = re.compile(r"[A-Za-z0-9/£(][^:#\[\]{},&*!|>'\"%@`\x00-\x1f]*(?<! )")
_NO_TEXT = re.compile(r"(?:~|null|true|false|yes|no|on|off|[-+.\d][\d._eExXoO+-]*)", re.IGNORECASE)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Fields = Mapping[str, str]


class NoFieldsError(Exception):
    """The text has no header that fields could show, so that it is edited as a whole."""


@dataclass(frozen=True)
class PageText:
    """A page's file: its header as fields, and its body. `body_line` is the body's first line in the file."""

    fields: Fields
    body: str
    body_line: int


def read_page_text(text: str) -> PageText:
    """Return what the fields of a form show. Raises NoFieldsError.

    A list has a line for each entry, a day is written as people write it. What is no day is shown as it stands.
    """
    header, body = _cut(text)
    values = _values(text[header])
    fields = {key: _shown(key, values[key]) for key in KEYS if key in values}
    start = body.start + _leading_lines(text[body])
    return PageText(fields, text[start:].rstrip("\n"), text.count("\n", 0, start) + 1)


def write_page_text(text: str, *, fields: Fields, body: str) -> str:
    """Return the text with these fields and this body. An empty field takes its key away; one not named stays.

    Raises NoFieldsError when the text's header cannot be shown in fields.
    """
    shown = read_page_text(text)
    header = text[_cut(text)[0]]
    for key in KEYS:
        wanted = _tidy(key, fields[key]) if key in fields else None
        if wanted is not None and wanted != _tidy(key, shown.fields.get(key, "")):
            header = _with_value(header, key, _written(key, wanted))
    parts = _cut(text)
    body = body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    old_body = text[parts[1]]
    if body != shown.body:
        lead = "\n" * (_leading_lines(old_body) if shown.body else 1)
        old_body = f"{lead}{body.lstrip(chr(10))}\n" if body else ""
    return text[: parts[0].start] + header + text[parts[0].stop : parts[1].start] + old_body


def lines_of_keys(text: str) -> Mapping[str, int]:
    """Return the line of the file on which each key of the header stands. Empty for a header that cannot be read."""
    try:
        header = text[_cut(text)[0]]
        return {key: line + 1 for key, line in strict_yaml.parse(header).lines.items()}
    except (NoFieldsError, YamlError):
        return {}


def _cut(text: str) -> tuple[slice, slice]:
    found = HEADER.match(text)
    if not found:
        message = "There is no header."
        raise NoFieldsError(message)
    return slice(*found.span("header")), slice(*found.span("body"))


def _leading_lines(body: str) -> int:
    return len(body) - len(body.lstrip("\n"))


def _values(header: str) -> Mapping[str, str | list[str]]:
    try:
        found = strict_yaml.parse(header).value
    except YamlError as error:
        raise NoFieldsError(str(error)) from error
    if not isinstance(found, dict):
        if found is None:
            return {}
        message = "The header is no list of keys."
        raise NoFieldsError(message)
    values: dict[str, str | list[str]] = {}
    for key in found.keys() & set(KEYS):
        value = found[key]
        if isinstance(value, list) and key in LISTS and all(isinstance(one, str) for one in value):
            values[key] = [str(one) for one in value]
        elif value is None or isinstance(value, str):
            values[key] = value or ""
        else:
            message = f"'{key}' holds more than a field can show."
            raise NoFieldsError(message)
    return values


def _shown(key: str, value: str | list[str]) -> str:
    if isinstance(value, list):
        return "\n".join(" ".join(one.split()) for one in value)
    if key in DAYS and _ISO_DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return f"{day.day}/{day.month}/{day.year}"
    return " ".join(value.split())


def _tidy(key: str, typed: str) -> str:
    """Return what was typed in the one form in which it is compared and written."""
    if key in LISTS:
        return "\n".join(filter(None, map(_on_one_line, typed.splitlines())))
    tidy = _on_one_line(typed)
    if key in DAYS and tidy:
        try:
            return read_day(tidy).isoformat()
        except ValueError:
            return tidy
    return tidy


def _on_one_line(typed: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def _written(key: str, value: str) -> str | None:
    """Return a value as YAML, or None for one that is to be left out."""
    if not value:
        return None
    if key in LISTS:
        return f"[{', '.join(map(_quoted, value.splitlines()))}]"
    return value if _ISO_DAY.fullmatch(value) else _quoted(value)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value) and not _NO_TEXT.fullmatch(value):
        return value
    if value.isdecimal() or value in {"true", "false"}:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _with_value(header: str, key: str, value: str | None) -> str:
    """Return the header with another value of one key, or without the key."""
    spans = _spans(header)
    if key in spans:
        start, end = spans[key]
        if value is not None:
            return f"{header[:start]}{key}: {value}{header[end:]}"
        line_end = header.find("\n", end)
        return header[:start] + (header[line_end + 1 :] if line_end >= 0 else "")
    if value is None:
        return header
    before = [spans[one][1] for one in KEYS[: KEYS.index(key)] if one in spans]
    place = header.find("\n", max(before)) + 1 if before else 0
    return f"{header[:place]}{key}: {value}\n{header[place:]}"


def _spans(header: str) -> Mapping[str, tuple[int, int]]:
    """Return where in the header each key begins and its value ends."""
    node = yaml.compose(header, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {
        str(key.value): (key.start_mark.index, max(_end_of(value, header), key.end_mark.index + 1))
        for key, value in node.value
    }


def _end_of(node: yaml.Node, header: str) -> int:
    """Return where a value ends. YAML's own mark of a list without brackets is after the comments below it."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end_of(node.value[-1], header)
    end: int = node.end_mark.index
    return len(header[:end].rstrip()) if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"} else end
