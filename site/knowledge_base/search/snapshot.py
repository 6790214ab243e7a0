"""The index as it stood at one moment, and what one kind of asker may see of it."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from whoosh.index import open_dir
from whoosh.query import Or, Query, Term
from whoosh.searching import Hit as WhooshHit
from whoosh.searching import Searcher

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import MayRead
from knowledge_base.search.generations import IndexUnusableError
from knowledge_base.search.ranking import Candidate, Concept, score
from knowledge_base.search.schema import BOOSTS, SCHEMA, WEIGHTING, revision_of
from knowledge_base.search.spelling import Vocabulary
from knowledge_base.search.titles import TitleList
from knowledge_base.search.words import stem_of

_VIEWS_KEPT = 64
_CANDIDATES_KEPT = 1000
_RARITIES_KEPT = 5000


@dataclass(frozen=True)
class Asker:
    """Whoever searches: the content as that person meets it, and what of it they may read."""

    edition: Edition
    may_read: MayRead


class View:
    """The documents of a snapshot that one kind of asker may read. All that a search shows or counts is from here.

    `is_complete` is false while pages that the asker may read have changed and are not in the index yet.
    """

    def __init__(self, searcher: Searcher, allowed: set[int], *, is_complete: bool) -> None:
        self._searcher = searcher
        self._allowed = allowed
        self.is_complete = is_complete
        self._candidates: dict[int, Candidate] = {}
        self._rarities: dict[str, float] = {}

    def search(self, query: Query, *, limit: int) -> list[WhooshHit]:
        """Return the best hits, best first."""
        # An empty filter would be no filter, to Whoosh.
        if not self._allowed:
            return []
        results = self._searcher.search(query, limit=limit, filter=self._allowed, terms=True, optimize=False)
        return list(results[:limit])

    def score(self, hit: WhooshHit, concepts: Sequence[Concept]) -> float:
        """Say how well a hit answers, by what the asker may read alone."""
        number = hit.docnum
        if number not in self._candidates:
            if len(self._candidates) >= _CANDIDATES_KEPT:
                self._candidates.clear()
            self._candidates[number] = Candidate.of(hit.fields())
        return score(self._candidates[number], concepts, self._rarity)

    def holds(self, word: str) -> bool:
        """Whether the asker may read a section that has the word, in whatever form."""
        stem = stem_of(word)
        found = self._searcher.docs_for_query(Or([Term(field, stem) for field in BOOSTS]))
        return any(number in self._allowed for number in found)

    def _rarity(self, stem: str) -> float:
        """Return how telling a stem is: the fewer of the asker's sections have it, the more."""
        if stem not in self._rarities:
            if len(self._rarities) >= _RARITIES_KEPT:
                self._rarities.clear()
            anywhere = Or([Term(field, stem) for field in BOOSTS])
            having = len(self._allowed.intersection(self._searcher.docs_for_query(anywhere)))
            self._rarities[stem] = math.log(1 + (len(self._allowed) - having + 0.5) / (having + 0.5))
        return self._rarities[stem]

    def documents(self) -> Iterator[Mapping[str, str]]:
        """Yield what is stored of each document."""
        return (self._searcher.stored_fields(number) for number in sorted(self._allowed))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that a correction may offer to this asker."""
        return Vocabulary.of(self.documents())

    @cached_property
    def titles(self) -> TitleList:
        """The titles and headings that may be suggested to this asker."""
        return TitleList.of(self.documents())


class Snapshot:
    """A generation opened for searching. It stays as it is while the index goes on: see `is_newest`.

    Not for two threads at once: Whoosh's readers share a position in their file. SearchIndex takes care of that.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._searcher = open_dir(folder, schema=SCHEMA).searcher(weighting=WEIGHTING)
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
            for field, text in reader.all_terms():
                for _ in reader.postings(field, text).all_ids():
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
        return View(self._searcher, allowed, is_complete=wanted <= indexed)

    def _numbers(self, field: str, values: Iterable[str]) -> set[int]:
        terms = [Term(field, value) for value in values]
        return set(self._searcher.docs_for_query(Or(terms))) if terms else set()

    def _terms(self, field: str) -> list[str]:
        return [term.decode() for term in self._searcher.reader().lexicon(field)]
