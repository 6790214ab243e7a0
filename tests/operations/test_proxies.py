"""What nginx and Caddy, as they are shipped, say by themselves: when the site is not there, or is sent too much."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import repeat
from pathlib import Path
from threading import Thread

import pytest

from knowledge_base.pages.file_kinds import LARGEST_FILE
from knowledge_base.pages.frame import EMERGENCY_CONTACTS
from knowledge_base.settings import ROOT
from tests.operations.proxies import nginx_configuration
from tests.ports import free_port

SECONDS_TO_START = 30
TOO_MUCH = 61 * 1024 * 1024


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HTTPConnection]:
    """A connection to a proxy before a site that is not there."""
    if not shutil.which(request.param, path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip(f"{request.param} is not on this machine.")
    port, nobody = free_port(), free_port()
    start = running_nginx if request.param == "nginx" else running_caddy
    with start(tmp_path, port, nobody) as connection, closing(connection):
        yield connection


@contextmanager
def running_nginx(folder: Path, port: int, upstream: int) -> Iterator[HTTPConnection]:
    configuration = nginx_configuration(folder, port=port, upstream=upstream)
    with running("nginx", "-c", f"{configuration}", "-p", f"{folder}", "-g", "daemon off;", folder=folder):
        yield HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context())  # noqa: S323 - our own


@contextmanager
def running_caddy(folder: Path, port: int, upstream: int) -> Iterator[HTTPConnection]:
    places = {"KB_HOST": f"http://127.0.0.1:{port}", "KB_UPSTREAM": f"127.0.0.1:{upstream}"}
    command = ("caddy", "run", "--adapter", "caddyfile", "--config", f"{ROOT / 'deploy' / 'caddy' / 'Caddyfile'}")
    with running(*command, folder=folder, **places):
        yield HTTPConnection("127.0.0.1", port)


@contextmanager
def running(*command: str, folder: Path, **environment: str) -> Iterator[None]:
    path = f"{os.environ['PATH']}:/usr/sbin"
    own = {**os.environ, "PATH": path, "HOME": f"{folder}", **environment}
    with (folder / "said").open("wb") as said, subprocess.Popen(command, env=own, stdout=said, stderr=said) as process:
        try:
            yield
        finally:
            process.terminate()


def ask(proxy: HTTPConnection, method: str = "GET", length: int = 0) -> HTTPResponse:
    """Ask for a page, once the proxy has started."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            proxy.putrequest(method, "/referral")
            proxy.putheader("Content-Length", str(length))
            proxy.endheaders()
            return proxy.getresponse()
        except (OSError, HTTPException):
            proxy.close()
            time.sleep(0.1)
            if time.monotonic() > deadline:
                raise


def test_while_the_site_is_away_the_numbers_to_call_are_shown(proxy: HTTPConnection) -> None:
    answer = ask(proxy)

    text = answer.read().decode()
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one.phone for one in EMERGENCY_CONTACTS.values() if f">{one.phone}</a>" not in text] == []


@pytest.mark.skipif(not shutil.which("caddy"), reason="Caddy is not on this machine.")
def test_caddy_too_says_what_is_too_large_where_nobody_knew_before(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as site:
        Thread(target=read_all_from, args=(site,), daemon=True).start()
        with running_caddy(tmp_path, free_port(), site.getsockname()[1]) as connection, closing(connection):
            ask(connection).read()
            megabyte = bytes(1024 * 1024)
            with suppress(OSError):
                connection.request("POST", "/draft", repeat(megabyte, 62), encode_chunked=True)
            answer = connection.getresponse()

            assert answer.status == 413
            assert "A file may have" in answer.read().decode()


def read_all_from(site: socket.socket) -> None:
    """Read what comes, and answer what has no body."""
    with suppress(OSError):
        while True:
            connection, _ = site.accept()
            with connection:
                begin = connection.recv(65536)
                if begin.startswith(b"GET"):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                while begin:
                    begin = connection.recv(1024 * 1024)


@pytest.mark.parametrize("proxy", ["nginx"], indirect=True)  # Caddy lets the site say it
def test_what_is_too_large_is_answered_in_words(proxy: HTTPConnection) -> None:
    answer = ask(proxy, "POST", TOO_MUCH)

    found = re.search(r"A file may have (\d+) MB", answer.read().decode())
    assert answer.status == 413
    assert found
    assert int(found[1]) * 1_000_000 <= LARGEST_FILE
