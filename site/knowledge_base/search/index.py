"""Keep the index as the content is, whichever process notices a change first, and answer questions from it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import TypeVar

from filelock import Timeout
from whoosh.index import LockError, create_in, open_dir
from whoosh.writing import IndexWriter

from knowledge_base.pages.edition import Edition
from knowledge_base.search.generations import (
    Generations,
    IndexUnusableError,
    State,
    seconds_since_change,
    sync_to_disk,
    write_state,
)
from knowledge_base.search.schema import SCHEMA, SCHEMA_VERSION, documents_for, revision_of
from knowledge_base.search.snapshot import Snapshot

Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]

PATIENCE = 5.0
# Every process looks for changed content once a second. One that differs from a newer index for longer is not behind.
TIME_TO_NOTICE = 2.0
_WRITER = {"timeout": 10, "delay": 0.05}
# Of a generation's pages. To replace more takes longer than to build it anew, and leaves more to read at each search.
_MOST_REPLACED = 1 / 3
# So few are replaced all the same.
_FEW_PAGES = 20

_log = logging.getLogger(__name__)


class SearchIndex:
    """The index in a folder. Safe to share between threads; several processes may use the same folder."""

    def __init__(self, directory: Path, *, patience: float = PATIENCE) -> None:
        self._generations = Generations(directory)
        self._patience = patience
        self._snapshot: Snapshot | None = None
        self._last_version: str | None = None
        # One search at a time in a process: Whoosh's readers are not made for more, and Python would not run more.
        self._turn = RLock()

    def ask(self, edition: Edition, question: Callable[[Snapshot], Answer]) -> Answer:
        """Bring the index up to date with the edition and put the question to it.

        A damaged index is built anew, once. Raises IndexUnusableError when there is none and it cannot be made now.
        """
        self.sync(edition)
        with self._turn:
            try:
                return question(self._newest())
            except Exception as error:
                if self._snapshot is not None and self._snapshot.is_sound():
                    raise
                _log.warning("The search index is built anew: %s", error)
            self.rebuild(edition)
            return question(self._newest())

    def sync(self, edition: Edition) -> bool:
        """Bring the index up to date with the edition, and say whether it is. Cheap when nothing has changed.

        When another process is writing for longer than we wait, or seems to know newer content than we do, the index is
        left alone. Searching it is safe all the same: Snapshot.view_for leaves out what the edition does not hold.
        """
        folder, state = self._state()
        if not self._matches(state, edition):
            if folder is not None and state is not None and self._is_behind(folder, state):
                return False
            try:
                with self._generations.lock(patience=self._patience):
                    self._write(edition)
            except (Timeout, LockError, OSError) as error:
                _log.warning("The search index is not brought up to date: %s", error)
                self._last_version = None
                return False
        self._last_version = edition.version
        return True

    def is_current(self, edition: Edition) -> bool:
        """Say whether the index was made from just this content. Looks, and changes nothing."""
        return self._matches(self._state()[1], edition)

    @property
    def written_at(self) -> float | None:
        """When the index was last written, in seconds since 1970. None while there is none."""
        folder = self._generations.current()
        try:
            return (folder / "state").stat().st_mtime if folder else None
        except OSError:
            return None

    def rebuild(self, edition: Edition, *, progress: Progress | None = None) -> None:
        """Build a new generation from nothing. Until it is complete, searches use the one before.

        `progress` is told how many of how many pages are done. Raises IndexUnusableError when it cannot be built.
        """
        try:
            with self._generations.lock(patience=self._patience):
                self._build(edition, progress)
        except Timeout as error:
            message = "Another process is writing the search index. Try again in a minute."
            raise IndexUnusableError(message) from error
        except OSError as error:
            message = f"The search index cannot be written: {error}."
            raise IndexUnusableError(message) from error
        self._last_version = edition.version

    def close(self) -> None:
        """Close the files: before a fork, and at the end of a test."""
        with self._turn:
            if self._snapshot is not None:
                self._snapshot.close()
                self._snapshot = None

    def _newest(self) -> Snapshot:
        """Return the index as it stands now, opened once and kept until it changes."""
        current = self._generations.current()
        if self._snapshot is None or not self._snapshot.is_newest(current):
            before = self._snapshot
            self.close()
            if current is None:
                message = "There is no search index yet."
                raise IndexUnusableError(message)
            self._snapshot = Snapshot(current, before=before)
        return self._snapshot

    def _state(self) -> tuple[Path | None, State | None]:
        folder = self._generations.current()
        return folder, self._generations.state(folder) if folder is not None else None

    @staticmethod
    def _matches(state: State | None, edition: Edition) -> bool:
        return state is not None and state.schema == SCHEMA_VERSION and state.version == edition.version

    def _is_behind(self, folder: Path, state: State) -> bool:
        """Whether another process has just brought the index to content that this one has probably yet to notice.

        Without this, two processes of which one has seen a change and the other not would undo each other's updates.
        """
        moved_on = self._last_version is not None and state.version != self._last_version
        return moved_on and seconds_since_change(folder) < TIME_TO_NOTICE

    def _write(self, edition: Edition) -> None:
        """Update the current generation, or build a new one where it cannot be used. Needs the lock."""
        folder, state = self._state()
        if self._matches(state, edition):
            return
        if folder is None or state is None or not state.is_complete or state.schema != SCHEMA_VERSION:
            self._build(edition, None)
            return
        changed = _changed(state, edition)
        if len(changed) > max(_FEW_PAGES, _MOST_REPLACED * len(state.pages)):
            self._build(edition, None)
            return
        try:
            _update(folder, edition, changed)
        except LockError:
            raise
        except Exception as error:  # noqa: BLE001 - a damaged file may make Whoosh raise anything at all
            _log.warning("The search index cannot be updated and is built anew: %s", error)
            self._build(edition, None)

    def _build(self, edition: Edition, progress: Progress | None) -> None:
        with self._generations.new() as folder:
            with create_in(folder, SCHEMA).writer(**_WRITER) as writer:
                for done, page in enumerate(edition.pages.values(), start=1):
                    _add(writer, edition, page.url)
                    if progress:
                        progress(done, len(edition.pages))
            write_state(folder, State(SCHEMA_VERSION, edition.version, _revisions(edition)))


def _changed(state: State, edition: Edition) -> Sequence[str]:
    """Return the addresses of pages that are new, gone or otherwise than the generation knows them."""
    wanted = _revisions(edition)
    return [url for url in {**state.pages, **wanted} if state.pages.get(url) != wanted.get(url)]


def _update(folder: Path, edition: Edition, changed: Sequence[str]) -> None:
    """Replace the sections of the pages that have changed."""
    wanted = _revisions(edition)
    if changed:
        with open_dir(folder, schema=SCHEMA).writer(**_WRITER) as writer:
            write_state(folder, State(SCHEMA_VERSION))
            for url in changed:
                writer.delete_by_term("page", url)
                if url in wanted:
                    _add(writer, edition, url)
        sync_to_disk(folder)
    write_state(folder, State(SCHEMA_VERSION, edition.version, wanted))


def _add(writer: IndexWriter, edition: Edition, url: str) -> None:
    page = edition.pages[url]
    for document in documents_for(page, edition.document(page)):
        writer.add_document(**document)


def _revisions(edition: Edition) -> Mapping[str, str]:
    return {page.url: revision_of(page) for page in edition.pages.values()}
