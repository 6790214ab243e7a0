"""The content: its history as a git bundle, and beside it what stands on the disk otherwise than in the history.

Names of commits stay as they are, because the database and people's links refer to them. So the history of a
repository of which the content is only a folder is kept whole; what is unpacked of it is the content.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from knowledge_base.backup.errors import ArchiveFaultError, BackupError, PlaceNotEmptyError
from knowledge_base.backup.kept_settings import remote_without_password
from knowledge_base.backup.manifest import ContentPart, is_safe_path
from knowledge_base.backup.unfinished import remove
from knowledge_base.repository.git import Git, GitError
from knowledge_base.repository.git_index import as_committed
from knowledge_base.repository.repository import Repository
from knowledge_base.repository.working_files import LOST_AND_FOUND, WorkingFiles

FOLDER = "content"
BUNDLE = f"{FOLDER}/history.bundle"
BRANCH = "main"
STAGING = ".restoring"
LENGTH_OF_SHA1 = 40
# For git to read or write a long history.
TIMEOUT = 3_600

# Is told what is about to be put in place.
Announce = Callable[[list[Path]], None]


def note_content(content: Path, folder: Path) -> tuple[ContentPart, tuple[str, ...]]:
    """Note which commit the content is at, and copy what differs from it. Only within the publishing lock.

    Returns it with the paths of files whose names nothing can be done with. Raises GitError and OSError.
    """
    repository, files = Repository.find(content), WorkingFiles(content)
    head = _head(repository) if repository else None
    on_disk = list(files.paths())
    good = [path for path in on_disk if is_safe_path(path)]
    if repository is None or head is None:
        part = ContentPart(revision=None, branch=BRANCH, prefix="", shallow=(), changed={}, removed=(), remotes={})
        differing = good
    else:
        differing = repository.differing(head, good)
        gone = [path for path in repository.paths_in(head) if not os.path.lexists(content / path)]
        part = ContentPart(
            revision=head,
            branch=_branch(repository.git),
            prefix=repository.prefix,
            shallow=_shallow(repository.git),
            changed={},
            removed=tuple(path for path in gone if is_safe_path(path)),
            remotes=_remotes(repository.git),
        )
    return part.model_copy(update={"changed": _copy(files, differing, folder)}), tuple(set(on_disk) - set(good))


def write_bundle(content: Path, part: ContentPart, file: BinaryIO) -> None:
    """Write the commit that was noted, with all before it, as a git bundle. Raises GitError and OSError."""
    repository = Repository.found_at(content)
    revision = part.revision or ""
    is_sha1 = len(revision) == LENGTH_OF_SHA1
    file.write(b"# v2 git bundle\n" if is_sha1 else b"# v3 git bundle\n@object-format=sha256\n")
    # By hand: `git bundle create` takes the branch as it is by now, and others go on publishing.
    file.write(f"{revision} HEAD\n{revision} refs/heads/{part.branch}\n\n".encode())
    file.flush()
    arguments = ("pack-objects", "--revs", "--stdout", "--quiet", "--delta-base-offset")
    repository.git.run(*arguments, stdin=f"{revision}\n".encode(), into=file, timeout=TIMEOUT)


def top_of(content: Path, part: ContentPart) -> Path:
    """Return the folder that the repository belongs in, for its content to be where it is wanted.

    Raises PlaceNotEmptyError when that cannot be, or something is there.
    """
    prefix = tuple(part.prefix.split("/")[:-1])
    if content.parts[len(content.parts) - len(prefix) :] != prefix:
        message = (
            f"In its repository the content is the folder {part.prefix} and must be so again: set KB_CONTENT_DIR to a "
            f"path that ends with /{part.prefix.rstrip('/')} and is not there yet."
        )
        raise PlaceNotEmptyError(message)
    top = content.parents[len(prefix) - 1] if prefix else content
    between = {content, *content.parents}
    if top.exists() and not top.is_dir():
        message = f"{top} is no folder: set KB_CONTENT_DIR to a place that is not there yet."
        raise PlaceNotEmptyError(message)
    # What mkfs makes on a disk of the content's own is nobody's, and only root may look into it.
    between.add(top / LOST_AND_FOUND)
    for folder, folders, files in os.walk(top):
        if files or any(Path(folder, name) not in between for name in folders):
            example = f"/srv/pages/{part.prefix}".rstrip("/")
            message = f"{top} is not empty: set KB_CONTENT_DIR to a path that is not there yet, such as {example}."
            raise PlaceNotEmptyError(message)
    return top


@contextmanager
def restored_content(top: Path, part: ContentPart, members: Path, *, note: Announce) -> Iterator[None]:
    """Put the content and its history into an empty folder; take them away again if that or what follows fails.

    `note` is told all that is about to be there. Raises ArchiveFaultError and BackupError.
    """
    # Within the folder, which may be a disk of its own.
    was_there, ours = top.exists(), [top / STAGING]
    try:
        note(ours)
        (staging := ours[0]).mkdir(parents=True)
        _rebuild(staging, part, members)
        if part.prefix:
            _remove_empty(top / part.prefix.split("/")[0])
        children = sorted(staging.iterdir())
        ours += [top / child.name for child in children]
        note(ours)
        for child in children:
            child.rename(top / child.name)
        staging.rmdir()
        yield
    except BaseException as error:
        remove(ours)
        if not was_there and top.is_dir():
            top.rmdir()
        if isinstance(error, GitError):
            message = f"The content's history in it cannot be used: {error}"
            raise ArchiveFaultError(message) from error
        if isinstance(error, OSError):
            message = f"The content cannot be written to {top}: {error.strerror}."
            raise BackupError(message) from error
        raise


def _rebuild(top: Path, part: ContentPart, members: Path) -> None:
    content = top / part.prefix
    if part.revision:
        _rebuild_history(top, part, part.revision, members / BUNDLE)
    content.mkdir(parents=True, exist_ok=True)
    for path in part.removed:
        _inside(content, path).unlink(missing_ok=True)
    for path, member in part.changed.items():
        place, source = _inside(content, path), members / member
        if not source.is_file() or place.is_dir():
            message = f"The file {path} of the content cannot be put in place."
            raise ArchiveFaultError(message)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        shutil.copyfile(source, place)


def _rebuild_history(top: Path, part: ContentPart, revision: str, bundle: Path) -> None:
    git = Git(top)
    object_format = "sha1" if len(revision) == LENGTH_OF_SHA1 else "sha256"
    git.run("init", "--quiet", f"--initial-branch={part.branch}", f"--object-format={object_format}", ".")
    if part.shallow:
        (top / ".git" / "shallow").write_text("".join(f"{commit}\n" for commit in part.shallow))
    git.run("bundle", "verify", "--quiet", str(bundle), timeout=TIMEOUT)
    git.run("fetch", "--quiet", "--no-tags", str(bundle), "HEAD", timeout=TIMEOUT)
    if git.text("rev-parse", "FETCH_HEAD") != revision:
        message = "The history in it is not the one that the manifest names."
        raise ArchiveFaultError(message)
    git.run("update-ref", "-m", "restore", "HEAD", revision)
    (top / ".git" / "FETCH_HEAD").unlink()
    with as_committed(git):
        if part.prefix:
            git.run("sparse-checkout", "set", "--no-cone", f"/{part.prefix}", timeout=TIMEOUT)
        git.run("read-tree", "-m", "-u", "HEAD", timeout=TIMEOUT)


def _head(repository: Repository) -> str | None:
    """Return the newest commit, or None where there is none yet: not where it is there and cannot be read."""
    head = repository.head()
    if head is None and repository.git.succeeds("rev-parse", "--verify", "--quiet", "HEAD"):
        message = "The newest commit of the content's git repository is missing or damaged."
        raise GitError(message)
    return head


def _inside(content: Path, path: str) -> Path:
    """Return the place of a file, which no link in the history may lead out of the content."""
    place = content / path
    if not place.parent.resolve().is_relative_to(content.resolve()):
        message = f"{path} leads out of the content."
        raise ArchiveFaultError(message)
    return place


def _copy(files: WorkingFiles, paths: list[str], folder: Path) -> dict[str, str]:
    copied = {}
    for number, path in enumerate(sorted(paths), start=1):
        if (found := files.read(path)) is not None:
            copied[path] = f"{FOLDER}/{number}"
            (folder / copied[path]).write_bytes(found)
    return copied


def _branch(git: Git) -> str:
    try:
        return git.text("symbolic-ref", "--quiet", "--short", "HEAD")
    except GitError:
        return BRANCH


def _shallow(git: Git) -> tuple[str, ...]:
    file = git.folder / git.text("rev-parse", "--git-path", "shallow")
    return tuple(file.read_text().split()) if file.exists() else ()


def _remotes(git: Git) -> dict[str, str]:
    """Return where each remote is, without the password that an address may hold."""
    return {name: remote_without_password(git.text("remote", "get-url", name)) for name in git.text("remote").split()}


def _remove_empty(folder: Path) -> None:
    """Remove a folder that holds nothing but folders, if it is there."""
    for inner, _, _ in os.walk(folder, topdown=False):
        Path(inner).rmdir()
