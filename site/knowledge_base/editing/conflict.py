"""Two texts side by side, with what differs marked, and one text that holds as much of both as can be had."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.comparison.steps import steps_between
from knowledge_base.repository.git import Git

# Lines around a difference that are shown.
AROUND = 2
_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(frozen=True)
class Words:
    """Some words of a line, and whether the other text has them not."""

    text: str
    differ: bool = False


@dataclass(frozen=True)
class Pair:
    """A line of each text. Without words there is no such line in that text. `is_gap` stands for lines left out."""

    left: tuple[Words, ...] = ()
    right: tuple[Words, ...] = ()
    is_gap: bool = False
    differ: bool = False


def side_by_side(left: str, right: str) -> tuple[Pair, ...]:
    """Return the lines of two texts next to each other; those that are the same, only near a difference."""
    ours, theirs = left.splitlines(), right.splitlines()
    pairs: list[Pair] = []
    for step in steps_between(ours, theirs):
        if step.is_same:
            is_first, is_last = step.before.start == 0, step.before.stop == len(ours)
            pairs += _same(ours[step.before], is_first=is_first, is_last=is_last)
        else:
            pairs += _different(ours[step.before], theirs[step.after])
    return tuple(pairs)


def combine(base: bytes, mine: str, theirs: bytes) -> str:
    """Return my text with what only they changed in it. Where both changed the same lines, mine stay."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, content in (("mine", mine.encode()), ("base", base), ("theirs", theirs)):
            (folder / title).write_bytes(content)
        merged = Git(folder).run("merge-file", "--stdout", "--quiet", "--ours", "mine", "base", "theirs")
    return merged.decode()


def _same(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Pair]:
    head = 0 if is_first else AROUND
    tail = 0 if is_last else AROUND
    gap = len(lines) - head - tail
    for number, line in enumerate(lines):
        if gap > 1 and head <= number < len(lines) - tail:
            if number == head:
                yield Pair(is_gap=True)
            continue
        yield Pair((Words(line),), (Words(line),))


def _different(ours: list[str], theirs: list[str]) -> Iterator[Pair]:
    for number in range(max(len(ours), len(theirs))):
        left = ours[number] if number < len(ours) else None
        right = theirs[number] if number < len(theirs) else None
        if left is None or right is None:
            yield Pair(_whole(left), _whole(right), differ=True)
        else:
            yield _line_pair(left, right)


def _whole(line: str | None) -> tuple[Words, ...]:
    return () if line is None else (Words(line, differ=True),)


def _line_pair(left: str, right: str) -> Pair:
    ours, theirs = _WORDS.findall(left), _WORDS.findall(right)
    marked: tuple[list[Words], list[Words]] = ([], [])
    for step in steps_between(ours, theirs):
        for side, words in zip(marked, (ours[step.before], theirs[step.after]), strict=True):
            if words:
                side.append(Words("".join(words), differ=not step.is_same))
    return Pair(tuple(marked[0]), tuple(marked[1]), differ=True)
