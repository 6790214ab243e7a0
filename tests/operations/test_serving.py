"""gunicorn.conf.py, as gunicorn itself reads it."""

import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge_base.db import Database, upgrade_database
from knowledge_base.settings import ROOT
from tests.operations.conftest import GUNICORN, lines_until_serving

PATIENCE = 60


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """The URL of a database that no start has prepared yet."""
    return empty_database_url


def test_a_start_prepares_a_new_site_then_serves_it(environment: dict[str, str], port: int) -> None:
    with subprocess.Popen(GUNICORN, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            said = lines_until_serving(server)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE) as answer:
                status = answer.status
        finally:
            server.terminate()

    assert f"http://127.0.0.1:{port}/account/set-up/" in said
    assert said.endswith(f"Serving on http://127.0.0.1:{port} (Ctrl-C stops it)\n")
    assert status == 200
    assert server.returncode == 0


def test_a_port_in_use_ends_the_start_with_one_line(environment: dict[str, str], port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ended = start_that_fails(environment)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"Cannot serve on 127.0.0.1:{port}: Address already in use."
        " Choose another address, as in: PORT=8080 script/server\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("KB_WORKERS", "0"),
        ("KB_LOG_FORMAT", "xml"),
        ("KB_METRICS_PORT", "none"),
        ("KB_SECRET_KEY", "short"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_line(environment: dict[str, str], name: str, value: str) -> None:
    ended = start_that_fails(environment | {name: value})

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{name}: ")
    assert ended.stderr.count("\n") == 1


def test_a_port_of_measurements_in_use_ends_the_start_with_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]
        ended = start_that_fails(environment | {"KB_METRICS_PORT": str(number), "RUNTIME_DIRECTORY": str(tmp_path)})

    assert not list(tmp_path.glob("knowledge-base-metrics-*"))
    assert ended.stderr == (f"KB_METRICS_PORT: port {number} cannot be used: Address already in use. Choose another.\n")


def test_an_unexpected_fault_ends_with_a_line_that_says_what_to_do(environment: dict[str, str]) -> None:
    ended = start_that_fails(environment | {"KB_DATABASE_URL": "sqlite:////nowhere/to/be/found.sqlite3"})

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "The site cannot start. Mend what the lines above say, then start it again."


def test_a_database_of_a_newer_version_ends_the_start_with_one_line(environment: dict[str, str]) -> None:
    url = environment["KB_DATABASE_URL"]
    upgrade_database(url)
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()

    ended = start_that_fails(environment)

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database has schema 9999, and this version of the site goes no further than ")
    assert ended.stderr.endswith("Install the newer version again, or restore a backup into an empty database.\n")
    assert ended.stderr.count("\n") == 1


def start_that_fails(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        GUNICORN, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
