"""Write files of the content folder so that a reader meets the old one or the new one, and nobody's edit is lost."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import copymode

# The walk over the content folder passes over names that begin with a dot.
UNFINISHED = ".unfinished-"
# What mkfs makes at the top of a disk. Only root may look into it.
LOST_AND_FOUND = "lost+found"


class Staged:
    """A file's new content, already on the disk under another name, so that putting it in place needs no room."""

    def __init__(self, place: Path, new: Path | None) -> None:
        self._place = place
        self._new = new

    def put_in_place(self, *, expected: bytes | None) -> bool:
        """Put the content where it belongs, or take the file away. On the disk when it returns.

        Says whether what was there was what is expected. If not, somebody has just saved the file, and theirs stays.
        """
        done = self._put_where_nothing_is() if expected is None else self._put_instead_of(expected)
        if self._place.parent.is_dir():
            _sync_folder(self._place.parent)
        return done

    def discard(self) -> None:
        """Remove the new content, if it has not been put in place."""
        if self._new is not None:
            self._new.unlink(missing_ok=True)

    def _put_where_nothing_is(self) -> bool:
        if self._new is None:
            return not self._place.exists()
        try:
            os.link(self._new, self._place)
        except FileExistsError:
            return False
        except OSError:
            return self._put_without_link(None)
        return True

    def _put_instead_of(self, expected: bytes) -> bool:
        displaced = self._place.with_name(_unfinished())
        try:
            # A second name for what is replaced: whoever writes into it up to the last moment is noticed.
            os.link(self._place, displaced, follow_symlinks=False)
        except FileNotFoundError:
            return False
        except OSError:
            return self._put_without_link(expected)
        try:
            if displaced.read_bytes() != expected:
                return False
            if self._new is None:
                self._place.unlink()
            else:
                self._new.replace(self._place)
            if displaced.read_bytes() == expected:
                return True
            displaced.replace(self._place)
            return False
        finally:
            displaced.unlink(missing_ok=True)

    def _put_without_link(self, expected: bytes | None) -> bool:
        """Do it where a file can have no second name: the disk knows none, or the file belongs to somebody else."""
        if _content_of(self._place) != expected:
            return False
        if self._new is None:
            self._place.unlink()
        else:
            self._new.replace(self._place)
        return True


class WorkingFiles:
    """The content folder's files as they are on the disk. Paths are those under it, as `referral/share.md`."""

    def __init__(self, content: Path) -> None:
        self._content = content

    def read(self, path: str) -> bytes | None:
        """Return a file, or None where there is none. Raises OSError, also for a link: it leads elsewhere."""
        content = _content_of(self._content / path)
        if content is None:
            # Without its folder nobody can say that there is no such file.
            self._content.stat()
        return content

    def is_still(self, path: str, content: bytes | None) -> bool:
        """Say whether a file has this content, or is not there and could be. Not so where a folder or link stands."""
        place = self._content / path
        above = [folder for folder in place.parents if folder.is_relative_to(self._content)]
        if place.is_symlink() or place.is_dir() or any(one.exists() and not one.is_dir() for one in above):
            return False
        return self.read(path) == content

    def paths(self) -> Iterator[str]:
        """List every file but those whose name, or whose folder's name, begins with a dot.

        Raises OSError where a folder cannot be read: what stands in it must not be taken for gone.
        """
        found: list[Path] = []
        for top, folders, files in os.walk(self._content, onerror=_raise_if_there):
            folder = Path(top)
            unwanted = {LOST_AND_FOUND} if folder == self._content else set()
            folders[:] = [name for name in folders if not name.startswith(".") and name not in unwanted]
            found += [folder / name for name in files if not name.startswith(".")]
        for file in sorted(found):
            if file.is_file() and not file.is_symlink():
                yield file.relative_to(self._content).as_posix()

    @contextmanager
    def staged(self, contents: Mapping[str, bytes | None]) -> Iterator[dict[str, Staged]]:
        """Write the new contents beside their places; what is not put there is removed at the end. Raises OSError."""
        with ExitStack() as stack:
            found = {}
            for path, content in contents.items():
                found[path] = self._stage(path, content)
                stack.callback(found[path].discard)
            yield found
        for path, content in contents.items():
            if content is None:
                self._remove_empty_folders((self._content / path).parent)

    def remove_unfinished(self) -> None:
        """Remove what a process that was killed while writing has left. Only while nobody else writes."""
        for left in self._content.rglob(f"{UNFINISHED}*"):
            left.unlink(missing_ok=True)

    def _stage(self, path: str, content: bytes | None) -> Staged:
        place = self._content / path
        if content is None:
            return Staged(place, None)
        self._make_folder(place.parent)
        new = place.with_name(_unfinished())
        try:
            _write(new, content)
            with suppress(FileNotFoundError):
                # Whoever shares the folder with the site may go on writing the file.
                copymode(place, new, follow_symlinks=False)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return Staged(place, new)

    def _make_folder(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for one in missing:
            _sync_folder(one.parent)

    def _remove_empty_folders(self, folder: Path) -> None:
        with suppress(OSError):
            while folder != self._content:
                folder.rmdir()
                folder = folder.parent


def _content_of(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _raise_if_there(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _unfinished() -> str:
    return f"{UNFINISHED}{secrets.token_hex(8)}"


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
