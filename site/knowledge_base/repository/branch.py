"""Move the branch that is checked out, by compare and swap, and past the locks that a killed git left."""

import re
import time
from pathlib import Path

from knowledge_base.repository.git import Git, GitError

NOTHING = "0" * 40
# Git holds a lock of a branch for some milliseconds. It is never removed by git itself when its holder was killed.
LEFT_BEHIND_AFTER = 60
MOST_LOCKS = 3
_LOCK = re.compile(r"Unable to create '(?P<lock>[^']+\.lock)': File exists")


class BranchLockedError(GitError):
    """Another git has the branch locked. The message says what to do."""


def head_of(git: Git) -> str | None:
    """Return the newest commit, or None where there is none yet."""
    try:
        return git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitError:
        return None


def move_branch(git: Git, commit: str, *, expected: str | None, reason: str) -> bool:
    """Make a commit the newest one, and say whether the newest one was what is expected.

    A lock that is older than a minute was left behind, and is removed. Raises BranchLockedError for a younger one,
    and GitError when the branch cannot be written.
    """
    for _ in range(MOST_LOCKS):
        try:
            git.run("update-ref", "-m", reason, "HEAD", commit, expected or NOTHING)
        except GitError as error:
            if removes_lock(git, error):
                continue
            now = head_of(git)
            if now == expected:
                raise
            return now == commit
        return True
    message = "Other gits lock the branch of the content's git repository again and again. Try again in a minute."
    raise BranchLockedError(message)


def removes_lock(git: Git, error: GitError) -> bool:
    """Remove the lock of which git complains, if it was left behind, and say whether git complains of one.

    Raises BranchLockedError for one that is younger than a minute.
    """
    if found := _LOCK.search(str(error)):
        _remove_if_left_behind(git.folder / found["lock"])
    return found is not None


def remove_locks_left_behind(repository: Path) -> None:
    """Remove every lock of a killed git. Raises BranchLockedError for one that is younger than a minute."""
    for lock in repository.rglob("*.lock"):
        _remove_if_left_behind(lock)


def _remove_if_left_behind(lock: Path) -> None:
    try:
        age = time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return
    if age < LEFT_BEHIND_AFTER:
        message = (
            f"Another git has locked the branch with the file {lock}. Try again in a minute: "
            "one that was left behind is removed then."
        )
        raise BranchLockedError(message)
    lock.unlink(missing_ok=True)
