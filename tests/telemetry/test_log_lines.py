"""The log: one line for each thing, for people or for programs."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge_base.telemetry.log_lines import FIELDS, current_request, set_up_log
from knowledge_base.telemetry.settings import LogFormat

logger = logging.getLogger("knowledge_base.tests")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Leave the log as it was."""
    root, own = logging.getLogger(), logging.getLogger("knowledge_base")
    before = list(root.handlers), root.level, own.level, logging.raiseExceptions
    token = current_request.set(None)
    yield
    current_request.reset(token)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])
    logging.raiseExceptions = before[3]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_is_one_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(LogFormat.JSON)

    logger.warning("Two\nlines of %s", "ours", extra={FIELDS: {"route": "/search"}})

    (line,) = lines(capsys)
    assert line["message"] == "Two\nlines of ours"
    assert (line["level"], line["logger"], line["route"]) == ("warning", "knowledge_base.tests", "/search")
    assert line["time"].endswith("+00:00")
    assert "request" not in line


def test_a_line_names_the_request_that_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(LogFormat.JSON)
    current_request.set("0123456789abcdef")

    logger.info("It happened.")

    assert lines(capsys)[0]["request"] == "0123456789abcdef"


def test_text_cannot_be_made_to_look_like_another_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(LogFormat.TEXT)

    logger.warning("It said %s.", "no\r\n2026-11-22T10:00:00 info root: all is well\x1b[2J")

    (line,) = capsys.readouterr().err.splitlines()
    assert "warning knowledge_base.tests: It said no 2026-11-22T10:00:00 info root: all is well [2J." in line


def test_an_error_is_described_however_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(LogFormat.JSON)

    typed = "who do i tell"
    try:
        int(typed)
    except ValueError as error:
        logger.warning("It failed: %s", error)
        logger.exception("It failed.")

    first, second = lines(capsys)
    assert first["message"] == "It failed: ValueError"
    assert second["error"].endswith("int(typed)\nValueError")
    assert "who do i tell" not in f"{first}{second}"


def test_other_packages_are_heard_when_something_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(LogFormat.JSON)

    logging.getLogger("another.package").info("All is well.")
    logging.getLogger("another.package").error("It broke.")

    assert [line["message"] for line in lines(capsys)] == ["It broke."]


def test_a_line_that_does_not_fit_its_values_is_written_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(LogFormat.TEXT)

    logger.warning("Only %s.", "one", "two")  # noqa: PLE1205 - that is what it is about

    assert "Only %s." in capsys.readouterr().err
