"""The index as it stood at one moment, and what one kind of asker may see of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.query import Query, Term

from knowledge_base.access.audiences import Requirement
from knowledge_base.db import london_today
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.glossary import Glossary
from knowledge_base.pages.page import MayRead
from knowledge_base.search.concepts import Candidate, weight_of
from knowledge_base.search.generations import IndexUnusableError
from knowledge_base.search.postings import Known, Postings
from knowledge_base.search.schema import SCHEMA, revision_of
from knowledge_base.search.sections import Sections
from knowledge_base.search.spelling import Spelling
from knowledge_base.search.suggestions import SuggestionList
from knowledge_base.search.words import stem_of

_VIEWS_KEPT = 64
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
        sections: Sections,
        postings: Postings,
        glossary: Glossary,
        *,
        allowed: frozenset[int],
        is_complete: bool,
    ) -> None:
        self._sections = sections
        self._postings = postings
        self._glossary = glossary
        self._allowed = allowed
        self.is_complete = is_complete
        self._counts: dict[Term, int] = {}
        self._rarities: dict[str, float] = {}
        self._weights: dict[str, float] = {}

    def matching(self, query: Query) -> set[int]:
        """Return every document that answers the query."""
        return set(self._postings.matching(query, among=self._allowed))

    def best(self, worths: Mapping[str, float], *, limit: int, among: set[int] | None = None) -> list[int]:
        """Return the documents that promise most by stems and what each is worth, best first.

        Where given, only those `among` some. What a stem promises depends on how telling it is to this asker, so that
        nothing else shows in the choice.
        """
        allowed = self._allowed if among is None else self._allowed & among
        telling = {stem: worth * self.rarity(stem) for stem, worth in worths.items()}
        return self._postings.best(telling, limit=limit, among=allowed)

    def stored(self, number: int) -> Mapping[str, Any]:
        """Return what is stored of a document: see schema.py. All but lists are text."""
        return self._sections.stored(number)

    def candidate(self, number: int) -> Candidate:
        """Return a document as ranking wants it."""
        return self._sections.candidate(number)

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

    def weight_of(self, asked: str) -> float:
        """Return how telling the words of an author's question are, padded as a candidate has it."""
        if asked not in self._weights:
            if len(self._weights) >= _COUNTS_KEPT:
                self._weights.clear()
            self._weights[asked] = weight_of(asked, self.rarity)
        return self._weights[asked]

    @cached_property
    def by_area(self) -> Mapping[str, set[int]]:
        """The documents by the first part of their address."""
        return self._by("area")

    @cached_property
    def by_audience(self) -> Mapping[str, set[int]]:
        """The documents by the key of their requirement."""
        return self._by("audience")

    def _by(self, name: str) -> Mapping[str, set[int]]:
        found = {value: self.matching(Term(name, value)) for value in self._postings.words(name)}
        return {value: numbers for value, numbers in found.items() if numbers}

    @cached_property
    def spelling(self) -> Spelling:
        """What a correction may offer to this asker: of all words in the index those that the view has a count of."""
        return Spelling(self._postings.words("spellings"), count=lambda word: self._count(Term("spellings", word)))

    @cached_property
    def suggestions(self) -> SuggestionList:
        """What may be suggested to this asker while they type."""
        return SuggestionList.of(map(self.stored, sorted(self._allowed)), self._glossary)

    def _count(self, term: Term) -> int:
        if term not in self._counts:
            if len(self._counts) >= _COUNTS_KEPT:
                self._counts.clear()
            having = self._postings.having(term.fieldname, term.text)
            self._counts[term] = sum(map(self._allowed.__contains__, having))
        return self._counts[term]


class Snapshot:
    """A generation opened for searching. It stays as it is while the index goes on: see `is_newest`.

    Not for two threads at once: Whoosh's readers share a position in their file. SearchIndex takes care of that.
    """

    def __init__(self, folder: Path, *, before: "Snapshot | None" = None) -> None:
        """Open a generation. What was read of it `before` it was last written is not read again."""
        self.folder = folder
        try:
            self._searcher = FileStorage(str(folder), supports_mmap=False).open_index(schema=SCHEMA).searcher()
            known = before.known() if before and before.folder == folder else None
            self._postings = Postings(self._searcher.reader(), before=known)
            self._sections = Sections(self._searcher.reader())
        except Exception as error:
            message = f"The search index in {folder.name} cannot be read: {error!r}."
            raise IndexUnusableError(message) from error
        self._views: dict[tuple[str, frozenset[str], Glossary], View] = {}

    def known(self) -> Known:
        """Return what was read, for the snapshot of the next state. It outlasts the files."""
        return self._postings.known()

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
        readable = frozenset(
            key for key in self._postings.words("audience") if asker.may_read(Requirement.from_key(key))
        )
        # An index that is behind knows nothing of the requirement of a new term, but the reader's glossary does.
        known = (asker.edition.version, readable, asker.edition.glossary_for(asker.may_read))
        if known not in self._views:
            if len(self._views) >= _VIEWS_KEPT:
                self._views.clear()
            self._views[known] = self._view(asker, readable)
        return self._views[known]

    def _view(self, asker: Asker, readable: Iterable[str]) -> View:
        pages = asker.edition.pages.values()
        standing = {revision_of(page) for page in pages}
        indexed = set(self._postings.words("revision"))
        allowed = self._numbers("audience", readable) - self._numbers("revision", indexed - standing)
        wanted = {revision_of(page) for page in pages if asker.may_read(page.requirement)}
        glossary = asker.edition.glossary_for(asker.may_read)
        return View(
            self._sections,
            self._postings,
            glossary,
            allowed=allowed,
            is_complete=wanted <= indexed,
        )

    def _numbers(self, field_name: str, values: Iterable[str]) -> frozenset[int]:
        return frozenset[int]().union(*(self._postings.having(field_name, value) for value in values))
