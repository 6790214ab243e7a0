"""Several nodes on this machine, behind nginx, that die and come back while people read and publish."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TextIO
from urllib.error import HTTPError, URLError

from knowledge_base.settings import ROOT
from tests.journeys.conftest import wait_for
from tests.ports import free_port

NAMES = ("Alpha", "Beta", "Gamma")
EDITOR = "jane@example.gov.uk"
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream nodes {{
    {servers}
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://nodes;
      proxy_set_header Host $http_host;
      proxy_connect_timeout 1s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
    }}
  }}
}}
"""


@dataclass
class Node:
    """A machine's part: gunicorn, and somebody who publishes without pause. Both die together."""

    name: str
    port: int
    environment: Mapping[str, str]
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start the node and wait until it answers."""
        self._run("gunicorn", "wsgi:app")
        wait_for(f"http://127.0.0.1:{self.port}/readyz")
        said = self._run("tests.journeys.publisher", EDITOR, self.name).stdout
        assert said
        threading.Thread(target=self._listen, args=(said,), daemon=True).start()

    def _run(self, *module: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def _listen(self, said: TextIO) -> None:
        self.confirmed.extend(line.strip() for line in said)

    def kill(self) -> None:
        """End all its processes as a power cut does."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert process.stdout
            process.stdout.close()
        self.processes.clear()


@dataclass
class Reader:
    """Somebody who asks for pages without pause. Holds what went wrong."""

    url: str
    asked: int = 0
    failures: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Read until told to end."""
        while not self.ended.is_set():
            for path in ("/", "/guidance", "/search?q=guidance"):
                self.asked += 1
                try:
                    with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:  # noqa: S310 - our own
                        answer.read()
                except (HTTPException, HTTPError, URLError, OSError) as error:
                    self.failures.append(f"{path}: {error}")


@contextmanager
def readers(url: str, count: int) -> Iterator[list[Reader]]:
    """Let several people read at once."""
    people = [Reader(url) for _ in range(count)]
    threads = [threading.Thread(target=person.run) for person in people]
    for thread in threads:
        thread.start()
    yield people
    for person in people:
        person.ended.set()
    for thread in threads:
        thread.join()


@contextmanager
def nginx(folder: Path, ports: list[int]) -> Iterator[str]:
    """Share requests out between the nodes."""
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=1s;" for one in ports)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, servers=servers, port=port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([program, "-p", str(folder), "-c", str(config), "-e", str(folder / "start.log")]) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def new_nodes(folder: Path, *, database_url: str, remote: Path) -> list[Node]:
    """Return nodes that are not started yet. Each has folders of its own."""
    secret = secrets.token_urlsafe(48)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "GUNICORN_", "COV_"))}
    ports = [free_port() for _ in NAMES]
    return [
        Node(
            name,
            port,
            own
            | {
                "PORT": str(port),
                "PYTHONPATH": "site",
                "KB_WORKERS": "1",
                "KB_SECRET_KEY": secret,
                "KB_DATABASE_URL": database_url,
                "KB_CONTENT_REMOTE": str(remote),
                "KB_INSTANCE_DIR": str(folder / name / "instance"),
                "KB_CONTENT_DIR": str(folder / name / "content"),
                "KB_INDEX_DIR": str(folder / name / "index"),
            },
        )
        for name, port in zip(NAMES, ports, strict=True)
    ]


def wait_until(is_so: object, *, seconds: float) -> float:
    """Wait until something is so, and return how long that took. Fails when it takes too long."""
    assert callable(is_so)
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < seconds
        time.sleep(0.05)
    return time.monotonic() - started
