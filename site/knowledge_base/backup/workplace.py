"""A folder for what a command needs only while it runs. What a killed command has left goes with the next."""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

logger = logging.getLogger(__name__)

PREFIX = ".knowledge-base-backup-"


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """Make such a folder in another one, and remove those that nobody works in any more. Raises OSError.

    Whoever works in one holds a lock on it, which is free again when its holder is gone.
    """
    with ExitStack() as held:
        with _locked(parent):
            _remove_abandoned(parent)
            folder = Path(held.enter_context(TemporaryDirectory(prefix=PREFIX, dir=parent)))
            held.enter_context(_locked(folder))
        yield folder


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            with _locked(folder, wait=False):
                shutil.rmtree(folder)
        except (BlockingIOError, FileNotFoundError):
            # Somebody works in it, or removes it at this moment.
            continue
        except OSError as error:
            # As of another user. It is in nobody's way but for the room that it takes.
            logger.warning("%s is left of a command that was killed, and cannot be removed: %s", folder, error.strerror)


@contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
