"""SQLite's full-text search over the same sections, set up as somebody would who knows it well."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines import LIMIT
from benchmarks.questions import Question
from benchmarks.vocabulary import WORD, telling_words
from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.pages.page import Document, Page

_TABLES = """
create virtual table sections using fts5
    (title, heading, body, hidden, url unindexed, audience unindexed, tokenize = 'porter unicode61');
create table pages (url text primary key, first integer not null, last integer not null);
insert into sections (sections, rank) values ('rank', 'bm25(2.5, 3.5, 1.0, 2.5)');
"""
_INSERT = "insert into sections (title, heading, body, hidden, url, audience) values (?, ?, ?, ?, ?, ?)"
# Ordered by its own rank, the table computes excerpts and looks at audiences only for the rows that are wanted.
_ASK = """
select url, title, heading, snippet(sections, 2, '<mark>', '</mark>', ' … ', 40) from sections
where sections match ? and audience in (?, ?) order by rank limit ?
"""


@dataclass(frozen=True)
class Row:
    """A section as the table holds it."""

    title: str
    heading: str
    body: str
    hidden: str
    url: str
    audience: str

    def values(self) -> Sequence[str]:
        """Return the columns in their order."""
        return (self.title, self.heading, self.body, self.hidden, self.url, self.audience)


def rows_of(page: Page, document: Document) -> Iterator[Row]:
    """Yield the sections of a page."""
    for section in document.sections:
        yield Row(
            title=page.meta.title,
            heading=section.heading,
            body=section.text,
            hidden=" ".join([*page.meta.keywords, section.hidden_words, *section.asked]),
            url=f"{page.url}#{section.anchor}" if section.anchor else page.url,
            audience=Requirement(page.requirement.audiences | section.requirement.audiences).key,
        )


class FullText:
    """A table in a file."""

    name = "SQLite FTS5"

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)

    def build(self, rows: Iterable[Sequence[Row]]) -> None:
        """Make the table of the rows of each page, and merge it into its fastest form."""
        self._connection.executescript(_TABLES)
        with self._connection:
            for page_rows in rows:
                self._insert(page_rows)
            self._connection.execute("insert into sections (sections) values ('optimize')")
        self._connection.execute("vacuum")

    def replace(self, rows: Sequence[Row]) -> None:
        """Put the rows of a page in the place of those it had."""
        with self._connection:
            known = self._connection.execute("select first, last from pages where url = ?", (_page_of(rows),))
            self._connection.execute("delete from sections where rowid between ? and ?", known.fetchone())
            self._insert(rows)

    def ask(self, question: Question) -> Sequence[str]:
        """Return the addresses of the best sections with any of the words."""
        words = WORD.findall(question.text)
        wanted = " OR ".join(f'"{word}"' for word in telling_words(words) or words)
        audiences = (OPEN, *question.groups, OPEN)[:2]
        return [url for url, *_ in self._connection.execute(_ASK, (wanted or '""', *audiences, LIMIT))]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _insert(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        numbers = [self._connection.execute(_INSERT, row.values()).lastrowid for row in rows]
        place = (_page_of(rows), numbers[0], numbers[-1])
        self._connection.execute("insert or replace into pages values (?, ?, ?)", place)


def _page_of(rows: Sequence[Row]) -> str:
    return rows[0].url.partition("#")[0]
