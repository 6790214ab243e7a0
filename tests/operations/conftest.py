"""A site as gunicorn serves it, with a port and a database of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge_base.settings import ROOT, Settings
from tests.content_folder import ContentFolder
from tests.ports import free_port
from tests.unprivileged import HEEDING_MODES

GUNICORN = [*HEEDING_MODES, sys.executable, "-m", "gunicorn", "wsgi:app"]
Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    return free_port()


@pytest.fixture
def environment(settings: Settings, content: ContentFolder, port: int) -> dict[str, str]:
    """What a start of a small site finds in its environment."""
    content.page("index", title="Home")
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "GUNICORN_", "COV_"))}
    return own | {
        "PORT": str(port),
        "KB_WORKERS": "1",
        "KB_DATABASE_URL": settings.database_url,
        "KB_INSTANCE_DIR": str(settings.instance_dir),
        "KB_CONTENT_DIR": str(settings.content_dir),
        "KB_INDEX_DIR": str(settings.index_dir),
    }


@pytest.fixture
def serve(environment: dict[str, str], tmp_path: Path) -> Iterator[Serve]:
    """Start the site, with more in its environment, and wait until it serves. Its log is in `tmp_path/log`."""
    started: list[subprocess.Popen[str]] = []

    def start(**more: str) -> "subprocess.Popen[str]":
        with (tmp_path / "log").open("w") as log:
            server = subprocess.Popen(
                GUNICORN, cwd=ROOT, env=environment | more, stdout=subprocess.PIPE, stderr=log, text=True
            )
        started.append(server)
        assert "Serving on" in lines_until_serving(server)
        return server

    yield start
    for server in started:
        server.terminate()
        server.wait()
        if server.stdout:
            server.stdout.close()


def lines_until_serving(server: subprocess.Popen[str]) -> str:
    """Return what the start prints, until it serves or ends."""
    said = ""
    assert server.stdout
    for line in server.stdout:
        said += line
        if "Serving on" in line:
            break
    return said
