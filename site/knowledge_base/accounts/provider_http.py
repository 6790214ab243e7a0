"""How the sign-in provider is asked over HTTP: within seconds, for no more than fits, and at no other address."""

import time
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

# Seconds, for connecting and for each part of an answer.
TIMEOUT = (3.0, 5.0)
# Seconds that an answer may take once it has begun, else one that trickles would be waited for without end.
LONGEST_ANSWER = 10.0
# Bytes. What providers say is a few thousand.
LARGEST_ANSWER = 1_000_000
PIECE = 16 * 1024


class AnswerTooLargeError(requests.RequestException):
    """An answer is larger than can be meant, or goes on for too long."""


class BoundedAdapter(HTTPAdapter):
    """Reads every answer at once, and gives up on one that is too large or too slow."""

    def send(self, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401 - as requests calls it
        """Send a request. Raises requests.RequestException."""
        answer = super().send(*args, **{**options, "stream": True})
        try:
            answer.raw = BytesIO(_read(answer.raw))
        except HTTPError as error:
            raise requests.ConnectionError(error) from error
        return answer


def bound(session: requests.Session) -> requests.Session:
    """Have the session read its answers within bounds, and return it."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter())
    return session


def get(url: str) -> requests.Response:
    """Return what stands at the address, and not at one that it leads to. Raises requests.RequestException."""
    with bound(requests.Session()) as session:
        return session.get(url, timeout=TIMEOUT, allow_redirects=False)


def _read(raw: BaseHTTPResponse) -> bytes:
    body = bytearray()
    until = time.monotonic() + LONGEST_ANSWER
    try:
        while piece := raw.read1(PIECE, decode_content=True):
            body += piece
            if len(body) > LARGEST_ANSWER or time.monotonic() > until:
                raise AnswerTooLargeError
    finally:
        raw.close()
    return bytes(body)
