"""The site as gunicorn serves it: slow and odd clients, over real sockets."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from knowledge_base.settings import ROOT
from tests.content_folder import ContentFolder
from tests.databases import empty_database

PATIENCE = 10
THREADS = 4
ASK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
FORM = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
UNFINISHED = (
    b"",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    FORM + b"Content-Length: 500\r\n\r\nemail=",
    FORM + b"Transfer-Encoding: chunked\r\n\r\n5\r\nemail",
)
ODD = {
    "a name not ours": (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
    "two names": (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
    "no name": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "a long line": (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a long header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
    "many headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: x\r\n" * 70 + b"\r\n", 431),
    "a null byte": (b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "two lengths": (FORM + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nemail=", 400),
    "length and chunks": (FORM + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "too long a body": (FORM + b"Content-Length: 99999999\r\n\r\n" + b"x" * 2_000_000, 413),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: localhost\r\nCookie: session=secret\r\n\r\n", 405),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Where a site of one process with four threads is served."""
    folder = tmp_path_factory.mktemp("site")
    content = ContentFolder(folder / "content")
    content.page("index", title="Home")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        where = probe.getsockname()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "GUNICORN_", "COV_"))}
    with empty_database(folder / "instance") as database_url:
        environment = own | {
            "KB_DATABASE_URL": database_url,
            "PORT": str(where[1]),
            "KB_WORKERS": "1",
            "KB_INSTANCE_DIR": str(folder / "instance"),
            "KB_CONTENT_DIR": str(content.root),
            "KB_INDEX_DIR": str(folder / "search_index"),
        }
        command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            assert server.stdout
            try:
                assert any("Serving on" in line for line in server.stdout)
                yield where
            finally:
                server.terminate()


def ask(address: tuple[str, int], request: bytes = ASK) -> bytes:
    """Send a request and return all that comes back, for as long as patience lasts."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request)
        return connection.recv(65536)


@pytest.mark.parametrize("beginning", UNFINISHED)
def test_eight_who_stall_do_not_keep_the_ninth_out(address: tuple[str, int], beginning: bytes) -> None:
    stalled = [socket.create_connection(address, timeout=PATIENCE) for _ in range(2 * THREADS)]
    for connection in stalled:
        connection.sendall(beginning)

    answer = ask(address)

    for connection in stalled:
        connection.close()
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_request_is_refused_without_repeating_it(address: tuple[str, int], kind: str) -> None:
    request, status = ODD[kind]

    answer = ask(address, request)

    assert answer.split(b" ")[1] == str(status).encode()
    assert b"evil" not in answer
    assert b"secret" not in answer


def test_paths_that_lead_out_of_the_site_lead_nowhere(address: tuple[str, int]) -> None:
    for path in (
        *("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py", "/static//etc/passwd"),
        *("/static/%2e%2e%5capp.py", "/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/instance/secret_key"),
        *(
            "/_data/audiences.yml",
            "/_data/audiences",
            "/index.md",
            "/%00",
            "/index%00.html",
            "/index%2f",
            "//evil.example",
        ),
    ):
        answer = ask(address, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

        assert answer.split(b" ")[1] in {b"400", b"404"}, path
        assert b"evil.example/" not in answer.partition(b"\r\n\r\n")[0]
