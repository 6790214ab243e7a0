"""When a request is complete, so that a thread need not wait for it."""

import pytest

from knowledge_base.web.arrival import LONGEST_BODY, LONGEST_HEAD, Arrival

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
TRAILER = CHUNKS[:-2] + b"After: all\r\n\r\n"


@pytest.mark.parametrize("request_", [GET, POST, POST.replace(b"Content-L", b"content-l"), CHUNKS, TRAILER])
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_request_is_complete_with_its_last_byte_and_not_before(request_: bytes, step: int) -> None:
    arrival = Arrival()
    for start in range(0, len(request_) - 1, step):
        arrival.add(request_[start : min(start + step, len(request_) - 1)])
    before = arrival.is_complete

    arrival.add(request_[-1:])

    assert not before
    assert arrival.is_complete
    assert bytes(arrival) == request_


@pytest.mark.parametrize("start", [b"", b"\r\n", b"\r\n\r\n\r\n"])
def test_empty_lines_before_a_request_are_no_request(start: bytes) -> None:
    arrival = Arrival(start)

    assert arrival.is_empty
    assert not arrival.is_complete


def test_what_follows_a_request_is_kept_for_the_next() -> None:
    assert bytes(Arrival(POST + GET)) == POST + GET
    assert Arrival(POST + GET).is_complete


@pytest.mark.parametrize(
    "flood",
    [
        b"GET / HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD,
        b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + b"x" * LONGEST_BODY,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"x" * (LONGEST_BODY + 1),
    ],
)
def test_no_more_is_waited_for_than_a_request_may_be_long(flood: bytes) -> None:
    assert not Arrival(flood[: len(flood) // 2]).is_complete
    assert Arrival(flood).is_complete
