"""Ask a server over several connections at once, and stop how long each answer takes.

There are tools that load a server harder. This one signs in, sends forms and closes connections as a browser does, and
counts its own computing time, so that a table can say where it, and not the server, set the pace.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

_END_OF_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 64 * 1024
# In seconds. Whoever takes longer has failed.
PATIENCE = 120
_FORM = "application/x-www-form-urlencoded"

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class AnswerError(Exception):
    """The server closed the connection, or sent something that is no answer."""


@dataclass(frozen=True)
class Request:
    """What is sent, and the status with which the answer is what was wanted."""

    path: str
    form: Mapping[str, str] | None = None
    cookie: str = ""
    wanted: int = 200

    def as_bytes(self, host: str, *, is_kept: bool) -> bytes:
        """Return it as it goes over the wire. `is_kept` asks for the connection to stay open."""
        body = urlencode(self.form).encode() if self.form is not None else b""
        lines = [
            f"{'GET' if self.form is None else 'POST'} {self.path} HTTP/1.1",
            f"Host: {host}",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) benchmark",
            "Accept: text/html",
            f"Connection: {'keep-alive' if is_kept else 'close'}",
            *([f"Cookie: {self.cookie}"] if self.cookie else []),
            *([f"Content-Type: {_FORM}", f"Content-Length: {len(body)}"] if self.form is not None else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Load:
    """What came of it: milliseconds for each answer that was wanted, the others counted, and seconds for all."""

    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    size: int = 0
    seconds: float = 0.0
    own_cpu: float = 0.0

    @property
    def answers(self) -> int:
        """How many answers there were."""
        return len(self.times) + len(self.failures)


def put_load(port: int, requests: Iterable[Request], *, connections: int, is_kept: bool = True, seconds: float) -> Load:
    """Send the requests over so many connections, until they or the seconds have run out. What was sent is awaited."""
    load = Load()
    began, cpu = time.perf_counter(), time.process_time()
    reader = _Reader(load, port, iter(requests), is_kept=is_kept, until=began + seconds)
    asyncio.run(_read(reader, connections))
    load.seconds, load.own_cpu = time.perf_counter() - began, time.process_time() - cpu
    return load


async def _read(reader: "_Reader", connections: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(reader.read_on())


class _Reader:
    """Takes the next request as soon as it has the answer to the last. Several tasks share one."""

    def __init__(self, load: Load, port: int, requests: Iterator[Request], *, is_kept: bool, until: float) -> None:
        self._load, self._port, self._requests = load, port, requests
        self._is_kept, self._until = is_kept, until

    async def read_on(self) -> None:
        """Use one connection after the other: a new one when the server has closed the last."""
        wire: Wire | None = None
        while time.perf_counter() < self._until and (request := next(self._requests, None)):
            began = time.perf_counter()
            try:
                async with asyncio.timeout(PATIENCE):
                    wire = wire or await connect(self._port)
                    status, size, stays_open = await ask(request, wire, self._port, is_kept=self._is_kept)
            except (OSError, AnswerError, TimeoutError, asyncio.IncompleteReadError) as error:
                self._load.failures.append(f"{request.path}: {type(error).__name__} {error}")
                status, size, stays_open = 0, 0, False
            took = 1000 * (time.perf_counter() - began)
            if status == request.wanted:
                self._load.times.append(took)
                self._load.size += size
            elif status:
                self._load.failures.append(f"{request.path}: {status}")
            if wire and not stays_open:
                await close(wire)
                wire = None
        if wire:
            await close(wire)


async def ask(request: Request, wire: Wire, port: int, *, is_kept: bool = True) -> tuple[int, int, bool]:
    """Send a request. Returns the status, the bytes that came with it, and whether the connection stays open.

    Raises OSError, AnswerError and IncompleteReadError.
    """
    reader, writer = wire
    writer.write(request.as_bytes(f"127.0.0.1:{port}", is_kept=is_kept))
    try:
        head = (await reader.readuntil(_END_OF_HEAD)).decode("latin-1")
    except asyncio.LimitOverrunError as error:
        raise AnswerError from error
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        size = await _chunks(reader)
    else:
        size = len(await reader.readexactly(int(headers.get("content-length", "0"))))
    return int(first.split()[1]), size, is_kept and headers.get("connection", "").lower() != "close"


async def _chunks(reader: asyncio.StreamReader) -> int:
    size = 0
    while length := int((await reader.readline()).split(b";")[0], 16):
        await reader.readexactly(length + 2)
        size += length
    await reader.readline()
    return size


async def connect(port: int) -> Wire:
    """Open a connection to what listens on this machine. Raises OSError."""
    return await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST_HEAD)


async def close(wire: Wire) -> None:
    """Close a connection, whatever state it is in."""
    wire[1].close()
    with suppress(OSError):
        await wire[1].wait_closed()


def in_turn(requests: Sequence[Request]) -> Iterator[Request]:
    """Yield the requests without end."""
    while True:
        yield from requests
