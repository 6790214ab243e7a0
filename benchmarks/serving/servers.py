"""Start what serves, wait until it answers, know what it costs, and stop it whatever happens."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_PROCESSES = Path("/proc")
_SECONDS_TO_STOP = 5
# What /proc/PID/stat holds after the name: the parent, the session, and ticks of the process and its dead children.
_SESSION, _TICKS = 3, slice(11, 15)


class NotServingError(Exception):
    """A server does not start; the message says what it printed last."""


@dataclass(frozen=True)
class Server:
    """Processes that serve at a port of the loopback address; `started_in` are the seconds to the first answer."""

    port: int
    leader: int
    started_in: float

    def cpu_of_each(self) -> Mapping[int, float]:
        """Return the seconds that each of its processes has computed, with those of its children that have ended."""
        second = os.sysconf("SC_CLK_TCK")
        return {pid: sum(map(int, fields[_TICKS])) / second for pid, fields in self._processes()}

    def memory_of_workers(self) -> list[float]:
        """Return the megabytes of each process but the first, what it shares divided by those that share it (PSS)."""
        return [_proportional_megabytes(pid) for pid, _ in self._processes() if pid != self.leader]

    def _processes(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the processes of the session that the first one leads, each with what /proc says of it."""
        for folder in _PROCESSES.iterdir():
            if not folder.name.isdecimal():
                continue
            with suppress(OSError):  # it has just ended
                fields = (folder / "stat").read_text().rpartition(") ")[2].split()
                if int(fields[_SESSION]) == self.leader:
                    yield int(folder.name), fields


def _proportional_megabytes(pid: int) -> float:
    lines = (_PROCESSES / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1_000_000 for line in lines if line.startswith("Pss:"))


@dataclass(frozen=True)
class Program:
    """What is to be run, where, at which port it will answer and with which page it is known to."""

    command: Sequence[str]
    folder: Path
    port: int
    log: Path
    path: str = "/"
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def serving(program: Program, *, patience: float = 300) -> Iterator[Server]:
    """Run the program until the block ends; it begins when its page is answered. Raises NotServingError."""
    began = time.perf_counter()
    with program.log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the benchmark's own commands
            program.command,
            cwd=program.folder,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        while not _answers(program.port, program.path):
            if process.poll() is not None or time.perf_counter() - began > patience:
                said = program.log.read_text(encoding="utf-8", errors="replace")[-1500:]
                message = f"{program.command[0]} does not serve:\n{said}"
                raise NotServingError(message)
            time.sleep(0.01)
        yield Server(program.port, process.pid, time.perf_counter() - began)
    finally:
        _stop(process)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200  # noqa: PLR2004 - OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the first process to end, then end all that it has started."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_TO_STOP)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
