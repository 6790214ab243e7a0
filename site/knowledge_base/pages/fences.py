"""Find the blocks of a page's body before Markdown sees it, and cut out those that not everyone may read.

What stands in a `staff-only` block is rendered apart from the rest of the page, so that nothing of it (a footnote, a
link definition) can slip into what everyone gets. An `asked` block is not rendered at all. That makes this module the
one that decides where such a block ends: anything doubtful is a fault, and a page with a fault is not served.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from knowledge_base.pages.options import OptionsError, check_options

STAFF_ONLY = "staff-only"
STAFF_AUDIENCE = "staff"
ASKED = "asked"
BLOCK_NAMES = frozenset(
    {"warning", "inset", "details", "steps", "contact", "contacts", "myth", "term", ASKED, STAFF_ONLY}
)
WITH_ARGUMENT = frozenset({"details", "contact", "contacts"})
# Each is rendered apart, which takes its time.
MOST_STAFF_ONLY = 200
TAB = 4

_OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<slashes>/{3,})[ \t]*(?P<name>[^\s|/]+)[ \t]*(?P<rest>.*)$")
_CLOSING = re.compile(r"^(?P<indent>[ \t]*)(?P<slashes>/{3,})[ \t]*$")
_CODE_FENCE = re.compile(r"^\s*(?P<fence>`{3,}|~{3,})")
# Behind a bullet or a quotation mark a marker would be taken for one by Markdown, and not be seen here.
_BEHIND_A_MARK = re.compile(r"^\s*(?:[>*+:-]|\d+[.)])[\s>*+:\-\d.)]*/{3,}")
# A slip of the pen must not publish what was meant for staff.
_NEARLY_STAFF_ONLY = re.compile(r"^.{0,12}?(?://|\\\\|::)[/\\:]*[ \t]*staff[-_ ]?only", re.IGNORECASE)
_STAFF_ONLY_SOMEWHERE = re.compile(r"^[\s>*+:\-\d.)]*/{3,}[ \t]*staff[-_ ]?only", re.IGNORECASE)


class BlockError(Exception):
    """A block does not start or end as it should. `line` counts from the start of the body."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Asked:
    """What readers ask, of one block. `line` is where the block stood in its stretch, from 0."""

    line: int
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """Consecutive Markdown for one audience: the page's own (None) or a narrower one. `line` is its first, from 1.

    The asked blocks are not in the Markdown: empty lines are in their place.
    """

    audience: str | None
    markdown: str
    line: int
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class _Open:
    name: str
    slashes: int
    indent: str
    line: int


@lru_cache(maxsize=300)
def split_by_audience(body: str) -> tuple[Stretch, ...]:
    """Cut the body into stretches, in order.

    The page's own and the gated ones take turns, the page's own first and last. Raises BlockError when any block is
    unknown, nested wrongly or left open.
    """
    cutter, scanner = _Cutter(), _Scanner()
    for number, line in enumerate(body.split("\n"), start=1):
        cutter.take(scanner.read(line, number), line, number)
    scanner.finish()
    return cutter.stretches()


class _Kind(Enum):
    """What a line is for whoever cuts the body up."""

    MARKDOWN = auto()
    STAFF_ONLY_STARTS = auto()
    STAFF_ONLY_ENDS = auto()
    ASKED_STARTS = auto()
    QUESTION = auto()
    ASKED_ENDS = auto()


class _Cutter:
    """Collect the stretches, line by line."""

    def __init__(self) -> None:
        self._done: list[Stretch] = []
        self._start(1)

    def take(self, kind: _Kind, line: str, number: int) -> None:
        if kind in {_Kind.STAFF_ONLY_STARTS, _Kind.STAFF_ONLY_ENDS}:
            self._end(None if kind is _Kind.STAFF_ONLY_STARTS else STAFF_AUDIENCE)
            self._start(number + 1)
            return
        if kind is _Kind.ASKED_STARTS:
            self._asked.append((len(self._lines), []))
        elif kind is _Kind.QUESTION:
            self._asked[-1][1].append(" ".join(line.split()))
        self._lines.append(line if kind is _Kind.MARKDOWN else "")

    def stretches(self) -> tuple[Stretch, ...]:
        self._end(None)
        return tuple(self._done)

    def _start(self, number: int) -> None:
        self._first = number
        self._lines: list[str] = []
        self._asked: list[tuple[int, list[str]]] = []

    def _end(self, audience: str | None) -> None:
        asked = tuple(Asked(line, tuple(filter(None, questions))) for line, questions in self._asked)
        self._done.append(Stretch(audience, "\n".join(self._lines), self._first, asked))


