"""Read each word's list of documents once, so that sets and sums do what Whoosh's matchers do one document at a time.

What is kept is the same for all who ask. Every answer is cut to the documents that the asker may read, and takes the
weights of words from the asker's view: nothing else of what others read may show in it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from heapq import nlargest

from whoosh.query import And, Query, Term
from whoosh.reading import IndexReader, TermNotFound

# All lists that are kept hold no more entries than this: eight bytes each.
_MOST_KEPT = 3_000_000

# Of these what was read is handed on to the next snapshot, with documents that have gone since: whoever asks for them
# cuts the lists to what stands. What stands is told by the other fields, which are always read.
_HANDED_ON = frozenset({"words", "spellings"})

# BM25 with a usual length that is fixed, as that of the whole index would tell of what others read.
_USUAL_LENGTH = 120
_LENGTH_COUNTS = 0.5
_SATURATION = 1.2


@dataclass(frozen=True)
class Listed:
    """The documents that have a word, how much each promises by it, and the most that any of them does."""

    numbers: "array[int]"
    promises: "array[float]"
    most: float = 0.0


_NOTHING = Listed(array("I"), array("f"))


@dataclass(frozen=True)
class Known:
    """What was read of an index, and the number of the first document of each of its segments."""

    segments: Mapping[object, int] = field(default_factory=dict)
    lists: Mapping[tuple[str, str], Listed] = field(default_factory=dict)
    lengths: "array[float]" = field(default_factory=lambda: array("f"))


class Postings:
    """The lists of a snapshot. Not for two threads at once, as the reader is not."""

    def __init__(self, reader: IndexReader, *, before: Known | None = None) -> None:
        """Read an index. Of what has been read of its state `before`, what still holds is taken over from there."""
        before = before or Known()
        self._reader = reader
        self._leaves = [_Leaf.of(leaf, start, before.segments) for leaf, start in reader.leaf_readers()]
        self._kept: dict[tuple[str, str], Listed] = {}
        self._words: dict[str, Sequence[str]] = {}
        self._before = dict(before.lists) if any(leaf.was_at is not None for leaf in self._leaves) else {}
        self._entries = sum(len(listed.numbers) + 1 for listed in self._before.values())
        self._lengths = array("f")
        for leaf in self._leaves:
            self._lengths.extend(leaf.lengths(before.lengths))

    def known(self) -> Known:
        """Return what the next state of the index may take over."""
        lists = {key: listed for key, listed in self._kept.items() if key[0] in _HANDED_ON}
        return Known({leaf.name: leaf.start for leaf in self._leaves}, lists, self._lengths)

    def words(self, field: str) -> Sequence[str]:
        """Return all words of a field, in order, whoever may read them."""
        if field not in self._words:
            self._words[field] = [term.decode() for term in self._reader.lexicon(field)]
        return self._words[field]

    def having(self, field: str, text: str) -> "array[int]":
        """Return the documents that have a word in a field, whoever may read them."""
        return self._listed(field, text).numbers

    def matching(self, query: Query, *, among: AbstractSet[int]) -> AbstractSet[int]:
        """Return those of some documents that answer a query made of words, "and" and "or"."""
        if isinstance(query, Term):
            return among & frozenset(self.having(query.fieldname, query.text))
        if not isinstance(query, And):
            return frozenset[int]().union(*(self.matching(one, among=among) for one in query.subqueries))
        found = among if query.subqueries else frozenset[int]()
        for one in sorted(query.subqueries, key=self._most_matching):
            found = self.matching(one, among=found) if found else found
        return found

    def best(self, worths: Mapping[str, float], *, limit: int, among: AbstractSet[int]) -> list[int]:
        """Return those of some documents that promise most, best first, by what each of the words is worth.

        Words that promise most come first. Once all others together could not bring a new document among the best, they
        only count for those that there are.
        """
        listed = [(worth, self._listed("words", stem)) for stem, worth in worths.items() if worth]
        listed.sort(key=lambda one: one[0] * one[1].most, reverse=True)
        left = sum(worth * one.most for worth, one in listed)
        sums: dict[int, float] = {}
        for worth, one in listed:
            is_settled = len(sums) > limit and left < nlargest(limit, sums.values())[-1]
            _add(sums, one, worth, among=sums.keys() if is_settled else among)
            left -= worth * one.most
        return nlargest(limit, sums, key=lambda number: (sums[number], -number))

    def _most_matching(self, query: Query) -> int:
        """Return a number of documents that the query cannot exceed, so that the rarest can be looked for first."""
        if isinstance(query, Term):
            return len(self.having(query.fieldname, query.text))
        counts = [self._most_matching(one) for one in query.subqueries]
        return min(counts, default=0) if isinstance(query, And) else sum(counts)

    def _listed(self, field: str, text: str) -> Listed:
        key = (field, text)
        if key not in self._kept:
            listed = self._read(field, text)
            self._entries += len(listed.numbers) + 1
            while self._entries > _MOST_KEPT and (lists := self._before or self._kept):
                oldest = lists.pop(next(iter(lists)))
                self._entries -= len(oldest.numbers) + 1
            self._kept[key] = listed
        return self._kept[key]

    def _read(self, field: str, text: str) -> Listed:
        before = self._before.pop((field, text), None)
        self._entries -= len(before.numbers) + 1 if before else 0
        numbers, promises = array("I"), array("f")
        for leaf in self._leaves:
            if before is None or leaf.was_at is None:
                self._read_leaf(leaf, (field, text), numbers, promises)
            else:
                leaf.take_over(before, numbers, promises)
        return Listed(numbers, promises, max(promises, default=0.0)) if numbers else _NOTHING

    def _read_leaf(self, leaf: "_Leaf", key: tuple[str, str], numbers: "array[int]", promises: "array[float]") -> None:
        try:
            matcher = leaf.reader.postings(*key)
        except TermNotFound:
            return
        if key[0] != "words":
            numbers.extend(leaf.start + number for number in matcher.all_ids())
            return
        lengths = self._lengths
        while matcher.is_active():
            number, weight = leaf.start + matcher.id(), matcher.weight()
            numbers.append(number)
            promises.append(weight * (_SATURATION + 1) / (weight + lengths[number]))
            matcher.next()


@dataclass(frozen=True)
class _Leaf:
    """A segment: the number of its first document now and, if it was read before, what that was then."""

    reader: IndexReader
    name: object
    start: int
    was_at: int | None

    @classmethod
    def of(cls, reader: IndexReader, start: int, before: Mapping[object, int]) -> "_Leaf":
        segment = reader.segment()
        name = segment.segment_id() if segment else None
        return cls(reader, name, start, before.get(name) if segment else None)

    def take_over(self, before: Listed, numbers: "array[int]", promises: "array[float]") -> None:
        """Add what a list had of this segment, with the numbers that its documents have now."""
        if self.was_at is None:
            return
        until = self.was_at + self.reader.doc_count_all()
        first, last = bisect_left(before.numbers, self.was_at), bisect_left(before.numbers, until)
        moved = self.start - self.was_at
        taken = before.numbers[first:last]
        numbers.extend(taken if not moved else array("I", (number + moved for number in taken)))
        promises.extend(before.promises[first:last])

    def lengths(self, before: "array[float]") -> "array[float]":
        """Return how much each document's length takes off what it promises."""
        count = self.reader.doc_count_all()
        if self.was_at is not None:
            return before[self.was_at : self.was_at + count]
        length = self.reader.doc_field_length
        every = (length(number, "words") or 0 for number in range(count))
        return array("f", (_SATURATION * (1 + _LENGTH_COUNTS * (one / _USUAL_LENGTH - 1)) for one in every))


def _add(sums: dict[int, float], listed: Listed, worth: float, *, among: Iterable[int]) -> None:
    known = sums.get
    for number, promise in zip(listed.numbers, listed.promises, strict=True):
        if number in among:
            sums[number] = known(number, 0.0) + worth * promise
