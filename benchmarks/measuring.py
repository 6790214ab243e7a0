"""Stop time, computing time and memory, and sum them up."""

import os
import platform
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_STATUS = Path("/proc/self/statm")
_PROCESSORS = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Took:
    """What something took, in milliseconds: by the clock, and of the processor."""

    clock: float
    cpu: float

    def __add__(self, other: "Took") -> "Took":
        return Took(self.clock + other.clock, self.cpu + other.cpu)


def timed(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> tuple[Result, Took]:
    """Call the function, and return what that gave and took."""
    clock, cpu = time.perf_counter(), time.process_time()
    result = function(*arguments, **options)
    return result, Took(1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - cpu))


def resident_megabytes() -> float:
    """Return how much memory this process has at present, shared files that it reads included; 0 where not known."""
    if not _STATUS.exists():
        return 0.0
    return int(_STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def megabytes_on_disk(path: Path) -> float:
    """Return the size of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1_000_000


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that so great a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered)) - 1)]


def machine() -> str:
    """Return on what is measured, and how busy it is with other work."""
    model = platform.machine()
    if _PROCESSORS.exists():
        named = (
            line.partition(": ")[2] for line in _PROCESSORS.read_text().splitlines() if line.startswith("model name")
        )
        model = next(named, model)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, Whoosh {version('whoosh-reloaded')}; load before the start: {load:.1f}"
    )
