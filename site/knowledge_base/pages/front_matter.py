"""Read a page's header: the YAML between two lines of hyphens at the top of its file.

A header that cannot be read fully is an error, never a guess: a page whose audience is unknown must not be served.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from knowledge_base.pages.page import PageMeta, SourceReference, Status

HEADER = re.compile(r"\A---[ \t]*\n(?P<header>.*?)^---[ \t]*(?:\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
FIRST_HEADER_LINE = 2
# Deep nesting in a long one would take YAML's parser, which is written in C, down with the whole process.
LONGEST_HEADER = 8_000

MESSAGES = {
    "extra_forbidden": "is not a key that a header may have",
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list, in square brackets",
    "literal_error": "must be current or superseded",
}


@dataclass(frozen=True)
class HeaderFault:
    """One thing wrong with a header. `line` counts from the top of the file."""

    line: int
    message: str


class FrontMatterError(Exception):
    """A page's header cannot be read. Holds every fault found, in the file's order."""

    def __init__(self, *faults: HeaderFault) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.message}" for fault in faults))
        self.faults = faults


class _HeaderLoader(yaml.CSafeLoader):
    """YAML that leaves dates as text, so that an impossible one is reported with its key."""


_HeaderLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _a_day(value: object) -> date | None:
    if value is None:
        return None
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        message = "must be a date such as 2026-11-01"
        raise ValueError(message) from None


def _an_address(value: str) -> str:
    if not re.fullmatch(r"/[a-z0-9/-]*(#[\w-]+)?", value):
        message = "must be an address on this site, such as /referral/share"
        raise ValueError(message)
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[date | None, BeforeValidator(_a_day)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: Text
    summary: Text
    audience: Text | None = None
    owner: Text | None = None
    last_reviewed: Day = None
    review_by: Day = None
    status: Literal["current", "superseded"] = "current"
    superseded_by: Annotated[str, AfterValidator(_an_address)] | None = None
    sources: Texts = ()
    keywords: Texts = ()
    order: int = 1000
    guide: bool = False

    @model_validator(mode="after")
    def _superseded_says_by_what(self) -> "_Header":
        if self.superseded_by and self.status != "superseded":
            message = "'superseded_by' goes with 'status: superseded'"
            raise ValueError(message)
        return self


def split(text: str) -> tuple[str, str, int]:
    """Return the header's YAML, the body, and the line on which the body starts. Raises FrontMatterError."""
    found = HEADER.match(text)
    if not found:
        reason = "the header does not end: no second line of three hyphens" if text.startswith("---") else "no header"
        raise FrontMatterError(HeaderFault(1, f"{reason} (docs/writing.md shows one)"))
    return found["header"], found["body"], found["header"].count("\n") + FIRST_HEADER_LINE + 1


def parse(header: str, *, audiences: Container[str]) -> PageMeta:
    """Turn a header's YAML into the page's metadata. Raises FrontMatterError with every fault and its line."""
    values, lines = _read_yaml(header)
    _check_audience(values, lines, audiences)
    try:
        fields = _Header.model_validate(values)
    except ValidationError as error:
        raise FrontMatterError(*sorted(_faults(error, lines), key=attrgetter("line"))) from error
    return PageMeta(
        **fields.model_dump(exclude={"status", "sources"}),
        status=Status(fields.status),
        sources=tuple(_source_reference(source) for source in fields.sources),
    )


def read_audience(header: str, *, audiences: Container[str]) -> str | None:
    """Return the audience of a header that may have faults elsewhere: a folder needs it for the pages below.

    Raises FrontMatterError when the audience is in doubt. An unknown key might be a misspelt `audience`.
    """
    values, lines = _read_yaml(header)
    for key in values:
        if key not in _Header.model_fields:
            raise FrontMatterError(HeaderFault(lines[key], f"'{key}' {MESSAGES['extra_forbidden']}"))
    _check_audience(values, lines, audiences)
    audience = values.get("audience")
    return None if audience is None else str(audience)


def _check_audience(values: dict[str, object], lines: dict[str, int], audiences: Container[str]) -> None:
    if "audience" not in values:
        return
    audience = values["audience"]
    if not isinstance(audience, str) or audience not in audiences:
        message = f"'{audience}' is not an audience of content/_data/audiences.yml, so nobody may read this page"
        raise FrontMatterError(HeaderFault(lines["audience"], message))


def _source_reference(text: str) -> SourceReference:
    source, _, part = text.partition("#")
    return SourceReference(source=source, part=part)


def _read_yaml(header: str) -> tuple[dict[str, object], dict[str, int]]:
    """Return the header's values and the line of each key. Refuses YAML that is not one mapping of distinct names."""
    if len(header) > LONGEST_HEADER:
        message = f"the header is longer than {LONGEST_HEADER} characters"
        raise FrontMatterError(HeaderFault(FIRST_HEADER_LINE, message))
    if any(isinstance(event, yaml.AliasEvent) for event in _events(header)):
        raise FrontMatterError(HeaderFault(FIRST_HEADER_LINE, "a header cannot use YAML's * references"))
    loader = _HeaderLoader(header)
    try:
        node = loader.get_single_node()
        lines = _lines_of_keys(node)
        values = loader.construct_document(node) if node else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = header.rstrip().count("\n")
        line = (min(mark.line, last) if mark else 0) + FIRST_HEADER_LINE
        problem = getattr(error, "problem", None) or str(error)
        if "mapping values are not allowed" in problem:
            problem = "a value with a colon in it must stand in double quotes"
        raise FrontMatterError(HeaderFault(line, f"the header cannot be read: {problem}")) from error
    finally:
        loader.dispose()
    return values, lines


def _events(header: str) -> list[yaml.Event]:
    try:
        return list(yaml.parse(header, Loader=_HeaderLoader))
    except yaml.YAMLError:
        return []  # said with its line when the header is composed


def _lines_of_keys(node: yaml.Node | None) -> dict[str, int]:
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise FrontMatterError(HeaderFault(FIRST_HEADER_LINE, "the header must be lines of 'key: value'"))
    lines: dict[str, int] = {}
    for key, _value in node.value:
        line = key.start_mark.line + FIRST_HEADER_LINE
        if not isinstance(key, yaml.ScalarNode):
            raise FrontMatterError(HeaderFault(line, "a key must be one word"))
        if key.value in lines:
            raise FrontMatterError(HeaderFault(line, f"'{key.value}' stands twice"))
        lines[key.value] = line
    return lines


def _faults(error: ValidationError, lines: dict[str, int]) -> Iterator[HeaderFault]:
    for one in error.errors(include_url=False):
        key = str(one["loc"][0]) if one["loc"] else ""
        yield HeaderFault(lines.get(key, FIRST_HEADER_LINE), _message(one, key))


def _message(one: Any, key: str) -> str:  # noqa: ANN401 - pydantic's error details are a typed dict per error
    said = MESSAGES.get(one["type"]) or str(one["msg"]).removeprefix("Value error, ")
    return f"'{key}' {said}" if key else said
