"""Build the site's index and SQLite's table from the same pages, and stop what each part of that takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from benchmarks.corpus import Progress
from benchmarks.full_text import FullText, Row, rows_of
from benchmarks.measuring import megabytes_on_disk, timed
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library
from knowledge_base.pages.page import Document, Page
from knowledge_base.search.index import SearchIndex


@dataclass(frozen=True)
class Built:
    """How much was indexed, seconds for each part, and megabytes on the disk."""

    pages: int
    sections: int
    reading: float
    rendering: float
    indexing: float
    size: float
    sqlite_building: float
    sqlite_size: float


@dataclass(frozen=True)
class _WatchedEdition(Edition):
    """An edition that notes how long rendering takes, and each page's sections as SQLite wants them."""

    rows: dict[str, Sequence[Row]] = field(default_factory=dict, compare=False)
    milliseconds: list[float] = field(default_factory=list, compare=False)

    def document(self, page: Page) -> Document:
        """Return the page rendered."""
        document, took = timed(super().document, page)
        self.milliseconds.append(took.clock)
        if page.url not in self.rows:
            self.rows[page.url] = tuple(rows_of(page, document))
        return document


def build(content: Path, index: Path, database: Path, *, progress: Progress) -> Built:
    """Build both."""
    read, reading = timed(Library(content).edition)
    edition = _WatchedEdition(**{one.name: getattr(read, one.name) for one in fields(read)})
    _, building = timed(SearchIndex(index).rebuild, edition, progress=progress)
    rendering = sum(edition.milliseconds)
    sqlite = FullText(database)
    _, sqlite_building = timed(sqlite.build, edition.rows.values())
    sqlite.close()
    return Built(
        pages=len(edition.pages),
        sections=sum(map(len, edition.rows.values())),
        reading=reading.clock / 1000,
        rendering=rendering / 1000,
        indexing=(building.clock - rendering) / 1000,
        size=megabytes_on_disk(index),
        sqlite_building=sqlite_building.clock / 1000,
        sqlite_size=megabytes_on_disk(database),
    )