class _Scanner:
    """Keep the stack of open blocks, line by line."""

    def __init__(self) -> None:
        self._blocks: list[_Open] = []
        self._code: str | None = None
        self._code_line = 0
        self._options: list[str] | None = None
        self._staff_only = 0

    def read(self, line: str, number: int) -> _Kind:
        """Take one line and say what it is. Raises BlockError."""
        if self._blocks and self._blocks[-1].name == ASKED:
            return self._read_asked(line, number)
        if self._is_option(line, number) or self._is_code(line, number):
            return _Kind.MARKDOWN
        if closing := _CLOSING.match(line):
            return self._close(closing, number)
        if opening := _OPENING.match(line):
            return self._open(opening, number)
        if _BEHIND_A_MARK.match(line):
            raise BlockError(number, "a block must start and end on lines of its own, without a bullet or > before it")
        if _NEARLY_STAFF_ONLY.match(line):
            raise BlockError(number, "a staff-only block starts with three slashes at the left margin: /// staff-only")
        return _Kind.MARKDOWN

    def finish(self) -> None:
        """Refuse a block or a code fence that is still open at the end of the page."""
        if self._code:
            raise BlockError(self._code_line, f"the code does not end: add a line of {self._code}")
        if self._blocks:
            last = self._blocks[-1]
            raise BlockError(last.line, f"the block '{last.name}' does not end: add a line of {'/' * last.slashes}")

    def _read_asked(self, line: str, number: int) -> _Kind:
        if closing := _CLOSING.match(line):
            return self._close(closing, number)
        if any(pattern.match(line) for pattern in (_OPENING, _BEHIND_A_MARK, _NEARLY_STAFF_ONLY)):
            raise BlockError(number, "an asked block holds lines of words and no other block")
        return _Kind.QUESTION

    def _is_option(self, line: str, number: int) -> bool:
        """Collect the options of the block that has just been opened, and check them after the last."""
        if self._options is None:
            return False
        block = self._blocks[-1]
        # How the library counts: from the list that the block stands in.
        margin = len(block.indent.expandtabs(TAB)) // TAB * TAB + TAB
        if line.strip() and line.expandtabs(TAB).startswith(" " * margin):
            self._options.append(line.expandtabs(TAB))
            return True
        options, self._options = self._options, None
        if options:
            try:
                check_options(block.name, "\n".join(options))
            except OptionsError as error:
                raise BlockError(number - len(options) + error.line - 1, error.message) from error
        return False

    def _is_code(self, line: str, number: int) -> bool:
        fence = _CODE_FENCE.match(line)
        if self._code is None and fence:
            self._code, self._code_line = fence["fence"], number
            return True
        if self._code is not None:
            if _STAFF_ONLY_SOMEWHERE.match(line):
                raise BlockError(number, "a staff-only block cannot stand in code")
            if line.strip() == self._code:
                self._code = None
            return True
        return False

    def _open(self, opening: re.Match[str], number: int) -> _Kind:
        name, slashes = opening["name"], len(opening["slashes"])
        if name not in BLOCK_NAMES:
            known = ", ".join(sorted(BLOCK_NAMES))
            raise BlockError(number, f"'{name}' is not a block; the blocks are {known}")
        if self._blocks and slashes >= self._blocks[-1].slashes:
            outer = self._blocks[-1]
            message = (
                f"the block '{name}' stands in '{outer.name}' of line {outer.line}, which needs more slashes than it"
            )
            raise BlockError(number, message)
        if problem := self._misplaced(name, opening["indent"], opening["rest"]):
            raise BlockError(number, problem)
        self._blocks.append(_Open(name, slashes, opening["indent"], number))
        if name == ASKED:
            return _Kind.ASKED_STARTS
        if name == STAFF_ONLY:
            self._staff_only += 1
            if self._staff_only > MOST_STAFF_ONLY:
                raise BlockError(number, f"a page can have {MOST_STAFF_ONLY} staff-only blocks: make it several pages")
            return _Kind.STAFF_ONLY_STARTS
        self._options = []
        return _Kind.MARKDOWN

    def _misplaced(self, name: str, indent: str, rest: str) -> str | None:
        """Say what is wrong with the place of a block or with the words after its name."""
        if name == STAFF_ONLY and (indent or self._blocks or rest):
            return "a staff-only block must start at the left margin, outside other blocks, with no words after it"
        if name == ASKED and (indent or rest or self._is_within_a_shown_block()):
            return "an asked block must start at the left margin, outside other blocks, with no words after it"
        if name in WITH_ARGUMENT and not (rest.startswith("|") and rest[1:].strip()):
            return f"'{name}' needs words after it: /// {name} | …"
        if name not in WITH_ARGUMENT and rest:
            return f"'{name}' takes no words after it"
        return None

    def _is_within_a_shown_block(self) -> bool:
        return any(block.name != STAFF_ONLY for block in self._blocks)

    def _close(self, closing: re.Match[str], number: int) -> _Kind:
        if not self._blocks or self._blocks[-1].slashes != len(closing["slashes"]):
            raise BlockError(number, f"{closing['slashes']} ends no block that is open here")
        ended = self._blocks.pop()
        if ended.indent != closing["indent"]:
            message = f"the block '{ended.name}' of line {ended.line} must end as far from the left margin as it starts"
            raise BlockError(number, message)
        return {STAFF_ONLY: _Kind.STAFF_ONLY_ENDS, ASKED: _Kind.ASKED_ENDS}.get(ended.name, _Kind.MARKDOWN)
