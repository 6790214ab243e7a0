"""Find out whether the site can serve."""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.db import Database
from knowledge_base.pages.library import Library
from knowledge_base.search.generations import IndexUnusableError
from knowledge_base.search.index import SearchIndex


@dataclass(frozen=True)
class Readiness:
    """The state of each thing that serving needs: "ok", or what is wrong with it."""

    content: str
    database: str
    search_index: str

    @property
    def is_ready(self) -> bool:
        """Whether all are well."""
        return {self.content, self.database, self.search_index} == {"ok"}


def check_readiness(library: Library, database: Database, index: SearchIndex) -> Readiness:
    """Try each of them. Says what is wrong in general words: anyone may ask."""
    return Readiness(content=_content(library), database=_database(database), search_index=_index(library, index))


def _content(library: Library) -> str:
    try:
        pages = library.edition().pages
    except OSError:
        return "cannot be read"
    if library.trouble:
        return "cannot be read, so an older state of it is shown"
    return "ok" if pages else "no pages"


def _database(database: Database) -> str:
    try:
        database.check()
    except SQLAlchemyError:
        return "does not answer"
    return "ok"


def _index(library: Library, index: SearchIndex) -> str:
    try:
        return index.ask(library.edition(), lambda _snapshot: "ok")
    except (OSError, IndexUnusableError):
        return "cannot be used"
