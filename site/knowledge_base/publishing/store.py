"""What publishing works with: the content folder, its history, the journal, and the lock around them all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy.exc import OperationalError

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.db import Database
from knowledge_base.pages.library import Library
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.repository.git import GitError
from knowledge_base.repository.remote import Remote
from knowledge_base.repository.repository import SITE_AUTHOR, Repository
from knowledge_base.repository.working_files import WorkingFiles
from knowledge_base.settings import Settings

PATIENCE = timedelta(minutes=1)
# Short, and the same for all: who has waited long must not be passed by who has just come.
SECONDS_BETWEEN_LOOKS = 0.02
OTHERS = "Others are publishing at the moment. Wait a minute, then publish again."
# Any number that no other program on the same database takes: it is the bytes of "kbpublsh".
PUBLISHING = 0x6B627075_626C7368
# While somebody waits for an answer.
SECONDS_FOR_THE_REMOTE = 20


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
        """The history, begun if there is none yet. Raises PublishingBusyError when git cannot be used."""
        try:
            found = Repository.of(self.content)
            if found.head() is None:
                self._begin_history(found)
        except GitError as error:
            message = f"The content's history cannot be used, so nothing can be published: {error}"
            raise PublishingBusyError(message) from error
        return found

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
        return Remote(self.repository, self.remote, self.branch, timeout=SECONDS_FOR_THE_REMOTE)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock that one process of all nodes can have; it is free again when its holder is killed.

        Raises PublishingBusyError after a minute.
        """
        with self.locked_here(), ExitStack() as stack:
            try:
                stack.enter_context(self.database.alone(PUBLISHING, patience=PATIENCE))
            except OperationalError as error:
                raise PublishingBusyError(OTHERS) from error
            yield

    @contextmanager
    def locked_here(self) -> Iterator[None]:
        """Hold the lock of the files and the history on this machine.

        Raises PublishingBusyError after a minute.
        """
        try:
            with FileLock(self.lock_file, timeout=PATIENCE.total_seconds(), poll_interval=SECONDS_BETWEEN_LOOKS):
                yield
        except Timeout as error:
            raise PublishingBusyError(OTHERS) from error

    def _begin_history(self, repository: Repository) -> None:
        contents = {path: self.files.read(path) for path in self.files.paths()}
        if contents:
            repository.commit(contents, author=SITE_AUTHOR, message="Begin the history of the content\n")
            repository.refresh_index(dict.fromkeys(contents), contents)
