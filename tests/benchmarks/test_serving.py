"""The serving benchmark: a small run of all that needs no other program, and the load by itself."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.serving.load import Load, Request, in_turn, put_load
from benchmarks.serving.servers import NotServingError, Program, free_port, serving
from knowledge_base.settings import ROOT

BENCHMARK = [sys.executable, "-m", "benchmarks"]
SERVING = [*BENCHMARK, "serving", "--no-peers", "--pages", "20"]


class Answers(BaseHTTPRequestHandler):
    """Says what was sent, or that there is nothing; in chunks when asked to."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/missing" else 200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n")
            return
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(303 if sent == b"a=b+c" and self.headers["Cookie"] == "session=x" else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def loaded(port: int, requests: Iterable[Request], *, connections: int, is_kept: bool = True, seconds: float) -> Load:
    """Put a load on a server, from a thread of its own: Playwright's browser may have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        wanted = pool.submit(put_load, port, requests, connections=connections, is_kept=is_kept, seconds=seconds)
        return wanted.result()


@pytest.mark.parametrize("is_kept", [True, False])
def test_each_request_is_sent_once_over_several_connections(port: int, *, is_kept: bool) -> None:
    requests = [Request("/"), Request("/chunks"), Request("/"), Request("/chunks")]

    load = loaded(port, requests, connections=3, is_kept=is_kept, seconds=30)

    assert load.failures == []
    assert len(load.times) == 4
    assert load.size == 2 * 5 + 2 * 8


def test_a_form_is_sent_with_its_cookie_and_the_wanted_status_counts(port: int) -> None:
    form = {"a": "b c"}

    load = loaded(
        port,
        [Request("/", form=form, cookie="session=x", wanted=303), Request("/", form=form, wanted=303)],
        connections=1,
        seconds=30,
    )

    assert len(load.times) == 1
    assert load.failures == ["/: 400"]


def test_a_load_ends_when_its_time_is_over(port: int) -> None:
    load = loaded(port, in_turn([Request("/"), Request("/missing")]), connections=2, seconds=0.1)

    assert load.times
    assert load.failures
    assert set(load.failures) == {"/missing: 404"}


def test_a_server_that_is_not_there_is_a_failure() -> None:
    load = loaded(free_port(), [Request("/")], connections=1, seconds=30)

    assert len(load.failures) == 1
    assert load.times == []


def test_a_program_that_ends_at_once_is_reported_with_what_it_said(tmp_path: Path) -> None:
    program = Program(["git", "no-such-command"], tmp_path, free_port(), tmp_path / "log")

    with pytest.raises(NotServingError, match="no-such-command"), serving(program):
        pass


def environment(folder: Path) -> dict[str, str]:
    """What a run finds in its environment, so that all it makes is in a folder."""
    return {**os.environ, "PYTHONPATH": "site", "TMPDIR": str(folder)}


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a benchmark to its end."""
    return subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False)


def test_a_small_run_prints_the_tables_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(tmp_path, *SERVING, "--connections", "2", "--rounds", "1", "--seconds", "0.1")

    assert done.returncode == 0, done.stderr
    assert "| page, 2 connections " in done.stdout
    assert "| publish, 2 connections " in done.stdout
    assert "another answer than was wanted" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_ended_stops_its_servers(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*SERVING, "--rounds", "1"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        said = next(line for line in process.stderr if line.startswith("Round 1"))
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert process.returncode == 1, said
    assert list(tmp_path.iterdir()) == []
    assert processes_that_know(tmp_path) == []


def test_a_few_readers_are_let_in_and_what_they_waited_for_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, *BENCHMARK, "readers", "--pages", "20", "--an-hour", "36000", "--seconds", "1")

    assert done.returncode == 0, done.stderr
    assert "| search, ms, p50 / p95 / longest " in done.stdout
    assert "failed, such as" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def processes_that_know(folder: Path) -> list[str]:
    """Return the processes whose environment names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in environment:
            found.append(process.name)
    return found
