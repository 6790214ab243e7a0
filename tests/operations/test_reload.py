"""New workers, and a new start, without a failed request: under load, on kept connections and on new ones."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from knowledge_base.settings import ROOT
from tests.operations.conftest import Serve, lines_until_serving

PATIENCE = 60
READERS = 6


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """The URL of a database that no start has prepared yet."""
    return empty_database_url


@dataclass
class Load:
    """Readers who ask one thing after the other, half of them on connections that they keep."""

    port: int
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    _ended: Event = field(default_factory=Event)
    _readers: list[Thread] = field(default_factory=list)

    def end(self) -> None:
        """Let each reader get the answer to the last question."""
        self._ended.set()
        for reader in self._readers:
            reader.join()

    def start(self) -> None:
        """Let the readers begin."""
        self._readers = [Thread(target=self.read, kwargs={"keeps": number % 2 == 0}) for number in range(READERS)]
        for reader in self._readers:
            reader.start()

    def read(self, *, keeps: bool) -> None:
        """Ask until the load ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not self._ended.is_set():
            try:
                connection.request("GET", "/", headers={} if keeps else {"Connection": "close"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
            else:
                self.answered += 1
                if answer.status != http.client.OK:
                    self.failures.append(str(answer.status))
        connection.close()


@contextmanager
def load_on(port: int) -> Iterator[Load]:
    load = Load(port)
    load.start()
    try:
        yield load
    finally:
        load.end()


def children_of(process: int) -> set[int]:
    return {int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again, as long as patience lasts."""
    never = Event()
    assert any(is_so() or never.wait(0.05) for _ in range(PATIENCE * 20))


def test_new_workers_take_over_without_a_failed_request(serve: Serve, port: int) -> None:
    server = serve(KB_WORKERS="2")
    wait_until(lambda: len(children_of(server.pid)) == 2)
    with load_on(port) as load:
        for _ in range(2):
            before, answered = children_of(server.pid), load.answered
            server.send_signal(signal.SIGHUP)
            wait_until(lambda: len(children_of(server.pid)) == 2 and not children_of(server.pid) & before)  # noqa: B023
            wait_until(lambda: load.answered > answered + READERS)  # noqa: B023

    assert load.failures == []


def test_a_worker_that_is_killed_is_replaced(serve: Serve, port: int) -> None:
    server = serve(KB_WORKERS="2")
    wait_until(lambda: len(children_of(server.pid)) == 2)
    before = children_of(server.pid)

    os.kill(min(before), signal.SIGKILL)

    wait_until(lambda: len(children_of(server.pid)) == 2 and children_of(server.pid) != before)
    with load_on(port) as load:
        wait_until(lambda: load.answered > READERS)
    assert load.failures == []


@pytest.fixture
def listener(port: int) -> Iterator[socket.socket]:
    """The port, opened by somebody else, as systemd does."""
    with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
        yield listener


@contextmanager
def served(environment: dict[str, str], listener: socket.socket) -> Iterator[None]:
    """Serve the site on a port that is open already: it is the process's third file."""
    number = listener.fileno()
    command = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "{sys.executable}" -m gunicorn wsgi:app 3<&{number}'
    with subprocess.Popen(
        ["bash", "-c", command],
        cwd=ROOT,
        env=environment,
        pass_fds=[number],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert "Serving on" in lines_until_serving(server)
            yield
        finally:
            server.terminate()
            server.wait()


def test_a_new_start_on_a_port_of_systemds_makes_readers_wait_and_refuses_none(
    environment: dict[str, str], listener: socket.socket, port: int
) -> None:
    with load_on(port) as load:
        for _ in range(2):
            with served(environment, listener):
                answered = load.answered
                wait_until(lambda: load.answered > answered + READERS)  # noqa: B023
        with served(environment, listener):
            load.end()

    assert load.failures == []
