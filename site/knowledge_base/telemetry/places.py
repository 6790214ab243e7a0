"""Find a folder in the machine's memory, where a full disk stops nobody.

This must not import prometheus_client, which looks for such a folder as soon as it is imported.
"""

import os
import shutil
import tempfile
from pathlib import Path

# systemd's folder for the service, else Linux's for everybody.
RUNTIME, SHARED_MEMORY = "RUNTIME_DIRECTORY", Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own there


def memory_folder() -> Path | None:
    """Return a folder that is kept in memory and may be written, if the machine has one."""
    given = os.environ.get(RUNTIME, "").split(":")[0]
    places = [Path(given)] if given else []
    return next((place for place in [*places, SHARED_MEMORY] if os.access(place, os.W_OK | os.X_OK)), None)


def make_folder() -> Path:
    """Make a folder for the measurements of one start."""
    return Path(tempfile.mkdtemp(prefix="knowledge-base-metrics-", dir=memory_folder()))


def remove_folder(folder: Path) -> None:
    """Remove the folder at the end."""
    shutil.rmtree(folder, ignore_errors=True)
