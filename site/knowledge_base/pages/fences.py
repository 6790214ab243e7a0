"""Find the blocks of a page's body before Markdown sees it, and cut out those that not everyone may read.

What stands in a `staff-only` block is rendered apart from the rest of the page, so that nothing of it (a footnote, a
link definition) can slip into what everyone gets. That makes this module the one that decides where such a block ends:
anything doubtful is a fault, and a page with a fault is not served.
"""

import re
from dataclasses import dataclass

STAFF_ONLY = "staff-only"
STAFF_AUDIENCE = "staff"
BLOCK_NAMES = frozenset({"warning", "inset", "details", "steps", "contact", "contacts", "myth", "term", STAFF_ONLY})

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
class Stretch:
    """Consecutive Markdown for one audience: the page's own (None) or a narrower one. `line` is its first, from 1."""

    audience: str | None
    markdown: str
    line: int


@dataclass(frozen=True)
class _Open:
    name: str
    slashes: int
    indent: str
    line: int


def split_by_audience(body: str) -> tuple[Stretch, ...]:
    """Cut the body into stretches, in order.

    The page's own and the gated ones take turns, the page's own first and last. Raises BlockError when any block is
    unknown, nested wrongly or left open.
    """
    stretches: list[Stretch] = []
    lines: list[str] = []
    first = 1
    scanner = _Scanner()
    for number, line in enumerate(body.split("\n"), start=1):
        change = scanner.read(line, number)
        if change is None:
            lines.append(line)
            continue
        audience = None if change == "enter" else STAFF_AUDIENCE
        stretches.append(Stretch(audience, "\n".join(lines), first))
        lines, first = [], number + 1
    scanner.finish()
    stretches.append(Stretch(None, "\n".join(lines), first))
    return tuple(stretches)


class _Scanner:
    """Keep the stack of open blocks, line by line."""

    def __init__(self) -> None:
        self._blocks: list[_Open] = []
        self._code: str | None = None
        self._code_line = 0

    def read(self, line: str, number: int) -> str | None:
        """Take one line. Return "enter" or "leave" when it starts or ends a staff-only block."""
        if self._is_code(line, number):
            return None
        if closing := _CLOSING.match(line):
            return self._close(closing, number)
        if opening := _OPENING.match(line):
            return self._open(opening, number)
        if _BEHIND_A_MARK.match(line):
            raise BlockError(number, "a block must start and end on lines of its own, without a bullet or > before it")
        if _NEARLY_STAFF_ONLY.match(line):
            raise BlockError(number, "a staff-only block starts with three slashes at the left margin: /// staff-only")
        return None

    def finish(self) -> None:
        """Refuse a block or a code fence that is still open at the end of the page."""
        if self._code:
            raise BlockError(self._code_line, f"the code does not end: add a line of {self._code}")
        if self._blocks:
            last = self._blocks[-1]
            raise BlockError(last.line, f"the block '{last.name}' does not end: add a line of {'/' * last.slashes}")

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

    def _open(self, opening: re.Match[str], number: int) -> str | None:
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
        if name == STAFF_ONLY and (opening["indent"] or self._blocks or opening["rest"]):
            raise BlockError(
                number, "a staff-only block must start at the left margin, outside other blocks, with no words after it"
            )
        self._blocks.append(_Open(name, slashes, opening["indent"], number))
        return "enter" if name == STAFF_ONLY else None

    def _close(self, closing: re.Match[str], number: int) -> str | None:
        if not self._blocks or self._blocks[-1].slashes != len(closing["slashes"]):
            raise BlockError(number, f"{closing['slashes']} ends no block that is open here")
        ended = self._blocks.pop()
        if ended.indent != closing["indent"]:
            message = f"the block '{ended.name}' of line {ended.line} must end as far from the left margin as it starts"
            raise BlockError(number, message)
        return "leave" if ended.name == STAFF_ONLY else None
