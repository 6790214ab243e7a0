"""Read a page's header: the YAML between two lines of hyphens at the top of its file.

A header that cannot be read fully is an error, never a guess: a page whose audience is unknown must not be served.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from operator import attrgetter
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from knowledge_base.pages import strict_yaml
from knowledge_base.pages.page import PageMeta, Publishing, SourceReference, Status
from knowledge_base.pages.strict_yaml import Day, Text, YamlError

HEADER = re.compile(r"\A---[ \t]*\n(?P<header>.*?)^---[ \t]*(?:\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
FIRST_HEADER_LINE = 2
LONGEST_HEADER = 8_000
AUDIENCE = "audience"
RECORD_READING = "record_reading"
PUBLISHING = "publishing"

MESSAGES = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "tuple_type": "must be a list, in square brackets",
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


def _a_whole_number(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    message = "must be a whole number"
    raise ValueError(message)


def _true_or_false(value: object) -> bool:
    if value not in {"true", "false"}:
        message = "must be true or false"
        raise ValueError(message)
    return value == "true"


def _an_address(value: str) -> str:
    if not re.fullmatch(r"/[a-z0-9/-]*(#[\w-]+)?", value):
        message = "must be an address on this site, such as /referral/share"
        raise ValueError(message)
    return value


Texts = Annotated[tuple[Text, ...], Field(strict=False)]


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: Text
    summary: Text
    audience: Text | None = None
    owner: Text | None = None
    last_reviewed: Day | None = None
    review_by: Day | None = None
    status: Literal["current", "superseded"] = "current"
    superseded_by: Annotated[str, AfterValidator(_an_address)] | None = None
    sources: Texts = ()
    keywords: Texts = ()
    order: Annotated[int, BeforeValidator(_a_whole_number)] = 1000
    guide: Annotated[bool, BeforeValidator(_true_or_false)] = False
    record_reading: Annotated[bool, BeforeValidator(_true_or_false)] = False
    publishing: Literal["one-person", "two-person"] = "one-person"

    @model_validator(mode="after")
    def _superseded_says_by_what(self) -> "_Header":
        if self.superseded_by and self.status != "superseded":
            message = "'superseded_by' goes with 'status: superseded'"
            raise ValueError(message)
        return self


KEYS = frozenset(_Header.model_fields)
# What headers without a fault say: with each change all are read again, and hardly one is another.
_known: dict[str, PageMeta] = {}
_MOST_KNOWN = 20_000


def split(text: str) -> tuple[str, str, int]:
    """Return the header's YAML, the body, and the line on which the body starts. Raises FrontMatterError."""
    found = HEADER.match(text)
    if not found:
        reason = "the header does not end: no second line of three hyphens" if text.startswith("---") else "no header"
        raise FrontMatterError(HeaderFault(1, f"{reason} (docs/writing.md shows one)"))
    return found["header"], found["body"], found["header"].count("\n") + FIRST_HEADER_LINE + 1


def parse(header: str, *, audiences: Container[str]) -> PageMeta:
    """Turn a header's YAML into the page's metadata. Raises FrontMatterError with every fault and its line."""
    known = _known.get(header)
    if known and (known.audience is None or known.audience in audiences):
        return known
    values, lines = _read_yaml(header)
    _check_audience(values, lines, audiences)
    try:
        fields = _Header.model_validate(values)
    except ValidationError as error:
        raise FrontMatterError(*sorted(_faults(error, lines), key=attrgetter("line"))) from error
    meta = PageMeta(
        **fields.model_dump(exclude={"status", "sources", "publishing"}),
        publishing=Publishing(fields.publishing),
        status=Status(fields.status),
        sources=tuple(_source_reference(source) for source in fields.sources),
    )
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[header] = meta
    return meta


def read_audience(header: str, *, audiences: Container[str]) -> str | None:
    """Return the audience of a header that may have faults elsewhere: a folder needs it for the pages below.

    Raises FrontMatterError when the audience is in doubt. An unknown key might be a misspelt `audience`.
    """
    values, lines = _read_yaml(header)
    for key in values:
        if key not in _Header.model_fields:
            raise FrontMatterError(HeaderFault(lines[key], _unknown(key)))
    _check_audience(values, lines, audiences)
    audience = values.get("audience")
    return None if audience is None else str(audience)


def asks_to_record_reading(header: str) -> bool:
    """Say whether a folder's header asks to record who reads its pages, whatever faults it has elsewhere.

    Raises FrontMatterError when it is no YAML.
    """
    values, _ = _read_yaml(header)
    return values.get(RECORD_READING) == "true"


def asks_for_second_person(header: str) -> bool:
    """Say whether a folder's header asks for a second person. Where there is any doubt, it does."""
    try:
        values, _ = _read_yaml(header)
    except FrontMatterError:
        return True
    return values.get(PUBLISHING, Publishing.ONE_PERSON) != Publishing.ONE_PERSON


def _check_audience(values: Mapping[str, object], lines: Mapping[str, int], audiences: Container[str]) -> None:
    if "audience" not in values:
        return
    audience = values["audience"]
    if not isinstance(audience, str) or audience not in audiences:
        message = f"'{audience}' is not an audience of content/_data/audiences.yml, so nobody may read this page"
        raise FrontMatterError(HeaderFault(lines["audience"], message))


def _source_reference(text: str) -> SourceReference:
    source, _, part = text.partition("#")
    return SourceReference(source=source, part=part)


def _read_yaml(header: str) -> tuple[Mapping[str, object], Mapping[str, int]]:
    """Return the header's values and the line of each key."""
    if len(header) > LONGEST_HEADER:
        message = f"the header is longer than {LONGEST_HEADER} characters"
        raise FrontMatterError(HeaderFault(FIRST_HEADER_LINE, message))
    try:
        found = strict_yaml.parse(header)
    except YamlError as error:
        line = max(error.line, 1) + FIRST_HEADER_LINE - 1
        raise FrontMatterError(HeaderFault(line, f"the header: {error.message}")) from error
    if found.value is None:
        return {}, {}
    if not isinstance(found.value, dict):
        raise FrontMatterError(HeaderFault(FIRST_HEADER_LINE, "the header must be lines of 'key: value'"))
    return found.value, {key: line + FIRST_HEADER_LINE - 1 for key, line in found.lines.items()}


def _faults(error: ValidationError, lines: Mapping[str, int]) -> Iterator[HeaderFault]:
    for one in error.errors(include_url=False):
        key = str(one["loc"][0]) if one["loc"] else ""
        yield HeaderFault(lines.get(key, FIRST_HEADER_LINE), _message(one, key))


def _message(one: Any, key: str) -> str:  # noqa: ANN401 - pydantic's error details are a typed dict per error
    if one["type"] == "extra_forbidden":
        return _unknown(key)
    if one["type"] == "literal_error":
        return f"'{key}' must be {one['ctx']['expected'].replace(chr(39), '')}"
    said = MESSAGES.get(one["type"]) or str(one["msg"]).removeprefix("Value error, ")
    return f"'{key}' {said}" if key else said


def _unknown(key: str) -> str:
    meant = get_close_matches(key, _Header.model_fields, n=1)
    return f"'{key}' is not a key that a header may have" + (f": did you mean '{meant[0]}'?" if meant else "")
