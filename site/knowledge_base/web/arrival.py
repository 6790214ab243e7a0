"""The bytes of one request as they come in, and whether all of it has arrived.

Whoever guesses wrongly here only wastes time: the request itself is read by gunicorn, which is as strict as ever.
"""

import re

LONGEST_HEAD = 64 * 1024
# What is longer is handed over with its beginning: the site refuses most of it without reading on.
LONGEST_BODY = 1024 * 1024
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)


class Arrival:
    """What has come in of a request."""

    def __init__(self, received: bytes = b"") -> None:
        self._received = bytearray()
        self._end_of_head = 0
        self._awaited: int | None = 0
        self.add(received)

    def __bytes__(self) -> bytes:
        return bytes(self._received)

    def add(self, data: bytes) -> None:
        """Take in what came next. Empty lines before a request are no part of it."""
        seen = max(len(self._received) - len(END_OF_HEAD), 0)
        self._received += data if self._received else data.lstrip(b"\r\n")
        if self._end_of_head:
            return
        end = self._received.find(END_OF_HEAD, seen)
        if end >= 0:
            self._end_of_head = end + len(END_OF_HEAD)
            self._awaited = _length_of_body(bytes(self._received[: self._end_of_head]))

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a request has come."""
        return not self._received

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more to wait for."""
        if not self._end_of_head:
            return len(self._received) > LONGEST_HEAD
        body = len(self._received) - self._end_of_head
        if body > LONGEST_BODY:
            return True
        if self._awaited is None:
            return self._received.endswith(END_OF_HEAD) and body > 0
        return body >= min(self._awaited, LONGEST_BODY)


def _length_of_body(head: bytes) -> int | None:
    """Return how long the body is, or None for one that comes in chunks and ends with an empty line."""
    if CHUNKED.search(head):
        return None
    length = LENGTH.search(head)
    return int(length[1]) if length else 0
