"""The files in memory in which gunicorn's processes keep their measurements, so that any of them can add them all up.

prometheus_client writes one file for each process and kind. It leaves those of a process that has ended, for what that
one counted still counts; here they are put together in one, so that their number does not grow.
"""

from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

KINDS = ("counter", "histogram")
ENDED = "ended"
LOCK = ".lock"


def put_away(folder: Path, process: int) -> None:
    """Add what a process that has ended had counted to that of those before it, and remove its files."""
    with FileLock(folder / LOCK):
        mark_process_dead(process, path=str(folder))
        for kind in KINDS:
            of_process = folder / f"{kind}_{process}.db"
            if of_process.exists():
                # It is empty when the process was killed just as it made it.
                if of_process.stat().st_size:
                    _add(of_process, folder / f"{kind}_{ENDED}.db")
                of_process.unlink()


class SharedFiles:
    """All processes' measurements, for prometheus_client to write out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = MultiProcessCollector(None, path=str(folder))

    def collect(self) -> Iterable[Metric]:
        """Return the measurements, put together."""
        with FileLock(self._folder / LOCK):
            metrics: list[Metric] = list(self._files.collect())
        return metrics


def _add(source: Path, target: Path) -> None:
    sums = MmapedDict(str(target))
    try:
        for key, value, _timestamp, _position in MmapedDict.read_all_values_from_file(str(source)):
            sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    finally:
        sums.close()
