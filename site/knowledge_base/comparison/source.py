"""What differs between two texts as they are written: line by line, and within a line word by word."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from knowledge_base.comparison.steps import LEAST_LIKENESS, Mark, Step, likeness, steps_between

LINES_AROUND = 3
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A piece of a line."""

    text: str
    mark: Mark


@dataclass(frozen=True)
class Line:
    """A line with its number before and after. One that is new has none before, and the other way round."""

    mark: Mark
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]


Passage = tuple[Line, ...]


def compare_source(before: str, after: str) -> tuple[Passage, ...]:
    """Return the passages that differ, each with a few of the lines around it. None where the texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for step in steps_between(old, new):
        lines += _same(old, step) if step.is_same else _changed(old, new, step)
    return _passages(lines)


def _same(old: list[str], step: Step) -> Iterator[Line]:
    for number, text in enumerate(old[step.before]):
        pieces = (Piece(text, Mark.SAME),)
        yield Line(Mark.SAME, step.before.start + number + 1, step.after.start + number + 1, pieces)


def _changed(old: list[str], new: list[str], step: Step) -> list[Line]:
    gone, come = [], []
    for number, (mine, theirs) in enumerate(zip_longest(old[step.before], new[step.after])):
        mine_cut, theirs_cut = _words_compared(mine, theirs)
        if mine is not None:
            gone.append(Line(Mark.REMOVED, step.before.start + number + 1, None, mine_cut))
        if theirs is not None:
            come.append(Line(Mark.ADDED, None, step.after.start + number + 1, theirs_cut))
    return [*gone, *come]


def _words_compared(mine: str | None, theirs: str | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = _WORDS.findall(mine or ""), _WORDS.findall(theirs or "")
    if mine is None or theirs is None or likeness(Counter(old), Counter(new)) < LEAST_LIKENESS:
        return (Piece(mine or "", Mark.REMOVED),), (Piece(theirs or "", Mark.ADDED),)
    gone, come = [], []
    for step in steps_between(old, new):
        gone.append(Piece("".join(old[step.before]), Mark.SAME if step.is_same else Mark.REMOVED))
        come.append(Piece("".join(new[step.after]), Mark.SAME if step.is_same else Mark.ADDED))
    return tuple(one for one in gone if one.text), tuple(one for one in come if one.text)


def _passages(lines: list[Line]) -> tuple[Passage, ...]:
    shown = {
        near
        for number, line in enumerate(lines)
        if line.mark is not Mark.SAME
        for near in range(number - LINES_AROUND, number + LINES_AROUND + 1)
    }
    passages: list[list[Line]] = []
    for number, line in enumerate(lines):
        if number not in shown:
            continue
        if number - 1 not in shown or not passages:
            passages.append([])
        passages[-1].append(line)
    return tuple(map(tuple, passages))
