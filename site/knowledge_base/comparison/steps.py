"""How one row of things becomes another: what stays, what goes, what comes."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Above this many pairs to look at, finding what stays would take seconds, and nobody would follow it.
MOST_PAIRS = 4_000_000
# Where more of two lines or blocks differs, they are shown as one gone and another come.
LEAST_LIKENESS = 0.4
# Above this many pairs of equal things, what there are most of is no sign that two places belong together.
MOST_EQUAL_PAIRS = 50_000
# Python sees what there are most of only in rows as long as this.
FEWEST_FOR_JUNK = 200

# How often each thing is in a row.
Bag = Counter[Hashable]


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Step:
    """Stretches of the two rows that belong together: equal ones where nothing changed."""

    before: slice
    after: slice
    is_same: bool


def steps_between(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[Step]:
    """Yield the steps from one row to the other, in order. Of very long ones, what differs is one step."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if start:
        yield Step(slice(0, start), slice(0, start), is_same=True)
    for kind, *ends in _operations(old, new):
        first, last, other_first, other_last = (one + start for one in ends)
        yield Step(slice(first, last), slice(other_first, other_last), is_same=kind == "equal")
    if end:
        yield Step(
            slice(len(before) - end, len(before)),
            slice(len(after) - end, len(after)),
            is_same=True,
        )


def likeness(before: Bag, after: Bag) -> float:
    """Say how much two rows have in common, in whatever order, from 0 to 1."""
    shared = sum(min(before[one], after[one]) for one in before.keys() & after.keys())
    return 2 * shared / (before.total() + after.total()) if before or after else 1.0


def _common(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """Return how many things at the start are the same."""
    for count, (one, other) in enumerate(zip(before, after, strict=False)):
        if one != other:
            return count
    return min(len(before), len(after))


def _operations(old: Sequence[Hashable], new: Sequence[Hashable]) -> Sequence[tuple[str, int, int, int, int]]:
    if not old and not new:
        return []
    is_repetitive = _count_equal_pairs(old, new) > MOST_EQUAL_PAIRS
    if len(old) * len(new) > MOST_PAIRS or (is_repetitive and len(new) < FEWEST_FOR_JUNK):
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=is_repetitive).get_opcodes()


def _count_equal_pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Return how many pairs there are to look at, again and again: of rows that repeat themselves it takes minutes."""
    one, other = Counter(old), Counter(new)
    return sum(one[key] * other[key] for key in one.keys() & other.keys())
