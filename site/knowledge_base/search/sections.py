"""What the index stores of its sections, and the sections as ranking wants them, for whoever may read them."""

from collections.abc import Mapping
from typing import Any

from whoosh.reading import IndexReader

from knowledge_base.search.concepts import Candidate

# About three kilobytes each. With twice as many no search was quicker (docs/decisions/0010).
_CANDIDATES_KEPT = 2000


class Sections:
    """The sections of a snapshot by their numbers. Not for two threads at once, as the reader is not.

    Nothing here looks at who asks: a view asks only for what its asker may read.
    """

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._candidates: dict[int, Candidate] = {}

    def stored(self, number: int) -> Mapping[str, Any]:
        """Return what is stored of a section: see schema.py. All but lists are text."""
        found: Mapping[str, Any] = self._reader.stored_fields(number)
        return found

    def candidate(self, number: int) -> Candidate:
        """Return a section as ranking wants it."""
        if number not in self._candidates:
            if len(self._candidates) >= _CANDIDATES_KEPT:
                del self._candidates[next(iter(self._candidates))]
            self._candidates[number] = Candidate.of(self.stored(number))
        return self._candidates[number]
