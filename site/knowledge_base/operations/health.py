"""Find out whether the site can serve, within two seconds whatever hangs."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.approval.schedule import Schedule
from knowledge_base.db import Database
from knowledge_base.pages.library import Library
from knowledge_base.probes import NoAnswerError, Probe
from knowledge_base.publishing.sharing import is_half_cloned
from knowledge_base.schema import known_schemas
from knowledge_base.search.generations import IndexUnusableError
from knowledge_base.search.index import SearchIndex
from knowledge_base.settings import Settings

OK = "ok"
BEHIND = "behind the content"
NO_ANSWER = "does not answer"
PATIENCE = 2.0
# It looks each second, but what it finds to do may take a while.
SCHEDULE_MAY_TAKE = 120.0
LEAST_FREE = 100_000_000


@dataclass(frozen=True)
class Readiness:
    """The state of each thing that the site needs: "ok", or what is wrong with it. Serving needs the first three."""

    content: str
    database: str
    search_index: str
    schedule: str
    disk: str

    @property
    def is_ready(self) -> bool:
        """Whether the site can serve. Without a schedule, or on a full disk, it can, so it is not taken off the net."""
        return (self.content, self.database) == (OK, OK) and self.search_index in {OK, BEHIND}


class Health:
    """Asks all that a site depends on. Safe between threads.

    `schedule` gives the thread that publishes what is due, or None in a process that has none.
    """

    def __init__(
        self,
        *,
        library: Library,
        database: Database,
        index: SearchIndex,
        settings: Settings,
        schedule: Callable[[], Schedule | None],
    ) -> None:
        self._content = Probe(lambda: _content(library, settings.content_dir))
        self._database = Probe(lambda: _database(database))
        self._index = Probe(lambda: _index(library, index))
        self._disk = Probe(lambda: _disk(folders_of(settings).values()))
        self._schedule = schedule

    def check(self) -> Readiness:
        """Try each of them. Says what is wrong in general words: anyone may ask."""
        probes = (self._content, self._database, self._index, self._disk)
        for probe in probes:
            probe.ask()
        content, database, index, disk = (_answer(probe) for probe in probes)
        return Readiness(content, database, index, _schedule(self._schedule()), disk)


def folders_of(settings: Settings) -> dict[str, Path]:
    """Return the folders that the site writes to, by what they are called in words for operators."""
    return {"content": settings.content_dir, "index": settings.index_dir, "instance": settings.instance_dir}


def _answer(probe: Probe[str]) -> str:
    try:
        return probe.answer(patience=PATIENCE)
    except NoAnswerError:
        return f"{NO_ANSWER} within {PATIENCE:.0f} seconds"


def _content(library: Library, folder: Path) -> str:
    try:
        edition = library.edition()
    except OSError:
        return "cannot be read"
    if is_half_cloned(folder):
        return "not all fetched yet from what nodes share"
    if trouble := library.trouble:
        return trouble.in_general(edition)
    return OK if edition.pages else "no pages"


def _database(database: Database) -> str:
    try:
        schema = database.schema()
    except SQLAlchemyError:
        return NO_ANSWER
    if schema is None:
        return "has no tables"
    # Somebody may have changed it under a site that runs, and would find out by its faults.
    if schema not in known_schemas():
        return "changed by a newer version of the site"
    return OK if schema == known_schemas()[-1] else "not upgraded to this version of the site"


def _index(library: Library, index: SearchIndex) -> str:
    try:
        edition = library.edition()
        index.ask(edition, lambda _snapshot: None)
        return OK if index.is_current(edition) else BEHIND
    except (OSError, IndexUnusableError):
        return "cannot be used"


def _disk(folders: Iterable[Path]) -> str:
    try:
        is_full = any(shutil.disk_usage(folder).free < LEAST_FREE for folder in folders if folder.exists())
    except OSError:
        return "cannot be asked"
    return "almost full" if is_full else OK


def _schedule(schedule: Schedule | None) -> str:
    if schedule is None:
        return "does not run in this process"
    return OK if schedule.seconds_since_look < SCHEDULE_MAY_TAKE else "stands still"
