"""The index as it stood at one moment, and what one kind of asker may see of it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh.index import open_dir
from whoosh.query import Or, Query, Term
from whoosh.scoring import WeightingModel, WeightLengthScorer
from whoosh.searching import Searcher

from knowledge_base.access.audiences import Requirement
from knowledge_base.db import london_today
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.glossary import Glossary
from knowledge_base.pages.page import MayRead
from knowledge_base.search.concepts import Candidate, Rarity
from knowledge_base.search.generations import IndexUnusableError
from knowledge_base.search.schema import SCHEMA, revision_of
from knowledge_base.search.spelling import Spelling
from knowledge_base.search.suggestions import SuggestionList
from knowledge_base.search.words import stem_of

_VIEWS_KEPT = 64
_CANDIDATES_KEPT = 2000
_COUNTS_KEPT = 10_000


@dataclass(frozen=True)
class Asker:
    """Whoever searches: the content as that person meets it, what of it they may read, and the day.

    `audiences` names those that the person is in.
    """

    edition: Edition
    may_read: MayRead
    audiences: frozenset[str] = frozenset()
    today: date = field(default_factory=london_today)


class View:
    """The documents of a snapshot that one kind of asker may read. All that a search shows or counts is from here.

    Documents are known by their numbers in the snapshot. `is_complete` is false while pages that the asker may read
    have changed and are not in the index yet.
    """

    def __init__(
        self,
        searcher: Searcher,
        lexicon: Sequence[str],
        glossary: Glossary,
        allowed: set[int],
        *,
        is_complete: bool,
    ) -> None:
        self._all = searcher
        # The candidates, too, are chosen by statistics of what the asker may read, so that nothing else shows in them.
        self._searcher = Searcher(searcher.reader(), weighting=_Weighting(self.rarity), closereader=False)
        self._lexicon = lexicon
        self._glossary = glossary
        self._allowed = allowed
        self.is_complete = is_complete
        self._candidates: dict[int, Candidate] = {}
        self._counts: dict[Term, int] = {}
        self._rarities: dict[str, float] = {}

    def matching(self, query: Query) -> set[int]:
        """Return every document that answers the query."""
        return self._allowed.intersection(self._searcher.docs_for_query(query))

    def best(self, query: Query, *, limit: int, among: set[int] | None = None) -> list[int]:
        """Return the documents that promise most, best first, where given only those `among` some."""
        allowed = self._allowed if among is None else self._allowed & among
        # An empty filter would be no filter, to Whoosh.
        if not allowed:
            return []
        results = self._searcher.search(query, limit=limit, filter=allowed, optimize=False)
        return [hit.docnum for hit in results[:limit]]

    def stored(self, number: int) -> Mapping[str, Any]:
        """Return what is stored of a document: see schema.py. All but lists are text."""
        found: Mapping[str, Any] = self._all.stored_fields(number)
        return found

    def candidate(self, number: int) -> Candidate:
        """Return a document as ranking wants it."""
        if number not in self._candidates:
            if len(self._candidates) >= _CANDIDATES_KEPT:
                self._candidates.clear()
            stored = self._all.stored_fields(number)
            self._candidates[number] = Candidate.of(
                stored["stems"], is_opening=not stored["anchor"], rarity=self.rarity
            )
        return self._candidates[number]

    def holds(self, word: str) -> bool:
        """Whether the asker may read a section that has the word, in whatever form."""
        return self._count(Term("words", stem_of(word))) > 0

    def spells(self, word: str) -> bool:
        """Whether the asker may read the word as it is spelt."""
        return self._count(Term("spellings", word)) > 0

    def rarity(self, stem: str) -> float:
        """Return how telling a stem is: the fewer of the asker's sections have it, the more; 0 when none has."""
        if stem not in self._rarities:
            if len(self._rarities) >= _COUNTS_KEPT:
                self._rarities.clear()
            having = self._count(Term("words", stem))
            others = len(self._allowed) - having
            self._rarities[stem] = math.log(1 + (others + 0.5) / (having + 0.5)) if having else 0.0
        return self._rarities[stem]

    @cached_property
    def by_area(self) -> Mapping[str, set[int]]:
        """The documents by the first part of their address."""
        return self._by("area")

    @cached_property
    def by_audience(self) -> Mapping[str, set[int]]:
        """The documents by the key of their requirement."""
        return self._by("audience")

    def _by(self, name: str) -> Mapping[str, set[int]]:
        values = [term.decode() for term in self._all.reader().lexicon(name)]
        found = {value: self.matching(Term(name, value)) for value in values}
        return {value: numbers for value, numbers in found.items() if numbers}

    @cached_property
    def spelling(self) -> Spelling:
        """What a correction may offer to this asker."""
        return Spelling(self._lexicon, count=lambda word: self._count(Term("spellings", word)))

    @cached_property
    def suggestions(self) -> SuggestionList:
        """What may be suggested to this asker while they type."""
        return SuggestionList.of(map(self.stored, sorted(self._allowed)), self._glossary)

    def _count(self, term: Term) -> int:
        if term not in self._counts:
            if len(self._counts) >= _COUNTS_KEPT:
                self._counts.clear()
            self._counts[term] = len(self._allowed.intersection(self._all.docs_for_query(term)))
        return self._counts[term]


