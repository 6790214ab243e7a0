"""What Prometheus finds: of the site itself, and of what it counted as things happened."""

import socket
import struct
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import REGISTRY, CollectorRegistry
from sqlalchemy import text

from knowledge_base.db import london_today, utc_now
from knowledge_base.editing.models import DraftRow
from knowledge_base.feedback.models import ReportRow
from knowledge_base.operations import metrics_server
from knowledge_base.operations.health import folders_of
from knowledge_base.operations.metrics import SiteCollector
from knowledge_base.settings import Settings
from knowledge_base.telemetry.measures import count_worker
from tests.conftest import MakeApp, SignedIn, fill_in
from tests.content_folder import ContentFolder

PATIENCE = 20


def collector_of(app: Flask) -> SiteCollector:
    extensions = app.extensions
    return SiteCollector(
        health=extensions["health"],
        library=extensions["library"],
        database=extensions["database"],
        index=extensions["search_index"],
        folders=folders_of(extensions["settings"]),
    )


def measured(app: Flask) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector_of(app))
    return registry


def counted(name: str, **labels: str) -> float:
    """Return what this process has counted so far."""
    return REGISTRY.get_sample_value(name, labels) or 0


def test_content_is_measured(content: ContentFolder, app: Flask, anonymous: FlaskClient) -> None:
    content.page("index")
    late = content.page("late", review_by=(london_today() - timedelta(days=1)).isoformat(), last_reviewed="2020-01-01")
    app.extensions["library"].refresh()
    anonymous.get("/readyz")

    found = measured(app)

    assert found.get_sample_value("kb_content_pages") == 2
    assert found.get_sample_value("kb_content_overdue_pages") == 1
    changed_at = found.get_sample_value("kb_content_changed_timestamp_seconds")
    assert changed_at == pytest.approx(late.stat().st_ctime)
    assert found.get_sample_value("kb_index_behind") == 0
    assert (found.get_sample_value("kb_index_written_timestamp_seconds") or 0) >= late.stat().st_mtime - 1
    assert found.get_sample_value("kb_ready", {"part": "database"}) == 1
    assert (found.get_sample_value("kb_disk_free_bytes", {"folder": "instance"}) or 0) > 0


def test_an_index_without_the_newest_page_is_behind(content: ContentFolder, app: Flask, anonymous: FlaskClient) -> None:
    content.page("index")
    anonymous.get("/readyz")
    content.page("another")
    app.extensions["library"].refresh()

    registry = CollectorRegistry()
    collector = collector_of(app)
    registry.register(collector)

    assert any(
        sample.value == 1
        for family in collector._measure_content()
        for sample in family.samples
        if sample.name == "kb_index_behind"
    )


def test_what_waits_is_counted(app: Flask, content: ContentFolder, signed_in: SignedIn) -> None:
    content.page("index")
    signed_in("staff", roles=["editor"])
    now = utc_now()
    with app.extensions["database"].write() as session:
        account = session.scalar(text("SELECT id FROM accounts"))
        session.add(DraftRow(account_id=account, page_path="index", text="", version=1, created_at=now, updated_at=now))
        for done_at in (None, now):
            session.add(
                ReportRow(
                    page_path="index",
                    section="",
                    revision="",
                    requirement="",
                    message="It is wrong.",
                    address_key="",
                    at=now,
                    done_at=done_at,
                )
            )

    found = measured(app)

    assert found.get_sample_value("kb_waiting", {"what": "drafts"}) == 1
    assert found.get_sample_value("kb_waiting", {"what": "reports"}) == 1
    assert found.get_sample_value("kb_waiting", {"what": "submissions"}) == 0


