"""Errors in the log: where and what, and nothing that somebody typed."""

import errno
import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from knowledge_base.db import Database
from knowledge_base.repository.git import GitError
from knowledge_base.telemetry.faults import describe, describe_with_trace

TYPED = "fatima.khan@example.gov.uk"


def caught(fails: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - whatever it is
        fails()
    return raised.value


def test_a_value_that_somebody_typed_is_left_out() -> None:
    error = caught(lambda: int(TYPED))

    assert describe(error) == "ValueError"
    assert describe(caught(lambda: dict[str, str]()[TYPED])) == "KeyError"


def test_what_is_about_the_code_is_kept() -> None:
    error = caught(lambda: None.missing)  # type: ignore[attr-defined]

    assert describe(error) == "AttributeError: 'NoneType' object has no attribute 'missing'"


def test_an_error_of_the_machine_is_named_without_the_file() -> None:
    error = caught(lambda: Path(f"/nowhere/{TYPED}").read_text())

    assert describe(error) == "FileNotFoundError: No such file or directory"
    assert describe(OSError(errno.ENOSPC, "No space left on device")) == "OSError: No space left on device"


def test_what_git_said_is_kept() -> None:
    assert describe(GitError("git commit: cannot lock ref")) == "GitError: git commit: cannot lock ref"


def test_a_mail_server_is_quoted_by_its_number_alone() -> None:
    refusal = smtplib.SMTPDataError(550, f"{TYPED} is over quota".encode())

    assert describe(refusal) == "SMTPDataError: 550"
    assert describe(smtplib.SMTPRecipientsRefused({TYPED: (550, b"no")})) == "SMTPRecipientsRefused"


def test_an_error_of_the_database_names_the_rule_and_not_the_row(database: Database) -> None:
    def twice() -> None:
        with database.write() as session:
            for _ in range(2):
                session.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": TYPED})

    error = caught(twice)

    assert isinstance(error, IntegrityError)
    assert describe(error).startswith("IntegrityError: ")
    assert "alembic_version" in describe(error)
    assert TYPED not in describe_with_trace(error)
    assert TYPED not in str(error).partition("DETAIL")[0]


def test_a_trace_shows_the_code_and_the_causes_but_no_values() -> None:
    def convert(typed: str) -> int:
        try:
            return int(typed)
        except ValueError as error:
            message = f"{typed} is no number"
            raise LookupError(message) from error

    trace = describe_with_trace(caught(lambda: convert(TYPED)))

    assert TYPED not in trace
    assert trace.index("\nValueError\n") < trace.index("raise LookupError(message) from error")
    assert trace.endswith("\nLookupError")
