"""When a request is complete, so that a thread need not wait for it."""

import pytest

from knowledge_base.web.arrival import LONGEST_BODY, LONGEST_HEAD, Arrival, Refusal

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;b=c\r\n\r\n12\r\n56\r\n\r\n0\r\n\r\n"
CHUNKED = CHUNKS[: CHUNKS.index(b"5\r\n")]
TRAILER = CHUNKS[:-2] + b"After: all\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [GET, POST, POST.replace(b"Content-L", b"content-l"), POST.replace(b" 5", b" 00000000000005"), CHUNKS, TRAILER],
)
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
    ("flood", "refusal"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD, Refusal.LONG_HEAD),
        (CHUNKED + b"fffff\r\n" + b"x" * 0xFFFFF + b"\r\n9\r\n", Refusal.LONG_BODY),
        (CHUNKED + b"0\r\n" + b"X: x\r\n" * (LONGEST_BODY // 6 + 1), Refusal.LONG_BODY),
    ],
)
def test_no_more_is_waited_for_than_a_request_may_be_long(flood: bytes, refusal: Refusal) -> None:
    assert Arrival(flood[: len(flood) // 20]).refusal is None
    assert Arrival(flood).refusal is refusal
    assert not Arrival(flood).is_complete


@pytest.mark.parametrize("length", [b"999999999", b"9" * 5000])
def test_of_a_long_body_the_beginning_is_enough_and_it_is_said_to_be_no_more(length: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n"

    part, cut, whole = Arrival(head + b"x"), Arrival(head + b"x" * LONGEST_BODY), Arrival(POST)

    assert (part.is_complete, cut.is_complete) == (False, True)
    assert (cut.is_cut, whole.is_cut) == (True, False)


@pytest.mark.parametrize("size", [b"", b"x", b"-1", b"+5", b"0x5", b"5 5", b"123456789", b";", b"1" * 300])
def test_a_chunk_without_a_size_is_refused(size: bytes) -> None:
    assert Arrival(CHUNKED + size + b"\r\nx").refusal is Refusal.BAD_REQUEST
