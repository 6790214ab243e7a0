"""Pages that are sent before Flask looks at the request: the same as it sends, and to nobody who asks for more."""

import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.db import london_today
from knowledge_base.telemetry.log_lines import FIELDS
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder

URL = "/referral/share"


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried about someone?")
    content.page("referral/share", "Facts.\n")


@pytest.fixture
def seen_by_flask(app: Flask) -> Iterator[list[str]]:
    """The addresses that Flask was asked for."""
    seen: list[str] = []

    def note(_app: Flask) -> None:
        seen.append(request.path)

    with request_started.connected_to(note, app):
        yield seen


@pytest.fixture
def ready(anonymous: FlaskClient, seen_by_flask: list[str]) -> TestResponse:
    """The answer that Flask gave, which is ready for others from then on."""
    answer = anonymous.get(URL)
    assert seen_by_flask == [URL]
    seen_by_flask.clear()
    return answer


def headers_of(answer: TestResponse) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers if name != "X-Request-Id"]


def test_whoever_asks_for_nothing_else_gets_the_same_without_flask(
    ready: TestResponse, app: Flask, seen_by_flask: list[str]
) -> None:
    answer = app.test_client().get(URL, headers={"Referer": "http://localhost/referral", "Accept-Language": "cy"})

    assert seen_by_flask == []
    assert answer.status == ready.status == "200 OK"
    assert answer.data == ready.data
    assert headers_of(answer) == headers_of(ready)
    assert answer.headers["X-Request-Id"] != ready.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "session=somebody"},
        {"If-None-Match": '"another"'},
        {"If-Modified-Since": "Sun, 22 Nov 2026 10:00:00 GMT"},
        {"If-Match": '"another"'},
        {"Range": "bytes=0-10"},
        {"Authorization": "Basic c29tZWJvZHk6d29yZHM="},
        {"Referer": "http://localhost/search?q=facts"},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.usefixtures("ready")
def test_whoever_may_be_somebody_or_asks_for_more_is_answered_by_flask(
    app: Flask, headers: dict[str, str], seen_by_flask: list[str]
) -> None:
    app.test_client(use_cookies=False).get(URL, headers=headers)

    assert seen_by_flask == [URL]


@pytest.mark.usefixtures("ready")
def test_a_request_with_a_body_is_answered_by_flask(app: Flask, seen_by_flask: list[str]) -> None:
    app.test_client().get(URL, data=b"words")

    assert seen_by_flask == [URL]


@pytest.mark.parametrize(("method", "address"), [("HEAD", URL), ("GET", f"{URL}?from=mail"), ("GET", f"{URL}/")])
@pytest.mark.usefixtures("ready")
def test_another_method_or_address_is_answered_by_flask(
    app: Flask, method: str, address: str, seen_by_flask: list[str]
) -> None:
    app.test_client().open(address, method=method)

    assert len(seen_by_flask) == 1


@pytest.mark.usefixtures("ready")
def test_a_page_that_changed_is_answered_by_flask(app: Flask, content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("referral/share", "Other facts.\n")
    app.extensions["library"].refresh()

    assert "Other facts." in anonymous.get(URL).text


@pytest.mark.usefixtures("ready")
def test_a_page_that_became_narrower_is_for_nobody_who_may_not_read_it(
    app: Flask, content: ContentFolder, anonymous: FlaskClient
) -> None:
    content.page("referral/share", "Facts.\n", audience="staff")
    app.extensions["library"].refresh()

    assert anonymous.get(URL).status_code == 404


@pytest.mark.usefixtures("ready")
def test_a_page_of_another_day_is_answered_by_flask(
    app: Flask, monkeypatch: pytest.MonkeyPatch, seen_by_flask: list[str]
) -> None:
    monkeypatch.setattr("knowledge_base.pages.routes.london_today", lambda: london_today() + timedelta(days=1))

    app.test_client().get(URL)

    assert seen_by_flask == [URL]


def test_what_is_for_one_reader_is_ready_for_nobody(
    app: Flask, signed_in: SignedIn, anonymous: FlaskClient, seen_by_flask: list[str]
) -> None:
    signed_in("staff").get(URL)
    with anonymous.session_transaction() as cookie:
        cookie["seen"] = "yes"
    anonymous.get(URL)
    seen_by_flask.clear()

    app.test_client().get(URL)

    assert seen_by_flask == [URL]


@pytest.mark.usefixtures("ready")
def test_a_host_that_is_not_this_site_is_refused_all_the_same(app: Flask) -> None:
    assert app.test_client().get(URL, headers={"Host": "elsewhere.example"}).status_code == 400


def test_without_the_content_the_site_says_what_it_can(
    app: Flask, anonymous: FlaskClient, content: ContentFolder
) -> None:
    anonymous.get(URL)
    shutil.rmtree(content.root)
    app.extensions["library"].refresh()

    assert "Facts." in anonymous.get(URL).text


@pytest.mark.usefixtures("ready")
def test_its_line_in_the_log_names_the_route(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    app.test_client().get(URL).close()

    (line,) = (getattr(record, FIELDS) for record in caplog.records if record.name == "knowledge_base.requests")
    assert (line["route"], line["method"], line["status"]) == ("/<path:path>", "GET", 200)
