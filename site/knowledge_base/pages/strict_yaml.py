"""Read YAML as its author sees it: keys that stand once, lists and text. Anything that could mislead is an error.

The usual loaders let the second of two equal keys win in silence, read `012` as ten and `no` as false, and follow
references. In a file that says who may read what, each of these opens a door that nobody sees.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, StringConstraints

from knowledge_base.pages.faults import Fault

LARGEST_FILE = 400_000
DEEPEST = 10
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# YAML ends a line at these, and an editor does not show it.
_UNSEEN_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Value = str | list["Value"] | dict[str, "Value"] | None


def _a_day(value: object) -> date:
    message = "must be a date such as 2026-11-01"
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(message)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(message) from None


# Every value is read as text: these are what a model makes of it.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[date, BeforeValidator(_a_day)]


class YamlError(Exception):
    """The text is not YAML that may be used. `line` counts from 1, and is 0 for the whole of it."""

    def __init__(self, line: int, message: str, *, may_pass: bool = False) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line
        self.message = message
        self._may_pass = may_pass

    def fault_of(self, path: str, outcome: str) -> Fault:
        """Return the fault of a file. `outcome` says what follows from it."""
        return Fault(
            path,
            f"{outcome}: {self.message}",
            self.line,
            may_pass=self._may_pass,
            is_unread=self._may_pass,
            is_whole=True,
        )


@dataclass(frozen=True)
class ChangedFile:
    """A file as it would be. Without content there would be none."""

    name: str
    content: bytes | None


YamlFile = Path | ChangedFile


@dataclass(frozen=True)
class Parsed:
    """What the text holds, and the line of each key of its outermost mapping."""

    value: Value
    lines: Mapping[str, int]


def parse(text: str) -> Parsed:
    """Read one document. Raises YamlError."""
    if len(text) > LARGEST_FILE:
        raise YamlError(0, f"is longer than {LARGEST_FILE // 1_000} kB")
    if unseen := _UNSEEN_LINE_ENDS.search(text):
        line = text.count("\n", 0, unseen.start()) + 1
        raise YamlError(line, "there is a line end that editors do not show: type the line anew")
    reader = _Reader(text)
    try:
        return Parsed(reader.document(), reader.lines)
    except yaml.YAMLError as error:
        raise _in_plain_words(error, text) from error


def read(file: YamlFile) -> Value:
    """Read a file. Raises FileNotFoundError when there is none, and YamlError for any other reason."""
    try:
        content = _content_of(file)
        return parse(content[: LARGEST_FILE + 1].decode("utf-8-sig")).value
    except FileNotFoundError:
        raise
    except OSError as error:
        raise YamlError(0, f"the file cannot be read: {error.strerror}", may_pass=True) from error
    except UnicodeDecodeError as error:
        raise YamlError(0, "is not UTF-8 text: save the file as UTF-8") from error


def _content_of(file: YamlFile) -> bytes:
    if isinstance(file, ChangedFile):
        if file.content is None:
            raise FileNotFoundError(file.name)
        return file.content
    # A link must not be followed, nor a pipe waited for.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(LARGEST_FILE + 1)


class _Reader:
    """Build values from YAML's events, the only stage of the library that decides nothing by itself."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, int] = {}
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self._depth = 0

    def document(self) -> Value:
        value: Value = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refusal(event, "a second document starts: delete the line of hyphens")
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event)
        return value

    def _value(self, event: yaml.Event) -> Value:
        _refuse_what_misleads(event)
        if isinstance(event, yaml.ScalarEvent):
            return None if event.implicit[0] and event.value in _NULLS else str(event.value)
        self._depth += 1
        if self._depth > DEEPEST:
            raise _refusal(event, f"lists and mappings are nested more than {DEEPEST} deep")
        value = self._mapping() if isinstance(event, yaml.MappingStartEvent) else self._list()
        self._depth -= 1
        return value

    def _list(self) -> Value:
        values: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event))
        return values

    def _mapping(self) -> Value:
        values: dict[str, Value] = {}
        outermost = self._depth == 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event) if isinstance(event, yaml.ScalarEvent) else None
            if key is None or not isinstance(key, str) or not key.strip():
                raise _refusal(event, "a key must be one word")
            if key == "<<":
                raise _refusal(event, "'<<' cannot be used: write the keys out")
            if key in values:
                raise _refusal(event, f"'{key}' stands twice")
            if outermost:
                self.lines[key] = _line(event)
            values[key] = self._value(next(self._events))
        return values


def _refuse_what_misleads(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _refusal(event, "YAML's & and * references cannot be used: write the value out, or in double quotes")
    if getattr(event, "tag", None) is not None:
        raise _refusal(event, "YAML's ! types cannot be used: put the value in double quotes")


def _refusal(event: yaml.Event, message: str) -> YamlError:
    return YamlError(_line(event), message)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _in_plain_words(error: yaml.YAMLError, text: str) -> YamlError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if "mapping values are not allowed" in problem:
        problem = "a value with a colon in it must stand in double quotes"
    last = text.rstrip().count("\n") + 1
    return YamlError(min(mark.line + 1, last) if mark else 1, f"cannot be read: {problem}")
