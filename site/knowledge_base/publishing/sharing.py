"""Share one history with other nodes: what is published is at the shared remote before anybody is told that it is live.

Correct without any lock: a push is never forced, so of two nodes at once one is refused, brings the other's change in
and does it again. The lock that all nodes share only spares them that.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from knowledge_base.audit.events import SITE
from knowledge_base.publishing.errors import EditConflictError, PublishingBusyError
from knowledge_base.publishing.pulling import Pull, SyncRefusedError
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.branch import head_of, remove_locks_left_behind
from knowledge_base.repository.git import Git, GitError
from knowledge_base.repository.git_index import as_committed
from knowledge_base.repository.remote import TIMEOUT, TIMEOUT_TO_ASK, Remote, merge_base
from knowledge_base.repository.repository import Author
from knowledge_base.repository.working_files import LOST_AND_FOUND

# While the files of a clone are put in place, and its branch.
CLONING = ".git/knowledge-base-cloning"


class OutcomeUnknownError(PublishingBusyError):
    """The connection ended while a change was sent, so nobody knows whether it has arrived."""


def pull_shared(store: ContentStore, *, now: datetime) -> None:
    """Bring in what the shared remote has, where there is one. Only within the lock.

    Raises PublishingBusyError when it cannot be reached, does not merge with what was changed by hand here, or has what
    is brought in with git only.
    """
    shared = store.shared
    if shared is None:
        return
    try:
        newest = shared.fetch()
    except GitError as error:
        message = "The history that this site shares with others cannot be reached, so nothing was published."
        raise PublishingBusyError(message) from error
    if newest == store.repository.head():
        return
    try:
        Pull(store, shared, SITE, now).run(newest)
    except EditConflictError as error:
        message = (
            "Nothing was published: somebody has changed files on the server in the same place as others elsewhere. "
            "Whoever looks after the server has to run `content sync`, which names them."
        )
        raise PublishingBusyError(message) from error
    except SyncRefusedError as error:
        # Whoever publishes may not know of what it names.
        message = (
            "Nothing was published: the history that this site shares with others has changes that cannot be brought "
            "in. Whoever looks after the server has to run `content sync`, which names them."
        )
        raise PublishingBusyError(message) from error
    finally:
        store.library.refresh()


def commit(store: ContentStore, changes: Mapping[str, bytes | None], *, author: Author, message: str) -> str | None:
    """Add a commit, or, where there is a shared remote, add it there. Returns its name.

    At the remote it is safe, and the branch here follows with `move_to` once the files are in place: whoever is killed
    in between brings the same in again. Returns None when others were faster there: bring theirs in, then do it again.
    Raises GitError when it is not in the history, and OutcomeUnknownError when nobody knows.
    """
    repository, shared = store.repository, store.shared
    if shared is None:
        return repository.commit(changes, author=author, message=message)
    made = repository.commit_after([repository.head() or "HEAD"], changes, author=author, message=message)
    return made if _push(shared, made) else None


def move_to(store: ContentStore, commit: str) -> None:
    """Let the branch follow a commit that is at the shared remote. Does nothing where there is none."""
    if store.shared is not None:
        # When somebody has committed here with git in this moment, bringing in makes one of the two.
        store.repository.move_to(commit, expected=store.repository.git.text("rev-parse", f"{commit}~1"))


def clone_if_there_is_none(store: ContentStore) -> bool:
    """Fill the content folder from the shared remote where there is nothing in it yet. Says whether it did.

    Whoever is killed meanwhile does it again, from the beginning. Raises PublishingBusyError, GitError and OSError.
    """
    folder = store.content
    if not store.remote or not is_without_content(folder):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    git, branch, seen = (
        Git(folder, for_remote=True),
        f"refs/heads/{store.branch}",
        f"refs/remotes/origin/{store.branch}",
    )
    if (folder / CLONING).exists() and git.succeeds("merge-base", "--is-ancestor", seen, "HEAD"):
        # Whoever was killed had done it, and somebody may have changed files since.
        (folder / CLONING).unlink(missing_ok=True)
        return True
    if not git.run("ls-remote", "--", store.remote, branch, timeout=TIMEOUT_TO_ASK).strip():
        return False
    remove_locks_left_behind(folder / ".git")
    # Not `git clone`, which wants a folder that is quite empty, and leaves half a one when it is killed.
    git.run("init", "--quiet", f"--initial-branch={store.branch}", ".")
    git.run("fetch", "--quiet", "--no-tags", "--", store.remote, f"+{branch}:{seen}", timeout=TIMEOUT)
    if "origin" not in git.text("remote").split():
        git.run("remote", "add", "origin", store.remote)
    with store.locked_here():
        # To fetch takes its time, in which others may have put content there.
        if not is_without_content(folder):
            return False
        _put_clone_in_place(git, branch=branch, seen=seen)
    return True


def _put_clone_in_place(git: Git, *, branch: str, seen: str) -> None:
    cloning = git.folder / CLONING
    cloning.touch()
    with as_committed(git):
        git.run("read-tree", "--reset", "-u", seen, timeout=TIMEOUT)
    # The files are on the disk before the branch says so: else those that a power cut takes would look deleted.
    os.sync()
    git.run("symbolic-ref", "HEAD", branch)
    git.run("update-ref", "-m", "clone", "HEAD", seen)
    cloning.unlink(missing_ok=True)


def is_without_content(folder: Path) -> bool:
    """Say whether a content folder is missing or holds nothing, but what its disk has and a git without a commit."""
    if not folder.exists() or is_half_cloned(folder):
        return True
    if any(entry.name not in {".git", LOST_AND_FOUND} for entry in folder.iterdir()):
        return False
    return not (folder / ".git").exists() or head_of(Git(folder)) is None


def is_half_cloned(folder: Path) -> bool:
    """Say whether the files of a clone are being put into a content folder, or were when somebody was killed."""
    return (folder / CLONING).exists()


def _push(shared: Remote, commit: str) -> bool:
    try:
        shared.push(commit)
    except GitError as error:
        try:
            newest = shared.newest()
        except GitError:
            message = (
                "The connection to the history that this site shares with others ended while your change was sent. "
                "It may still go live: look at the page in a minute before you publish it again."
            )
            raise OutcomeUnknownError(message) from error
        if newest is None or merge_base(shared.repository, commit, newest) == newest != commit:
            raise  # Nobody was faster, so something else is wrong.
        return newest == commit
    return True
