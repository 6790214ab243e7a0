"""The site's own search as a benchmark asks it, by the functions that the routes call."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.questions import Question
from knowledge_base.access.policy import Viewer
from knowledge_base.pages.edition import Edition
from knowledge_base.search.completion import complete
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import find_pages, find_sections
from knowledge_base.search.snapshot import Asker

LIMIT = 10


class Engine(Protocol):
    """Something that answers questions."""

    name: str

    def ask(self, question: Question) -> Sequence[str]:
        """Return the addresses of the best sections."""
        ...


class SectionSearch:
    """Asks as the JSON interface does: for ten sections."""

    name = "this site"

    def __init__(self, folder: Path, edition: Edition) -> None:
        self._index = SearchIndex(folder)
        self.edition = edition

    def ask(self, question: Question) -> Sequence[str]:
        """Return the addresses of the best sections."""
        found = find_sections(self._index, question.text, asker=self._asker(question), limit=LIMIT)
        return [hit.url for hit in found.hits]

    def suggest(self, typed: str) -> None:
        """Look for what continues the first letters of something."""
        complete(self._index, typed, asker=self._asker(Question(typed, "")), limit=LIMIT)

    def close(self) -> None:
        """Close the files."""
        self._index.close()

    def _asker(self, question: Question) -> Asker:
        return Asker(self.edition, self.edition.may_read(Viewer(groups=question.groups)))


class PageSearch(SectionSearch):
    """Asks as the results page does: for ten pages with their sections, counts for filters and an answer box.

    It has an index of its own, so that it meets every question as a new one.
    """

    name = "its results page"

    def ask(self, question: Question) -> Sequence[str]:
        """Return the addresses of the pages' best sections."""
        found = find_pages(self._index, question.text, asker=self._asker(question), number=1)
        return [group.best.url for group in found.groups]
