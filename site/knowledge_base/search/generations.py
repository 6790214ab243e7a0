"""The files of the index: generations side by side, the one that counts named by a small file, all replaced atomically.

    search_index/current                  names the generation that is searched
    search_index/generation-<id>/         a Whoosh index
    search_index/generation-<id>/state    what content it was made from
    search_index/lock                     held by the one process that writes

A generation is named only once it is complete and on the disk, so a process killed while it builds leaves the one
before. The Markdown is the truth: whatever is missing or unreadable here is built anew.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError


class SearchError(Exception):
    """Something about searching cannot be done."""


class IndexUnusableError(SearchError):
    """There is no index, or it cannot be read."""


@dataclass(frozen=True)
class State:
    """The content that a generation was made from: its version, and the revision of each page by its address.

    The version is empty while an update is under way. Whoever finds it so, and nobody writing, knows of a crash: the
    files may then hold neither the old nor the new.
    """

    schema: str
    version: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether the last update came to its end."""
        return bool(self.version)


_STATE = TypeAdapter(State)


class Generations:
    """The folder that holds the generations. It must be writable by the application alone: Whoosh unpickles from it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pointer = directory / "current"
        self._known: tuple[tuple[Path, int, int, int], State | None] | None = None

    def lock(self, *, patience: float) -> FileLock:
        """Return the lock that whoever writes must hold, across processes. Entering it may raise filelock.Timeout."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(self._directory / "lock", timeout=patience)

    def current(self) -> Path | None:
        """Return the folder of the generation that is searched, or None when there is none."""
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        folder = self._directory / name
        return folder if name.startswith("generation-") and folder.parent == self._directory else None

    def state(self, folder: Path) -> State | None:
        """Return what the generation was made from, as read_state does, but read only once it has changed."""
        try:
            stat = (folder / "state").stat()
        except OSError:
            return None
        key = (folder, stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if self._known is None or self._known[0] != key:
            self._known = key, read_state(folder)
        return self._known[1]

    @contextmanager
    def new(self) -> Iterator[Path]:
        """Give the folder of a new generation, make it the one that is searched at the end, and remove all others.

        A process that still searches an older one keeps the files it has open, and finds the new one next time.
        """
        folder = self._directory / f"generation-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
            sync_to_disk(folder)
            _replace(self._pointer, folder.name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        for other in self._directory.glob("generation-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)


def read_state(folder: Path) -> State | None:
    """Return what the generation was made from, or None when that is not known."""
    try:
        return _STATE.validate_json((folder / "state").read_bytes())
    except (OSError, ValidationError):
        return None


def write_state(folder: Path, state: State) -> None:
    """Note what the generation is made from."""
    _replace(folder / "state", json.dumps(asdict(state)))


def seconds_since_change(folder: Path) -> float:
    """Return how long ago the generation's state was written. A clock that was set back makes it long ago."""
    try:
        age = time.time() - (folder / "state").stat().st_mtime
    except OSError:
        return float("inf")
    return age if age >= 0 else float("inf")


def sync_to_disk(folder: Path) -> None:
    """Wait until the folder and its files are on the disk: Whoosh itself leaves that to luck."""
    for path in [*folder.iterdir(), folder]:
        if path.is_file() or path == folder:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _replace(path: Path, text: str) -> None:
    """Replace a file so that readers, and a machine that loses power, see the old text or the new."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
