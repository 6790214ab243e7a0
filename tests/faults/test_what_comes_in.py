"""What anybody may send to a served site: nothing of it ends a worker, fails, or keeps others waiting."""

import http.client
import re
import socket
from contextlib import ExitStack, closing, suppress
from itertools import product
from pathlib import Path

from tests.faults.conftest import PATIENCE, Site
from tests.operations.test_reload import children_of

HOST = b"Host: localhost\r\nConnection: close\r\n"
GET = b"GET /share HTTP/1.1\r\n" + HOST
POST = b"POST /login HTTP/1.1\r\n" + HOST
FORM = POST + b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKS = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "a request of TLS": bytes.fromhex("16030100c8010000c40303") + bytes(190),
    "no version": b"GET /\r\n\r\n",
    "an old version": b"GET / HTTP/0.9\r\n\r\n",
    "a new version": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a NUL in the path": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a quoted NUL": b"GET /share%00?q=%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "no UTF-8 in the path": b"GET /%ff%fe HTTP/1.1\r\n" + HOST + b"\r\n",
    "half a quoted byte": b"GET /%zz%e HTTP/1.1\r\n" + HOST + b"\r\n",
    "half a surrogate": b"GET /search?q=%ed%a0%80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a host that is none": b"GET http://[::1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET ? HTTP/1.1\r\n" + HOST + b"\r\n",
    "brackets": b"GET //[::1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "a trace": b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET / HTTP/1.0\r\n\r\n",
    "two hosts": GET + b"Host: elsewhere\r\n\r\n",
    "a host of bytes": b"GET / HTTP/1.1\r\nHost: \xff[\r\nConnection: close\r\n\r\n",
    "a header without a colon": GET + b"Words\r\n\r\n",
    "a folded header": GET + b"X: a\r\n b\r\n\r\n",
    "a NUL in a header": GET + b"X: \0\r\n\r\n",
    "a long header": GET + b"X: " + b"x" * 20_000 + b"\r\n\r\n",
    "many headers": GET + b"X: x\r\n" * 200 + b"\r\n",
    "a referrer that is none": GET + b"Referer: http://[\r\n\r\n",
    "headers of bytes": GET + b"Accept: \xff;q=x,,\r\nUser-Agent: \xff\r\nIf-None-Match: \xff\r\nRange: \xff\r\n\r\n",
    "a cookie of bytes": GET + b"Cookie: session=\xff; =; ;;\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "a length and chunks": POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    "less than no length": POST + b"Content-Length: -1\r\n\r\n",
    "a length in words": POST + b"Content-Length: three\r\n\r\nabc",
    "a chunk of no size": CHUNKS + b"zz\r\nabc\r\n0\r\n\r\n",
    "a chunk that is longer": CHUNKS + b"3\r\nabcXX0\r\n\r\n",
    "a huge chunk": CHUNKS + b"f" * 16 + b"\r\nabc\r\n",
    "chunks of something": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a form of bytes": FORM + b"Content-Length: 9\r\n\r\nemail=\xff%f",
    "a form without end": POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n--x\r\n",
    "a form of no kind": POST + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
    "an expectation": POST + b"Expect: tea\r\nContent-Length: 3\r\n\r\nabc",
}
LARGE = 100_000_000
BLOCK = b"x" * 65_536
CHUNK = b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n"
FOR_UPLOADS = ("/edit/share/files", "/edit/share/save", "/drafts/1/publish", "/login", "/share")
FORM_WITH_FILE = "Content-Type: multipart/form-data; boundary=x\r\n"


def send(site: Site, request: bytes) -> bytes:
    """Send what it is, and return the answers."""
    received = b""
    with socket.create_connection(address_of(site), timeout=PATIENCE) as connection, suppress(ConnectionError):
        connection.sendall(request)
        while data := connection.recv(65_536):
            received += data
    return received


def address_of(site: Site) -> tuple[str, int]:
    return "127.0.0.1", int(site.anonymous.url.rpartition(":")[2])


def memory_of(site: Site) -> int:
    """Return the most that a worker has ever had, in kB."""
    found = [Path(f"/proc/{worker}/status").read_text() for worker in children_of(site.process)]
    return max(int(match[1]) for text in found if (match := re.search(r"VmHWM:\s+(\d+)", text)))


def test_whatever_comes_in_is_answered_with_no_fault_of_ours(site: Site) -> None:
    workers = children_of(site.process)

    answers = {kind: send(site, request) for kind, request in MALFORMED.items()}

    status = {kind: re.match(rb"HTTP/1\.[01] ([1245]\d\d) ", answer) for kind, answer in answers.items()}
    assert [kind for kind, found in status.items() if not found or found[1] in {b"500", b"502", b"503"}] == []
    assert [kind for kind, answer in answers.items() if b"Traceback" in answer] == []
    assert b"HTTP/1.1 2" not in answers["a length and chunks"]
    assert children_of(site.process) == workers
    assert site.staff.get("/safe").status == 200


def test_a_large_upload_is_refused_and_not_kept_in_memory(site: Site) -> None:
    cookies = "; ".join(f"{one.name}={one.value}" for one in site.staff.cookies)
    before = memory_of(site)
    answers: dict[str, set[bytes]] = {}

    for path, cookie in product(FOR_UPLOADS, (cookies, "a=b")):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{FORM_WITH_FILE}"
        with_length = upload(site, f"{head}Content-Length: {LARGE}\r\n\r\n".encode(), BLOCK)
        in_chunks = upload(site, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), CHUNK)
        answers.setdefault("with its length", set()).add(with_length[9:12])
        answers.setdefault("in chunks", set()).add(in_chunks[9:12])

    # Who may not is told that instead, before anything is read.
    assert answers["with its length"] <= {b"413", b"303", b"404"}
    assert answers["in chunks"] == {b"413"}
    assert memory_of(site) - before < LARGE // 1000 // 3
    assert site.anonymous.get("/share").status == 200


def upload(site: Site, head: bytes, block: bytes) -> bytes:
    received = b""
    with socket.create_connection(address_of(site), timeout=PATIENCE) as connection:
        with suppress(ConnectionError):
            connection.sendall(head)
            for _ in range(LARGE // len(BLOCK)):
                connection.sendall(block)
        with suppress(ConnectionError):
            while data := connection.recv(65_536):
                received += data
    return received


def test_two_hundred_who_are_slow_keep_nobody_waiting(site: Site) -> None:
    with ExitStack() as stack:
        for half in (b"", GET, POST + b"Content-Length: 100\r\n\r\nhalf", (GET + b"\r\n") * 20) * 50:
            connection = stack.enter_context(socket.create_connection(address_of(site), timeout=PATIENCE))
            with suppress(ConnectionError):
                connection.sendall(half)

        reader = stack.enter_context(closing(http.client.HTTPConnection(*address_of(site), timeout=PATIENCE)))
        for _ in range(10):
            reader.request("GET", "/share")
            answer = reader.getresponse()
            assert (answer.status, b"First words." in answer.read()) == (200, True)
