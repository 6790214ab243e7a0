"""What publishing works with: the content folder, its history, the journal, and the lock around them all."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.db import Database
from knowledge_base.pages.library import Library
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.repository.git import GitError
from knowledge_base.repository.remote import Remote
from knowledge_base.repository.repository import SITE_AUTHOR, Repository
from knowledge_base.repository.working_files import WorkingFiles
from knowledge_base.settings import Settings

# For how many seconds to wait, and how many between two looks: who has waited longest looks most often, so that nobody
# who has just come passes them.
PATIENCE = ((5, 0.05), (15, 0.02), (40, 0.004))
# For the same on all machines together.
PATIENCE_WITH_NODES = timedelta(minutes=1)
# Any number that no other program on the same database takes: it is the bytes of "kbpublsh".
PUBLISHING = 0x6B627075_626C7368
# While somebody waits for an answer.
SECONDS_FOR_THE_REMOTE = 20
OTHERS = "Others are publishing at the moment. Wait a minute, then publish again."
# Whoever waits looks meanwhile: who publishes one thing after the other would keep all others out.
SECONDS_FOR_OTHERS = 0.05


@dataclass(frozen=True)
class ContentStore:
    """The content as something to change. Functions of this package take it first."""

    content: Path
    library: Library
    database: Database
    keys: ChainKeys = field(repr=False)
    lock_file: Path
    remote: str = field(default="", repr=False)
    branch: str = "main"

    @classmethod
    def of(cls, settings: Settings, *, library: Library, database: Database) -> "ContentStore":
        """Make it as the settings say."""
        keys = ChainKeys.derive(settings.secret_key, settings.old_secret_keys)
        lock_file = settings.instance_dir / "publishing.lock"
        where = (settings.content_remote, settings.content_branch)
        return cls(settings.content_dir, library, database, keys, lock_file, *where)

    @property
    def files(self) -> WorkingFiles:
        """The files on the disk."""
        return WorkingFiles(self.content)

    @cached_property
    def repository(self) -> Repository:
        """The history, begun if there is none yet. Raises PublishingBusyError when git or the files cannot be used."""
        try:
            found = Repository.of(self.content)
            self._begin_history(found)
        except GitError as error:
            message = f"The content's history cannot be used, so nothing can be published: {error}"
            raise PublishingBusyError(message) from error
        except OSError as error:
            # Not the name of the file: whoever publishes may not know of it.
            message = f"The content's files cannot be read, so nothing can be published: {error.strerror}."
            raise PublishingBusyError(message) from error
        return found

    def begin_history_if_there_is_none(self) -> None:
        """Commit all there is where there is no commit, as after `git switch --orphan`. Raises GitError and OSError."""
        self._begin_history(self.repository)

    @cached_property
    def shared(self) -> Remote | None:
        """The remote at which several nodes share the history, None where the content is this machine's alone."""
        if not self.remote:
            return None
        if self.repository.prefix:
            message = (
                "KB_CONTENT_REMOTE needs content that is a git repository of its own: make one with `content init`."
            )
            raise PublishingBusyError(message)
        return Remote(self.repository, self.remote, self.branch, patience=SECONDS_FOR_THE_REMOTE)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock that one process of all nodes can have; it is free again when its holder is killed.

        Raises PublishingBusyError after a minute.
        """
        with self.locked_here(), ExitStack() as stack:
            try:
                stack.enter_context(self.database.alone(PUBLISHING, patience=PATIENCE_WITH_NODES))
            except OperationalError as error:
                raise PublishingBusyError(OTHERS) from error
            yield

    @contextmanager
    def locked_here(self) -> Iterator[None]:
        """Hold the lock of the files and the history on this machine.

        Raises PublishingBusyError after a minute.
        """
        lock = FileLock(self.lock_file)
        _acquire(lock)
        try:
            yield
        finally:
            lock.release()
            time.sleep(SECONDS_FOR_OTHERS)

    @contextmanager
    def changing(self, *, undone: str) -> Iterator[None]:
        """Turn what git, the disk and the database say into a PublishingBusyError, and look at the files anew.

        `undone` says what was not done then: "nothing was published".
        """
        try:
            yield
        except GitError as error:
            message = f"The content's history cannot be used, so {undone}. {error}"
            raise PublishingBusyError(message) from error
        except OSError as error:
            message = f"The content's files cannot be written, so {undone}: {error.strerror}."
            raise PublishingBusyError(message) from error
        except SQLAlchemyError as error:
            message = f"The database cannot be written, so {undone}. Try again in a minute."
            raise PublishingBusyError(message) from error
        finally:
            # Where the files cannot be read at all, that has been said.
            with suppress(OSError):
                self.library.refresh()

    def _begin_history(self, repository: Repository) -> None:
        if repository.head() is not None:
            return
        contents = {path: self.files.read(path) for path in self.files.paths()}
        if contents:
            repository.commit(contents, author=SITE_AUTHOR, message="Begin the history of the content\n")
            repository.refresh_index(dict.fromkeys(contents), contents)


def _acquire(lock: FileLock) -> None:
    for seconds, between_looks in PATIENCE:
        with suppress(Timeout):
            lock.acquire(timeout=seconds, poll_interval=between_looks)
            return
    raise PublishingBusyError(OTHERS)