class Snapshot:
    """A generation opened for searching. It stays as it is while the index goes on: see `is_newest`.

    Not for two threads at once: Whoosh's readers share a position in their file. SearchIndex takes care of that.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._searcher = open_dir(folder, schema=SCHEMA).searcher()
        except Exception as error:
            message = f"The search index in {folder.name} cannot be read: {error!r}."
            raise IndexUnusableError(message) from error
        self._views: dict[tuple[str, frozenset[str]], View] = {}

    def close(self) -> None:
        """Close the files."""
        self._searcher.close()

    def is_newest(self, current: Path | None) -> bool:
        """Whether nothing has been written since, and this is still the current generation."""
        return self.folder == current and bool(self._searcher.up_to_date())

    def is_sound(self) -> bool:
        """Whether everything in the index can be read. Slow: for when a search has failed."""
        reader = self._searcher.reader()
        try:
            for field_name, text in reader.all_terms():
                for _ in reader.postings(field_name, text).all_ids():
                    pass
            for _ in reader.all_stored_fields():
                pass
        except Exception:  # noqa: BLE001 - a damaged file may make Whoosh raise anything at all
            return False
        return True

    def view_for(self, asker: Asker) -> View:
        """Return what the asker may see: only sections they may read, of pages that are as the index knows them.

        The second half keeps a page that has just become narrower from being found by its old text, even when the index
        could not be brought up to date: such a page is not found at all until it has been.
        """
        readable = frozenset(key for key in self._terms("audience") if asker.may_read(Requirement.from_key(key)))
        known = (asker.edition.version, readable)
        if known not in self._views:
            if len(self._views) >= _VIEWS_KEPT:
                self._views.clear()
            self._views[known] = self._view(asker, readable)
        return self._views[known]

    def _view(self, asker: Asker, readable: Iterable[str]) -> View:
        pages = asker.edition.pages.values()
        standing = {revision_of(page) for page in pages}
        indexed = set(self._terms("revision"))
        allowed = self._numbers("audience", readable) - self._numbers("revision", indexed - standing)
        wanted = {revision_of(page) for page in pages if asker.may_read(page.requirement)}
        glossary = asker.edition.glossary_for(asker.may_read)
        return View(self._searcher, self._lexicon, glossary, allowed, is_complete=wanted <= indexed)

    @cached_property
    def _lexicon(self) -> Sequence[str]:
        """All words in the index, whoever may read them: Spelling offers none of which an asker's view has no count."""
        return self._terms("spellings")

    def _numbers(self, field_name: str, values: Iterable[str]) -> set[int]:
        terms = [Term(field_name, value) for value in values]
        return set(self._searcher.docs_for_query(Or(terms))) if terms else set()

    def _terms(self, field_name: str) -> list[str]:
        return [term.decode() for term in self._searcher.reader().lexicon(field_name)]


class _Weighting(WeightingModel):  # type: ignore[misc] # Whoosh has no types
    """Weigh words by how rare they are in what an asker may read, and by nothing that depends on other documents."""

    def __init__(self, rarity: Rarity) -> None:
        self._rarity = rarity

    def scorer(self, searcher: Searcher, fieldname: str, text: bytes, qf: int = 1) -> "_Scorer":  # noqa: ARG002
        return _Scorer(searcher, fieldname, text, rarity=self._rarity(text.decode()))


class _Scorer(WeightLengthScorer):  # type: ignore[misc] # Whoosh has no types
    """BM25 with a usual length that is fixed, as that of the whole index would tell of what others read."""

    _USUAL_LENGTH = 120
    _LENGTH_COUNTS = 0.5
    _SATURATION = 1.2

    def __init__(self, searcher: Searcher, fieldname: str, text: bytes, *, rarity: float) -> None:
        self._rarity = rarity
        self.setup(searcher, fieldname, text)

    def _score(self, weight: float, length: int) -> float:
        longer = 1 + self._LENGTH_COUNTS * (length / self._USUAL_LENGTH - 1)
        return self._rarity * weight * (self._SATURATION + 1) / (weight + self._SATURATION * longer)
