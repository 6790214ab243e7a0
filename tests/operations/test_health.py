"""Whether the site can serve, also while what it asks hangs: real databases that say nothing."""

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from filelock import FileLock
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from knowledge_base.app import create_app
from knowledge_base.approval.schedule import Schedule
from knowledge_base.operations import health
from knowledge_base.settings import Settings
from tests.conftest import MakeApp
from tests.content_folder import ContentFolder
from tests.databases import only_on_postgresql, only_on_sqlite

SILENT = "does not answer within 2 seconds"


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The URL of a server that takes connections and never says a word, as one does that was stopped."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"postgresql://kb@127.0.0.1:{listener.getsockname()[1]}/kb"


@pytest.fixture(autouse=True)
def a_page(content: ContentFolder) -> None:
    content.page("index")


def test_a_server_that_says_nothing_is_not_waited_for(
    settings: Settings, silent_server: str, make_app: MakeApp
) -> None:
    browser = make_app(replace(settings, database_url=silent_server)).test_client()

    answer = browser.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["database"] == SILENT
    assert answer.get_json()["content"] == "ok"
    assert browser.get("/healthz").status_code == 200


@only_on_sqlite
def test_a_locked_file_is_not_waited_for(settings: Settings, app: Flask, anonymous: FlaskClient) -> None:
    app.extensions["database"].dispose()
    holder = sqlite3.connect(make_url(settings.database_url).database or "")
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")

    locked = anonymous.get("/readyz")

    holder.close()
    assert locked.get_json()["database"] == SILENT


@only_on_postgresql
def test_a_stopped_server_process_is_not_waited_for_and_noticed_when_it_goes_on(
    app: Flask, anonymous: FlaskClient
) -> None:
    with app.extensions["database"].read() as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    try:
        os.kill(process, signal.SIGSTOP)
        stopped = anonymous.get("/readyz").get_json()
    finally:
        os.kill(process, signal.SIGCONT)
    app.extensions["health"]._database.ask()[0].result(timeout=20)
    after = anonymous.get("/readyz").get_json()

    assert stopped["database"] == SILENT
    assert after["database"] == "ok"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "changed by a newer version of the site"),
        ("UPDATE alembic_version SET version_num = '0001'", "not upgraded to this version of the site"),
        ("DROP TABLE alembic_version", "has no tables"),
    ],
)
def test_a_database_that_somebody_changes_under_a_running_site_is_told(
    app: Flask, anonymous: FlaskClient, change: str, state: str
) -> None:
    before = anonymous.get("/readyz")
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(text(change))

    after = anonymous.get("/readyz")

    assert before.status_code == 200
    assert after.status_code == 503
    assert after.get_json()["database"] == state


def test_an_index_that_somebody_else_writes_does_not_take_the_site_off(
    content: ContentFolder, settings: Settings, app: Flask, anonymous: FlaskClient
) -> None:
    anonymous.get("/readyz")
    app.extensions["search_index"]._patience = 0
    with FileLock(settings.index_dir / "lock"):
        content.page("another")
        app.extensions["library"].refresh()
        answer = anonymous.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json()["search_index"] == "behind the content"


def test_a_schedule_that_stands_still_is_told(app: Flask, settings: Settings, anonymous: FlaskClient) -> None:
    schedule = Schedule(app.extensions["content_store"], settings, clean=lambda: None)
    app.extensions["schedule"] = schedule

    well = anonymous.get("/readyz").get_json()
    schedule._looked_at = time.monotonic() - health.SCHEDULE_MAY_TAKE
    still = anonymous.get("/readyz")

    assert well["schedule"] == "ok"
    assert still.get_json()["schedule"] == "stands still"
    assert still.status_code == 200


def test_a_disk_that_is_almost_full_is_told(anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 2**63)

    answer = anonymous.get("/readyz")

    assert answer.get_json()["disk"] == "almost full"
    assert answer.status_code == 200


def test_a_monitor_does_not_wait_for_the_housekeeping_of_the_record(settings: Settings, silent_server: str) -> None:
    app = create_app(replace(settings, database_url=silent_server))

    app.test_client().get("/healthz")

    assert app.extensions["audit_housekeeping"]._next_look is None
