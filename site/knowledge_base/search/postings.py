"""Read each word's list of documents once, so that sets and sums do what Whoosh's matchers do one document at a time.

What is kept is the same for all who ask. Every answer is cut to the documents that the asker may read, and takes the
weights of words from the asker's view: nothing else of what others read may show in it.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest

from whoosh.query import And, Query, Term
from whoosh.reading import IndexReader, TermNotFound

# All lists that are kept hold no more entries than this: eight bytes each.
_MOST_KEPT = 3_000_000

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


class Postings:
    """The lists of a snapshot. Not for two threads at once, as the reader is not."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._kept: dict[tuple[str, str], Listed] = {}
        self._entries = 0
        self._words: dict[str, Sequence[str]] = {}

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
            while self._kept and self._entries > _MOST_KEPT:
                oldest = self._kept.pop(next(iter(self._kept)))
                self._entries -= len(oldest.numbers) + 1
            self._kept[key] = listed
        return self._kept[key]

    def _read(self, field: str, text: str) -> Listed:
        try:
            matcher = self._reader.postings(field, text)
        except TermNotFound:
            return _NOTHING
        if field != "words":
            return Listed(array("I", matcher.all_ids()), _NOTHING.promises)
        numbers, promises = array("I"), array("f")
        lengths = self._lengths
        while matcher.is_active():
            number, weight = matcher.id(), matcher.weight()
            numbers.append(number)
            promises.append(weight * (_SATURATION + 1) / (weight + lengths[number]))
            matcher.next()
        return Listed(numbers, promises, max(promises, default=0.0))

    @cached_property
    def _lengths(self) -> "array[float]":
        """How much a document's length takes off what it promises."""
        length = self._reader.doc_field_length
        every = (length(number, "words") or 0 for number in range(self._reader.doc_count_all()))
        return array("f", (_SATURATION * (1 + _LENGTH_COUNTS * (one / _USUAL_LENGTH - 1)) for one in every))


def _add(sums: dict[int, float], listed: Listed, worth: float, *, among: Iterable[int]) -> None:
    known = sums.get
    for number, promise in zip(listed.numbers, listed.promises, strict=True):
        if number in among:
            sums[number] = known(number, 0.0) + worth * promise
