"""The history as the site uses it: found when it is first needed, never begun, and asked as seldom as may be."""

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from knowledge_base.history.log import Commit, read_commits
from knowledge_base.history.past import Past
from knowledge_base.repository.git import GitError
from knowledge_base.repository.repository import Repository

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 2.0
MOST_COMMITS = 2_000


@dataclass(frozen=True)
class Recent:
    """The newest commits as of one look. `by_page` has those of each page, by its file's path.

    `kept` is for what was worked out of them, which nobody needs once there are others.
    """

    head: str | None = None
    commits: tuple[Commit, ...] = ()
    by_page: dict[str, tuple[Commit, ...]] = field(default_factory=dict, repr=False)
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)


class Archive:
    """The content's history, for reading. Safe between threads."""

    def __init__(self, content: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._content = content
        self._clock = clock
        self._lock = Lock()
        self._found: tuple[Repository, Past] | None = None
        self._recent: Recent | None = None
        self._looked_at = 0.0
        self._searched_at = float("-inf")

    @property
    def repository(self) -> Repository | None:
        """The repository, or None while there is none."""
        return found[0] if (found := self._find()) else None

    @property
    def past(self) -> Past | None:
        """Pages as they were, or None while there is no repository."""
        return found[1] if (found := self._find()) else None

    def recent(self) -> Recent:
        """Return the newest commits as of two seconds ago at most. Never raises.

        One reader in two seconds waits for git to name the newest commit, and only after a new one for more; whoever
        comes meanwhile gets what is known.
        """
        if self._recent is not None:
            is_fresh = self._clock() - self._looked_at < SECONDS_BETWEEN_LOOKS
            if is_fresh or not self._lock.acquire(blocking=False):
                return self._recent
            self._lock.release()
        return self.look()

    def look(self) -> Recent:
        """Return the newest commits as of now. What cannot be read is as it was. Never raises."""
        with self._lock:
            before = self._recent or Recent()
            try:
                self._recent = self._read(before)
            except (GitError, OSError, ValueError) as error:
                logger.warning("The history cannot be read: %s", error)
                self._recent = before
            self._looked_at = self._clock()
            return self._recent

    def _find(self) -> tuple[Repository, Past] | None:
        """Return the repository once there is one. As long as there is none, git is asked each two seconds."""
        if self._found is None and self._clock() - self._searched_at >= SECONDS_BETWEEN_LOOKS:
            if repository := Repository.find(self._content):
                self._found = (repository, Past(repository))
            self._searched_at = self._clock()
        return self._found

    def _read(self, before: Recent) -> Recent:
        repository = self.repository
        head = repository.head() if repository else None
        if repository is None or head is None or head == before.head:
            return before
        commits = read_commits(repository, most=MOST_COMMITS)
        by_page: dict[str, list[Commit]] = {}
        for commit in commits:
            for path in commit.changes:
                if path.endswith(".md"):
                    by_page.setdefault(path, []).append(commit)
        return Recent(head, commits, {path: tuple(found) for path, found in by_page.items()})
