"""The bytes of one request as they come in, and whether all of it has arrived.

Whoever guesses wrongly here only wastes time: the request itself is read by gunicorn, which is as strict as ever.
"""

import re
import string
from enum import Enum

LONGEST_HEAD = 64 * 1024
# Of what says beforehand that it is longer the beginning is handed over: the site refuses it without reading on.
LONGEST_BODY = 1024 * 1024
LONGEST_SIZE_LINE = 256
FROM_MONITORS = (b"GET /healthz ", b"GET /readyz ")
# With what a request can begin: the letters and signs that names of methods may have.
BEGINNINGS = frozenset(b"!#$%&'*+-.^_`|~" + (string.ascii_letters + string.digits).encode())
END_OF_HEAD, END_OF_LINE = b"\r\n\r\n", b"\r\n"
LENGTH = re.compile(rb"^content-length:[ \t]*0*(\d+)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
MOST_DIGITS = 12
CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
SIZE = re.compile(rb"([0-9a-f]{1,8})[ \t]*(?:;.*)?", re.IGNORECASE | re.DOTALL)


class Refusal(Enum):
    """Why a request is not waited for any longer: the answer's first line."""

    LONG_HEAD = "431 Request Header Fields Too Large"
    LONG_BODY = "413 Content Too Large"
    BAD_REQUEST = "400 Bad Request"


class Arrival:
    """What has come in of a request."""

    def __init__(self, received: bytes = b"") -> None:
        self._received = bytearray()
        self._end_of_head = 0
        # How long the body will be; None when it comes in chunks, of which the next begins at `_chunk`.
        self._awaited: int | None = 0
        self._chunk = 0
        self._has_last_chunk = False
        self.refusal: Refusal | None = None
        self.add(received)

    def __bytes__(self) -> bytes:
        return bytes(self._received)

    def add(self, data: bytes) -> None:
        """Take in what came next. Empty lines before a request are no part of it."""
        seen = max(len(self._received) - len(END_OF_HEAD), 0)
        self._received += data if self._received else data.lstrip(b"\r\n")
        if not self._end_of_head:
            self._look_for_end_of_head(seen)
        if self._end_of_head and self._awaited is None and not self._has_last_chunk:
            self._follow_chunks()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a request has come."""
        return not self._received

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more to wait for."""
        if not self._end_of_head or self._awaited is None:
            return self._has_last_chunk
        return len(self._received) - self._end_of_head >= min(self._awaited, LONGEST_BODY)

    @property
    def is_cut(self) -> bool:
        """Whether a complete request is only the beginning of what was announced."""
        return self._awaited is not None and self._awaited > LONGEST_BODY

    @property
    def is_from_monitor(self) -> bool:
        """Whether the request asks how the site is."""
        return self._received.startswith(FROM_MONITORS)

    def _look_for_end_of_head(self, seen: int) -> None:
        if self._received and self._received[0] not in BEGINNINGS:
            # As from somebody who speaks TLS, whom nothing that comes later makes clearer.
            self.refusal = Refusal.BAD_REQUEST
            return
        end = self._received.find(END_OF_HEAD, seen)
        if end < 0:
            self.refusal = Refusal.LONG_HEAD if len(self._received) > LONGEST_HEAD else None
            return
        self._end_of_head = self._chunk = end + len(END_OF_HEAD)
        self._awaited = _length_of_body(bytes(self._received[: self._end_of_head]))

    def _follow_chunks(self) -> None:
        """Go from one chunk to the next as far as they have come."""
        while (end := self._received.find(END_OF_LINE, self._chunk, self._chunk + LONGEST_SIZE_LINE)) >= 0:
            size = SIZE.fullmatch(self._received[self._chunk : end])
            if not size:
                self.refusal = Refusal.BAD_REQUEST
                return
            if not int(size[1], 16):
                # After the last chunk may come more headers, then an empty line.
                self._has_last_chunk = self._received.find(END_OF_HEAD, end, end + LONGEST_HEAD) >= 0
                break
            self._chunk = end + int(size[1], 16) + 2 * len(END_OF_LINE)
        if end < 0 and len(self._received) - self._chunk >= LONGEST_SIZE_LINE:
            self.refusal = Refusal.BAD_REQUEST
        elif len(self._received) - self._end_of_head > LONGEST_BODY and not self._has_last_chunk:
            self.refusal = Refusal.LONG_BODY


def _length_of_body(head: bytes) -> int | None:
    """Return how long the body is, or None for one that comes in chunks."""
    if CHUNKED.search(head):
        return None
    length = LENGTH.search(head)
    return int(length[1][:MOST_DIGITS]) if length else 0
