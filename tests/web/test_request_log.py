"""What the log says of requests, and what it does not say."""

import logging
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import DictLoader

from knowledge_base.access.guards import public
from knowledge_base.settings import Settings
from knowledge_base.telemetry.log_lines import FIELDS
from knowledge_base.telemetry.settings import TelemetrySettings
from tests.conftest import MakeApp
from tests.content_folder import ContentFolder

MADE = re.compile(r"[0-9a-f]{16}")
GIVEN = "abcdef01-2345-6789"


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """Return what the lines about requests hold."""
    return [getattr(record, FIELDS) for record in caplog.records if record.name == "knowledge_base.requests"]


@pytest.fixture(autouse=True)
def everything_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    """A browser on a site that has a route which fails."""

    def fail(word: str) -> str:
        raise LookupError(word)

    app.add_url_rule("/fail/<word>", "fail", public(fail))
    app.testing = False
    return app.test_client()


def test_a_request_is_one_line_with_its_route(
    content: ContentFolder, anonymous: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    content.page("area/index")

    answer = anonymous.get("/area?person=fatima", headers={"Referer": "http://localhost/search?q=runaway"})
    answer.close()

    (line,) = fields(caplog)
    assert answer.status_code == 200
    assert (line["route"], line["method"], line["status"]) == ("/<path:path>", "GET", 200)
    assert isinstance(line["milliseconds"], float)


def test_no_line_holds_what_somebody_asked_for_or_who_they_are(
    content: ContentFolder, failing: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    content.page("index")

    for answer in (
        failing.get("/search?q=runaway", environ_base={"REMOTE_ADDR": "198.51.100.7"}),
        failing.get("/account/set-up/a-secret-token"),
        failing.get("/runaway/fatima.khan"),
        failing.get("/fail/runaway?x=runaway"),
        failing.post("/login", data={"email": "fatima.khan@example.gov.uk", "password": "runaway"}),
        failing.open("/runaway", method="RUNAWAY"),
    ):
        answer.close()

    said = " ".join(f"{record.getMessage()} {getattr(record, FIELDS, '')}" for record in caplog.records)
    assert len(fields(caplog)) == 6
    assert not [word for word in ("runaway", "RUNAWAY", "fatima", "secret-token", "198.51", "@") if word in said]


def test_each_answer_has_an_id_of_its_own(anonymous: FlaskClient) -> None:
    ids = [anonymous.get("/healthz").headers["X-Request-Id"] for _ in range(2)]

    assert all(MADE.fullmatch(one) for one in ids)
    assert ids[0] != ids[1]


def test_an_id_that_anybody_sends_is_not_taken(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/healthz", headers={"X-Request-Id": GIVEN})

    assert MADE.fullmatch(answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [(GIVEN, True), ("short", False), ("x" * 65, False), ("with a space", False), ("fatima@example", False)],
)
def test_an_id_of_a_trusted_proxy_is_taken_if_it_is_well_formed(
    settings: Settings, given: str, *, is_taken: bool, make_app: MakeApp
) -> None:
    browser = make_app(replace(settings, trusted_proxies=1)).test_client()

    answer = browser.get("/healthz", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is is_taken


def test_a_refused_name_is_logged_without_the_name(anonymous: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = anonymous.get("/healthz", headers={"Host": "evil.example"})
    answer.close()

    (line,) = fields(caplog)
    assert answer.status_code == 400
    assert (line["route"], line["status"]) == ("none", 400)
    assert MADE.fullmatch(answer.headers["X-Request-Id"])


def test_a_failure_is_logged_with_its_route_and_the_page_gives_its_reference(
    failing: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = failing.get("/fail/runaway")

    (failure,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert failure.getMessage() == "GET /fail/<word> failed."
    assert failure.exc_info
    assert answer.status_code == 500
    assert f"say its reference: {answer.headers['X-Request-Id']}" in answer.text


def test_the_last_resort_gives_the_reference_too(app: Flask, failing: FlaskClient) -> None:
    app.jinja_env.loader = DictLoader({})

    answer = failing.get("/fail/runaway")

    assert "call 999" in answer.text
    assert f"Reference: {answer.headers['X-Request-Id']}" in answer.text


def test_a_slow_request_is_named_as_slow(
    settings: Settings, caplog: pytest.LogCaptureFixture, make_app: MakeApp
) -> None:
    app = make_app(replace(settings, telemetry=TelemetrySettings(slow_milliseconds=0)))

    app.test_client().get("/healthz").close()

    (slow,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert re.fullmatch(r"GET /healthz 200 in [0-9.]+ ms, which is slow", slow.getMessage())


def test_a_failure_below_the_application_is_logged_too(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise LookupError

    app.before_request(fail)

    with pytest.raises(LookupError):
        app.test_client().get("/healthz")

    assert [line["status"] for line in fields(caplog)] == [500]
