"""Change git's own index so that a kill leaves no lock on it, and what somebody stages at that moment is kept.

And have git put files on the disk as they are in the commit.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copymode

from knowledge_base.repository.git import Git, GitError

OURS = "knowledge-base-index"
MOST_TRIES = 5
AS_THEY_ARE = "* -text -ident !eol !filter !working-tree-encoding\n"


class IndexLockedError(GitError):
    """Another git has the index, or keeps changing it."""


def write_index(git: Git, lines: bytes) -> None:
    """Put lines as `git update-index --index-info` takes them into the index. One process at a time may do so.

    Git itself holds the lock while it works, and leaves it behind when it is killed. So it works on a copy, and the
    lock is there only while that takes the index's place. Raises GitError and OSError.
    """
    index = git.folder / git.text("rev-parse", "--git-path", "index")
    for _ in range(MOST_TRIES):
        known = _content_of(index)
        if _put_in_place(index, known, _changed(git, known, lines)):
            return
    message = "Another git changes the index again and again."
    raise IndexLockedError(message)


@contextmanager
def as_committed(git: Git) -> Iterator[None]:
    """Have git write files as they are in the commit, whatever the content's own .gitattributes say.

    So they are compared; else each would look as if somebody had changed it by hand.
    """
    attributes = git.folder / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(AS_THEY_ARE)
    try:
        yield
    finally:
        attributes.unlink(missing_ok=True)


def _changed(git: Git, known: bytes | None, lines: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "index")
        if known is not None:
            copy.write_bytes(known)
        git.run("update-index", "-z", "--index-info", stdin=lines, environment={"GIT_INDEX_FILE": str(copy)})
        return copy.read_bytes()


def _put_in_place(index: Path, known: bytes | None, new: bytes) -> bool:
    """Make this the index, and say whether it still was what is known."""
    ours, lock = index.with_name(OURS), index.with_name(f"{index.name}.lock")
    try:
        ours.write_bytes(new)
        with suppress(FileNotFoundError):
            copymode(index, ours)
        try:
            os.link(ours, lock)
        except FileExistsError as error:
            message = f"Another git has the index, as {lock} says."
            raise IndexLockedError(message) from error
        is_as_known = _content_of(index) == known
        if is_as_known:
            lock.replace(index)
        else:
            lock.unlink()
        return is_as_known
    finally:
        ours.unlink(missing_ok=True)


def _content_of(index: Path) -> bytes | None:
    try:
        return index.read_bytes()
    except FileNotFoundError:
        return None