def test_the_newest_backup_is_measured_once_there_is_one(app: Flask, content: ContentFolder, tmp_path: Path) -> None:
    content.page("index")
    run = app.test_cli_runner().invoke
    began = utc_now().timestamp()

    before = measured(app).get_sample_value("kb_backup_created_timestamp_seconds")
    refused = run(args=["backup", "create", str(tmp_path / "nowhere" / "backup.tar.gz")])
    still = measured(app).get_sample_value("kb_backup_created_timestamp_seconds")
    made = run(args=["backup", "create", "--verify", str(tmp_path / "backup.tar.gz")])
    after = measured(app).get_sample_value("kb_backup_created_timestamp_seconds") or 0

    assert (refused.exit_code, made.exit_code) == (1, 0), made.output
    assert before == still == 0
    assert after >= began


def test_without_a_database_the_rest_is_measured_all_the_same(
    settings: Settings, content: ContentFolder, make_app: MakeApp
) -> None:
    content.page("index")
    app = make_app(replace(settings, database_url="sqlite:////nowhere/to/be/found.sqlite3"))

    found = measured(app)

    assert found.get_sample_value("kb_ready", {"part": "database"}) == 0
    assert found.get_sample_value("kb_content_pages") == 1
    assert found.get_sample_value("kb_waiting", {"what": "drafts"}) is None
    assert found.get_sample_value("kb_backup_created_timestamp_seconds") is None


def test_searches_are_counted_by_kind(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("index", title="Runaway children")
    before = counted("kb_search_seconds_count", kind="api"), counted("kb_searches_empty_total", kind="api")

    anonymous.get("/api/search?q=runaway")
    anonymous.get("/api/search?q=xylophone")
    anonymous.get("/api/search?q=")

    after = counted("kb_search_seconds_count", kind="api"), counted("kb_searches_empty_total", kind="api")
    assert (after[0] - before[0], after[1] - before[1]) == (3, 1)


def test_failed_sign_ins_are_counted(anonymous: FlaskClient) -> None:
    before = counted("kb_sign_in_failures_total", reason="password")

    fill_in(anonymous, "/login", {"email": "nobody@example.gov.uk", "password": "wrong"})

    assert counted("kb_sign_in_failures_total", reason="password") == before + 1


def test_requests_are_counted_by_route(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("area/index")
    labels = {"route": "/<path:path>", "method": "GET", "status": "200"}
    before = counted("kb_http_requests_total", **labels)

    anonymous.get("/area?x=1").close()

    assert counted("kb_http_requests_total", **labels) == before + 1


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The port on which the measurements of an application are given."""
    server = metrics_server.answer(metrics_server.open_port(0), [collector_of(app)])
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_measurements_are_given_on_a_port_of_this_machine(content: ContentFolder, port: int) -> None:
    content.page("index")

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        said = answer.read().decode()

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "\nkb_content_pages 1.0\n" in said


def test_the_public_port_has_no_measurements(anonymous: FlaskClient) -> None:
    assert anonymous.get("/metrics").status_code == 404


def test_whoever_goes_away_before_the_answer_ends_nothing(content: ContentFolder, port: int) -> None:
    content.page("index")

    with socket.create_connection(("127.0.0.1", port)) as connection:
        # It goes away in the middle of the answer.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        status = answer.status

    assert status == 200


def test_a_folder_whose_space_cannot_be_known_is_left_out(app: Flask) -> None:
    extensions = app.extensions
    folders = folders_of(extensions["settings"]) | {"index": Path("/" + "x" * 300)}
    registry = CollectorRegistry()
    registry.register(
        SiteCollector(
            health=extensions["health"],
            library=extensions["library"],
            database=extensions["database"],
            index=extensions["search_index"],
            folders=folders,
        )
    )

    assert (registry.get_sample_value("kb_disk_free_bytes", {"folder": "content"}) or 0) > 0
    assert registry.get_sample_value("kb_disk_free_bytes", {"folder": "index"}) is None


def test_what_a_worker_may_count_later_is_there_from_its_start() -> None:
    count_worker()

    for outcome in ("published", "busy", "failed"):
        assert REGISTRY.get_sample_value("kb_publish_seconds_count", {"outcome": outcome}) is not None
    assert REGISTRY.get_sample_value("kb_sign_in_failures_total", {"reason": "provider"}) is not None
