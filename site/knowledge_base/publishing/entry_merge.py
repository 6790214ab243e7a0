"""Bring two changes of one data file together, entry by entry: what stands next to an entry has nothing to do with it.

An entry that both changed is merged line by line, unless it would then say that a value is confirmed which nobody
confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from knowledge_base.pages.strict_yaml import Value
from knowledge_base.publishing.entry_text import Fields, cut_entries, read_entries
from knowledge_base.publishing.errors import DataFileError

# What this council confirms when it confirms an entry.
CONFIRMED, CONFIRMED_FIELDS = "confirmed", ("value", "phone", "email", "hours", "address")

MergeLines = Callable[[str, str, str], str | None]


@dataclass(frozen=True)
class EntryChange:
    """What a change makes of an entry. `key` is what it has after it or, of one that went, what it had before."""

    key: str
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True)
class EntryConflict:
    """An entry that two people changed, as each of them has it: None where they removed it.

    `name` is for `keep_mine`.
    """

    name: str
    mine: Fields | None
    theirs: Fields | None


class EntriesConflictError(Exception):
    """Both changed the same entries."""

    def __init__(self, conflicts: tuple[EntryConflict, ...]) -> None:
        super().__init__("Both changed the same entries.")
        self.conflicts = conflicts


def changed_entries(before: str, after: str) -> tuple[EntryChange, ...]:
    """Return what differs between two texts of a data file. Raises DataFileError when one cannot be read."""
    old, new = _Cut.of(before), _Cut.of(after)
    was = dict(zip(old.keys, zip(old.keys, old.values, strict=True), strict=True))
    changes = []
    for name, key, value in zip(new.names_against(old), new.keys, new.values, strict=True):
        _, before_it = was.pop(name, ("", None))
        if before_it != value:
            changes.append(EntryChange(key, _fields(before_it), _fields(value)))
    return (*changes, *(EntryChange(key, _fields(value), None) for key, value in was.values()))


def merge_entries(
    base: str, mine: str, theirs: str, *, merge_lines: MergeLines, keep_mine: Mapping[str, bool] | None = None
) -> str:
    """Return one text with both changes. `keep_mine` decides about entries that were a conflict, by their names.

    Raises EntriesConflictError, and DataFileError when a text cannot be read entry by entry.
    """
    cuts = [_Cut.of(text) for text in (base, mine, theirs)]
    if len({cut.is_list for cut in cuts if cut.keys}) > 1:
        message = "The file was a list of entries, or is one now."
        raise DataFileError(message)
    sides = [dict(zip(cut.names_against(cuts[0]), cut.entries, strict=True)) for cut in cuts]
    merging = _Merging(sides[0], sides[1], sides[2], merge_lines)
    text = "".join(merging.merged(keep_mine or {}))
    ends = [cut.end for cut in cuts]
    text += ends[1] if ends[2] in ends[:2] else ends[2] if ends[0] == ends[1] else ends[2] + ends[1]
    read_entries(text)
    return text


@dataclass(frozen=True)
class _Entry:
    text: str
    value: Value


@dataclass(frozen=True)
class _Cut:
    """A text cut at its entries."""

    keys: tuple[str, ...]
    entries: tuple[_Entry, ...]
    end: str
    is_list: bool

    @classmethod
    def of(cls, text: str) -> "_Cut":
        pieces, end = cut_entries(text)
        found = read_entries(text)
        lines = (piece.lead + piece.text for piece in pieces.values())
        entries = (
            _Entry(one if one.endswith("\n") else f"{one}\n", found[key]) for one, key in zip(lines, found, strict=True)
        )
        return cls(tuple(pieces), tuple(entries), end, all(piece.text.startswith("-") for piece in pieces.values()))

    @property
    def values(self) -> list[Value]:
        return [one.value for one in self.entries]

    def names_against(self, base: "_Cut") -> tuple[str, ...]:
        """Return a name for each entry, the same as in the base for what is the same entry. A list's have no keys."""
        if not self.is_list or self is base:
            return self.keys
        old, new = ([repr(value) for value in cut.values] for cut in (base, self))
        names: list[str] = []
        for tag, start, end, my_start, my_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            known = base.keys[start:end] if tag in {"equal", "replace"} else ()
            for key, said in zip_longest(known, new[my_start:my_end]):
                if said is not None:
                    name = key or f"new {said}"
                    names.append(f"{name} again {len(names)}" if name in names else name)
        return tuple(names)


@dataclass(frozen=True)
class _Merging:
    base: Mapping[str, _Entry]
    mine: Mapping[str, _Entry]
    theirs: Mapping[str, _Entry]
    merge_lines: MergeLines

    def merged(self, keep_mine: Mapping[str, bool]) -> list[str]:
        conflicts, found = [], []
        for name in self._order():
            base, mine, theirs = (side.get(name) for side in (self.base, self.mine, self.theirs))
            if _same(theirs, base) or _same(theirs, mine):
                found.append(mine)
            elif _same(base, mine):
                found.append(theirs)
            elif name in keep_mine:
                found.append(mine if keep_mine[name] else theirs)
            elif one := self._merged_lines(base, mine, theirs):
                found.append(one)
            else:
                conflicts.append(EntryConflict(name, *(_fields(one.value) if one else None for one in (mine, theirs))))
        if conflicts:
            raise EntriesConflictError(tuple(conflicts))
        return [one.text for one in found if one]

    def _order(self) -> list[str]:
        names, before = list(self.theirs), ""
        for name in self.mine:
            if name not in names:
                names.insert(names.index(before) + 1 if before else 0, name)
            before = name
        return names

    def _merged_lines(self, base: _Entry | None, mine: _Entry | None, theirs: _Entry | None) -> _Entry | None:
        if not (base and mine and theirs):
            return None
        text = self.merge_lines(base.text, mine.text, theirs.text)
        try:
            values = list(read_entries(text or "").values())
        except DataFileError:
            return None
        if text is None or len(values) != 1 or not _is_as_confirmed(values[0], mine.value, theirs.value):
            return None
        return _Entry(text, values[0])


def _same(one: _Entry | None, other: _Entry | None) -> bool:
    return (one.text if one else None) == (other.text if other else None)


def _is_as_confirmed(merged: Value, *sides: Value) -> bool:
    """Say whether what is confirmed in a merged entry is what one of the two people had confirmed."""
    said = _fields(merged) or {}
    names = (CONFIRMED, *CONFIRMED_FIELDS)
    return not said.get(CONFIRMED) or any(
        all(said.get(name) == one.get(name) for name in names) for side in sides if (one := _fields(side))
    )


def _fields(value: Value) -> Fields | None:
    return value if isinstance(value, dict) else None
