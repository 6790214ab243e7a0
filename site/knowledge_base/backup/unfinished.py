"""A restore that was cut short, by kill -9 or a power cut, must not be taken for a site.

The database comes back in one transaction; the content does not. So a restore notes in the instance folder what it is
about to put in place, and takes the note away at the end. While it is there no start goes on.
"""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge_base.backup.errors import SiteInUseError, UnfinishedRestoreError

NOTE = "restore-unfinished"
# In the instance folder. A start has it while it prepares the site (gunicorn.conf.py).
START_LOCK = "start.lock"
STOPS = {signal.SIGINT, signal.SIGTERM}


def check_finished(instance_dir: Path) -> None:
    """Raise UnfinishedRestoreError where a restore was cut short."""
    if (note := instance_dir / NOTE).exists():
        message = (
            "A restore was cut short, so this is not the whole site. Run `backup restore` again: it takes away what "
            f"that one has left of the content, and begins anew. ({note} says what that is.)"
        )
        raise UnfinishedRestoreError(message)


@contextmanager
def nobody_else(instance_dir: Path) -> Iterator[None]:
    """Keep starts of the site, and other restores, out: one would take what another has put in place for leftovers.

    Raises SiteInUseError where somebody was first.
    """
    lock = FileLock(instance_dir / START_LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        message = "Nothing was done: another command is starting or restoring the site here. Wait until it has ended."
        raise SiteInUseError(message) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def noted(instance_dir: Path) -> Iterator["Note"]:
    """Note what is being restored until all of it is in place, or none."""
    note = Note(instance_dir / NOTE)
    try:
        yield note
    except BaseException:
        if not any(os.path.lexists(place) for place in note.places):
            note.remove()
        raise
    note.remove()


@contextmanager
def too_late_to_stop() -> Iterator[Callable[[], None]]:
    """Yield what to call when from then on Ctrl-C comes too late: it is then heard no more until the end of this."""
    # Ignored, not held back: that would be for one thread, and any other would take it.
    before = {number: signal.getsignal(number) for number in STOPS}
    try:
        yield _ignore
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def remove_left_over(instance_dir: Path) -> list[Path]:
    """Take away what a restore that was cut short has put in place. Returns what that was.

    Raises OSError, and UnfinishedRestoreError where nobody knows what it was.
    """
    note = instance_dir / NOTE
    try:
        places = [Path(place) for place in json.loads(note.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        message = (
            f"A restore was cut short, and {note} cannot be read. Move the content folder and the database away, "
            "delete that file, then restore again."
        )
        raise UnfinishedRestoreError(message) from error
    found = [place for place in places if os.path.lexists(place)]
    remove(found)
    note.unlink()
    return found


def remove(places: list[Path]) -> None:
    """Take away files, links, and folders with all that is in them."""
    for place in places:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


class Note:
    """The file that says which places a restore is about to fill."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.places: list[Path] = []

    def write(self, places: list[Path]) -> None:
        """Note them on the disk, before anything is put there. Raises OSError."""
        self.places = list(places)
        new = self._path.with_name(f".{self._path.name}.new")
        with new.open("w", encoding="utf-8") as file:
            json.dump([str(place) for place in places], file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        _sync(self._path.parent)

    def remove(self) -> None:
        """Say that all of it is in place, or none."""
        self._path.unlink(missing_ok=True)
        _sync(self._path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
