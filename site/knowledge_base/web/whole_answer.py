"""Send an answer in one, head and body: whoever kills the worker cuts none short, so a proxy may ask another node.

gunicorn sends the head first. A worker that was killed in between had sent an answer that no proxy can make good.
"""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gunicorn.workers.gthread import TConn

# Whatever worker.SENT_AHEAD asks for, Linux gives a socket no more than net.core.wmem_max, and with its usual value one
# took 251 kB at once. The glossary, by far the longest page, has 139.
LONGEST = 200 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class WholeAnswer:
    """The socket of one answer. What is of known length, and not too long, leaves with `send_held`, all at once."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        """Send it, or hold it where it is, or follows, the head of such an answer."""
        if not self._held and not _is_head_of_short_answer(data):
            self._sock.sendall(data)
            return
        self._held.append(data)
        if sum(map(len, self._held)) > LONGEST:
            self.send_held()

    def sendfile(self, file: IO[bytes], offset: int, count: int) -> None:
        """Do the same with what a file holds."""
        if self._held:
            self.sendall(os.pread(file.fileno(), count, offset))
        else:
            self._sock.sendfile(file, offset, count)

    def send_held(self) -> None:
        """Send what is held. Raises OSError."""
        held, self._held = b"".join(self._held), []
        if held:
            self._sock.sendall(held)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a socket can do
        self.send_held()
        return getattr(self._sock, name)


@contextmanager
def whole_answer(conn: "TConn") -> Iterator[SimpleNamespace]:
    """Yield what gunicorn answers a request on, instead of the connection."""
    sock = WholeAnswer(conn.sock)
    yield SimpleNamespace(sock=sock, client=conn.client, server=conn.server)
    sock.send_held()


def _is_head_of_short_answer(data: bytes) -> bool:
    found = _LENGTH.search(data) if data.startswith(b"HTTP/") else None
    return found is not None and int(found[1]) + len(data) <= LONGEST
