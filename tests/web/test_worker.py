"""The worker: whoever is slow to ask, to read or to leave waits outside, and holds up nobody."""

import os
import selectors
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from knowledge_base.web import worker as worker_module
from knowledge_base.web.worker import PatientWorker, hesitation

PATIENCE = 20
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"
CHUNKS = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
UNFINISHED = {
    "nothing": b"",
    "half a line": b"GET / HT",
    "half a head": b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "empty lines": b"\r\n\r\n",
    "half a body": POST + b"hel",
    "half a body in chunks": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "half a second request": REQUEST + b"GET / HT",
    "a head without end": b"GET / HTTP/1.1\r\nHost: a\r\n" + (b"X: " + b"x" * 8000 + b"\r\n") * 9,
    "a length with noughts": POST.replace(b" 6", b" 0000000000000006") + b"hel",
    "an empty line in a chunk": CHUNKS + b"64\r\nhel\r\n\r\n",
    "a body of many small chunks": CHUNKS + b"1\r\nx\r\n" * 200_000,
    "a body longer than is waited for": POST.replace(b" / ", b" /unread ").replace(b" 6", b" 99999999") + bytes(2**20),
    "a chunk without end": CHUNKS + b"7" * 1000,
}
IS_WAITING, GOES_ON = threading.Event(), threading.Event()
Connect = Callable[[], socket.socket]


