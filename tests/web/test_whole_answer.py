"""An answer leaves in one: whoever waits for it gets all of it or nothing."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base.web.whole_answer import LONGEST, WholeAnswer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection that keeps apart what was sent apart."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    there.settimeout(0)
    yield here, there
    here.close()
    there.close()


def arrived(there: socket.socket) -> list[bytes]:
    """Return what has come so far."""
    found = []
    while True:
        try:
            found.append(there.recv(LONGEST))
        except BlockingIOError:
            return found


def test_head_and_body_leave_together(ends: tuple[socket.socket, socket.socket]) -> None:
    answer = WholeAnswer(ends[0])

    answer.sendall(HEAD % 6)
    answer.sendall(b"abc")
    answer.sendall(b"def")
    before = arrived(ends[1])
    answer.send_held()

    assert before == []
    assert arrived(ends[1]) == [HEAD % 6 + b"abcdef"]


@pytest.mark.parametrize("head", [CHUNKED, HEAD % (LONGEST + 1), b"HTTP/1.1 103 Early Hints\r\n\r\n"])
def test_what_has_no_known_length_or_is_long_leaves_as_it_comes(
    ends: tuple[socket.socket, socket.socket], head: bytes
) -> None:
    answer = WholeAnswer(ends[0])

    answer.sendall(head)
    answer.sendall(b"abc")

    assert arrived(ends[1]) == [head, b"abc"]


def test_more_than_was_promised_is_not_held_for_ever(ends: tuple[socket.socket, socket.socket]) -> None:
    answer = WholeAnswer(ends[0])
    ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONGEST)
    answer.sendall(HEAD % 1)

    answer.sendall(bytes(LONGEST))

    assert len(arrived(ends[1])) == 1


def test_whatever_else_is_done_with_it_comes_after(ends: tuple[socket.socket, socket.socket]) -> None:
    answer = WholeAnswer(ends[0])
    answer.sendall(HEAD % 0)

    answer.send(b"more")

    assert arrived(ends[1]) == [HEAD % 0, b"more"]


@pytest.mark.parametrize(("head", "sent"), [(HEAD % 3, [HEAD % 3 + b"cde"]), (CHUNKED, [CHUNKED, b"cde"])])
def test_a_file_goes_with_its_head(
    ends: tuple[socket.socket, socket.socket], tmp_path: Path, head: bytes, sent: list[bytes]
) -> None:
    answer = WholeAnswer(ends[0])
    (tmp_path / "file").write_bytes(b"abcdefg")

    with (tmp_path / "file").open("rb") as file:
        answer.sendall(head)
        # As gunicorn calls it.
        answer.sendfile(file, offset=2, count=3)
        answer.send_held()

    assert arrived(ends[1]) == sent
