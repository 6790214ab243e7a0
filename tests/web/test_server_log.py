"""gunicorn's lines, as they join the log."""

import logging
from collections.abc import Iterator

import pytest
from gunicorn.config import Config

from knowledge_base.web.server_log import ServerLog


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[ServerLog]:
    """The log of a server, which is as before afterwards."""
    own = logging.getLogger("gunicorn.error")
    before = own.level, own.propagate, list(own.handlers)
    own.handlers.clear()
    config = Config()
    config.set("loglevel", "warning")
    yield ServerLog(config)
    own.setLevel(before[0])
    own.propagate = before[1]
    own.handlers[:] = before[2]


def test_a_refused_request_is_not_quoted(log: ServerLog, caplog: pytest.LogCaptureFixture) -> None:
    log.warning("Invalid request from ip=198.51.100.7: Invalid HTTP Version: 'runaway'")

    assert caplog.messages == ["A request was refused that is no HTTP, or beyond a limit."]


def test_a_request_that_failed_is_not_named(log: ServerLog, caplog: pytest.LogCaptureFixture) -> None:
    try:
        [].pop()
    except IndexError:
        log.exception("Error handling request %s %s", "GET", "/search?q=runaway")

    assert caplog.messages == ["A request could not be answered."]
    assert caplog.records[0].exc_info


def test_all_else_is_handed_on(log: ServerLog, caplog: pytest.LogCaptureFixture) -> None:
    log.warning("Worker (pid:%s) was sent %s!", 7, "SIGABRT")
    try:
        [].pop()
    except IndexError:
        log.exception("Socket error processing request.")
    log.info("Not for the log.")

    assert caplog.messages == ["Worker (pid:7) was sent SIGABRT!", "Socket error processing request."]


def test_gunicorn_writes_no_lines_about_requests_and_none_of_its_own(log: ServerLog) -> None:
    assert not log.access_log_enabled
    assert log.error_log.handlers == []
    assert log.error_log.propagate