def in_parts() -> Iterator[bytes]:
    """Wait when the first half is given away."""
    yield b"abc"
    IS_WAITING.set()
    GOES_ON.wait(PATIENCE)
    yield b"def"


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say what was sent, or do not read it; fail, wait, or send more than any socket holds when asked to."""
    body = b"" if environ["PATH_INFO"] == "/unread" else environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/fail":
        raise RuntimeError
    if environ["PATH_INFO"] == "/wait":
        IS_WAITING.set()
        GOES_ON.wait(PATIENCE)
    if environ["PATH_INFO"] == "/in-parts":
        start_response("200 OK", [("Content-Length", "6")])
        return in_parts()
    length = 32 * 1024 * 1024 if environ["PATH_INFO"] == "/long" else 0
    start_response("200 OK", [("Content-Length", str(len(body) + length))])
    return [body, bytes(length)]


@pytest.fixture
def worker() -> Iterator[PatientWorker]:
    """A worker of one thread."""
    IS_WAITING.clear()
    GOES_ON.clear()
    config = Config()
    config.set("threads", 1)
    config.set("keepalive", 5)
    config.set("loglevel", "critical")
    listener = socket.create_server(("127.0.0.1", 0))
    worker = PatientWorker(1, os.getppid(), [listener], None, 30, config, Logger(config))
    worker.wsgi = answer
    worker.tpool = worker.get_thread_pool()
    worker.poller = selectors.DefaultSelector()
    worker.method_queue.init()
    loop = threading.Thread(target=worker.run)
    loop.start()
    yield worker
    worker.handle_exit(None, None)
    loop.join()
    worker.tpool.shutdown()
    worker.tmp.close()


@pytest.fixture
def connect(worker: PatientWorker) -> Iterator[Connect]:
    """Connect to the worker."""
    connections: list[socket.socket] = []
    address = worker.sockets[0].getsockname()

    def connect() -> socket.socket:
        connections.append(socket.create_connection(address, timeout=PATIENCE))
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()


def receive(connection: socket.socket, *, until: bytes) -> bytes:
    """Return what comes until the words, or until the other side closes."""
    received = b""
    with suppress(ConnectionResetError):
        while until not in received and (data := connection.recv(65536)):
            received += data
    return received


@pytest.mark.parametrize("kind", UNFINISHED)
def test_requests_that_do_not_arrive_hold_up_nobody(connect: Connect, kind: str) -> None:
    for _ in range(8):
        with suppress(ConnectionError):  # Who sends too much may be refused before the end.
            connect().sendall(UNFINISHED[kind])
    connection = connect()

    connection.sendall(REQUEST)

    assert receive(connection, until=b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK")


def test_a_request_may_come_in_pieces(connect: Connect) -> None:
    connection = connect()

    for piece in (b"\r\n", POST[:20], POST[20:], b"hel", b"lo!"):
        connection.sendall(piece)

    assert receive(connection, until=b"hello!").endswith(b"\r\n\r\nhello!")


def test_requests_may_follow_each_other_on_one_connection(connect: Connect) -> None:
    connection = connect()

    connection.sendall((POST + b"first1") * 2 + POST + b"sec")
    connection.sendall(b"ond")

    received = receive(connection, until=b"second")
    assert received.count(b"200 OK") == 3
    assert received.count(b"first1") == 2


def test_a_request_that_takes_too_long_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "ARRIVES_WITHIN", 0)
    connection = connect()

    connection.sendall(UNFINISHED["half a head"])

    assert receive(connection, until=b"anything") == b""


def test_whoever_goes_away_half_way_is_forgotten(connect: Connect) -> None:
    connection = connect()
    connection.sendall(POST)

    connection.shutdown(socket.SHUT_WR)

    assert receive(connection, until=b"anything") == b""


def test_whoever_does_not_close_after_the_last_answer_holds_up_nobody(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LEAVES_WITHIN", 10 * PATIENCE)
    for _ in range(8):
        connection = connect()
        connection.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert b"200 OK" in receive(connection, until=b"\r\n\r\n")
    connection = connect()

    connection.sendall(REQUEST)

    assert b"200 OK" in receive(connection, until=b"\r\n\r\n")


def test_whoever_does_not_close_is_closed(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "LEAVES_WITHIN", 0)
    connection = connect()

    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")

    assert b"200 OK" in receive(connection, until=b"anything")


def test_whoever_does_not_read_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "ANSWERED_WITHIN", 1)
    connect().sendall(REQUEST.replace(b" / ", b" /long "))
    connection = connect()

    connection.sendall(REQUEST)

    assert b"200 OK" in receive(connection, until=b"\r\n\r\n")


def test_whoever_does_not_read_the_first_answer_gets_no_second(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_unsent", lambda _connection: 1)
    monkeypatch.setattr(worker_module, "ARRIVES_WITHIN", 1)
    connection = connect()

    connection.sendall(REQUEST)

    assert receive(connection, until=b"anything") == b""


def test_a_fault_is_answered_and_ends_the_connection(connect: Connect) -> None:
    connection = connect()

    connection.sendall(REQUEST.replace(b" / ", b" /fail "))

    assert receive(connection, until=b"anything").startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (UNFINISHED["a head without end"], b"431 Request Header Fields Too Large"),
        (UNFINISHED["a body of many small chunks"], b"413 Content Too Large"),
        (UNFINISHED["a chunk without end"], b"400 Bad Request"),
    ],
)
def test_what_is_too_long_to_wait_for_is_refused(connect: Connect, request_: bytes, status: bytes) -> None:
    connection = connect()

    connection.sendall(request_)

    assert receive(connection, until=b"anything").startswith(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n")


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT"])
def test_a_request_that_is_none_is_refused(connect: Connect, method: bytes) -> None:
    connection = connect()

    connection.sendall(method + b" / HTTP/9.9\r\n\r\n")

    assert receive(connection, until=b"anything").startswith(b"HTTP/1.1 400 Bad Request")


def test_a_monitor_is_answered_while_all_threads_hang(connect: Connect) -> None:
    hanging, monitor = connect(), connect()
    hanging.sendall(REQUEST.replace(b" / ", b" /wait "))
    assert IS_WAITING.wait(PATIENCE)

    monitor.sendall(REQUEST.replace(b" / ", b" /readyz "))

    assert b"200 OK" in receive(monitor, until=b"\r\n\r\n")
    GOES_ON.set()
    assert b"200 OK" in receive(hanging, until=b"\r\n\r\n")


def test_a_worker_that_ends_answers_whoever_has_just_connected(worker: PatientWorker, connect: Connect) -> None:
    quiet, kept = connect(), connect()
    kept.sendall(REQUEST)
    receive(kept, until=b"\r\n\r\n")
    # What comes on the newer connection was accepted after the older one.
    worker.handle_exit(None, None)

    for connection in (quiet, kept):
        connection.sendall(REQUEST)

    for connection in (quiet, kept):
        answered = receive(connection, until=b"\r\n\r\n")
        assert b"200 OK" in answered
        assert b"Connection: close" in answered


def test_a_worker_that_ends_does_not_wait_for_whoever_says_nothing(
    worker: PatientWorker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "STILL_HEARD_FOR", 0)
    quiet, kept = connect(), connect()
    kept.sendall(REQUEST)
    receive(kept, until=b"\r\n\r\n")

    worker.handle_exit(None, None)

    assert receive(quiet, until=b"anything") == b""


def test_whoever_has_more_connections_leaves_a_new_one_to_the_others_for_longer_but_never_for_long() -> None:
    waits = [hesitation(connections) for connections in (0, 1, 5, 10, 400)]

    assert waits[0] == 0
    assert waits[0] < waits[1] < waits[2] < waits[3]
    assert waits[3] == waits[4] <= 0.001


def test_nothing_of_an_answer_leaves_before_all_of_it_is_there(connect: Connect) -> None:
    connection = connect()
    connection.sendall(REQUEST.replace(b" / ", b" /in-parts "))
    assert IS_WAITING.wait(PATIENCE)
    connection.setblocking(False)  # noqa: FBT003 - the standard library's way

    with pytest.raises(BlockingIOError):
        connection.recv(1)

    connection.settimeout(PATIENCE)
    GOES_ON.set()
    assert receive(connection, until=b"def").endswith(b"\r\n\r\nabcdef")
