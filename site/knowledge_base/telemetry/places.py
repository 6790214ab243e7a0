"""Find a folder in the machine's memory, where a full disk stops nobody.

This must not import prometheus_client, which looks for such a folder as soon as it is imported.
"""

import atexit
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
    """Make a folder for the measurements of one start. It goes when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="knowledge-base-metrics-", dir=memory_folder()))
    atexit.register(remove_folder, folder, maker=os.getpid())
    return folder


def remove_folder(folder: Path, *, maker: int) -> None:
    """Remove the folder, unless this is another process: those that gunicorn forks end the same way."""
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)
