"""`audit verify`, as somebody who runs the server meets it."""

import re
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.audit.commands import progress_after
from knowledge_base.audit.events import SITE
from knowledge_base.audit.reading import Filters, find_entries
from knowledge_base.audit.verification import Verification
from knowledge_base.db import Database, Model, utc_now
from tests.conftest import PASSWORD
from tests.databases import refuse_rows

Write = Callable[..., None]
Check = Callable[..., Verification]
Attack = Callable[..., None]
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run `flask audit verify ...`."""

    def invoke(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=["audit", "verify", *arguments])

    return invoke


def newest(database: Database) -> str:
    with database.read() as session:
        return find_entries(session, Filters()).entries[0].sentence


def test_whole_record_ends_with_0_and_says_what_to_note(run: Run, write: Write, database: Database) -> None:
    write(3)

    result = run()

    assert result.exit_code == 0
    assert "The record is whole. Rows checked: 4, up to row 4." in result.output
    assert re.search(r"^4:[0-9a-f]{32}$", result.output, re.MULTILINE)
    assert re.fullmatch(r"Operating-system user .* checked this record, 4 rows, and found it whole\.", newest(database))


def test_record_that_is_not_whole_ends_with_1_and_names_the_row(
    run: Run, write: Write, attack: Attack, database: Database
) -> None:
    write(3)
    attack("UPDATE audit_events SET subject = 'x' WHERE number = 3")

    result = run()

    assert result.exit_code == 1
    assert result.output.startswith("Error: The record is not whole. Row 3 has been changed")
    assert "found that it is not whole: Row 3 has been changed" in newest(database)


def test_a_check_leaves_the_record_whole(run: Run, write: Write, check: Check) -> None:
    write(3)

    run()

    assert check().ok
    assert run().exit_code == 0


def test_what_was_noted_can_be_given_to_the_next_check(run: Run, write: Write) -> None:
    write(3)
    noted = run().output.splitlines()[-1]
    write(3)

    right = run("--seen", noted)
    wrong = run("--seen", f"4:{'0' * 32}")

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "Row 4 is another one than was noted before" in wrong.output


@pytest.mark.parametrize("seen", ["4", "4:xyz", ":0123456789abcdef", "4:0123"])
def test_what_was_not_printed_by_a_check_is_refused(run: Run, write: Write, seen: str) -> None:
    write(1)

    result = run("--seen", seen)

    assert result.exit_code == 1
    assert "--seen takes what an earlier check printed" in result.output


def test_database_without_tables_is_told_in_one_line(run: Run, database: Database) -> None:
    Model.metadata.drop_all(database.engine)

    result = run()

    assert result.exit_code == 1
    assert result.output == "Error: The database does not answer. script/server makes it, and brings it up to date.\n"


def test_check_of_a_database_that_takes_no_writes_still_tells(run: Run, write: Write, database: Database) -> None:
    write(1)
    refuse_rows(database, "audit_events")

    result = run()

    assert result.exit_code == 0
    assert "could not be recorded" in result.output
    assert "The record is whole" in result.output


def test_progress_is_told_once_a_check_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 1.9, 2.0, 2.1, 3.0, 4.2, 4.3])
    say = progress_after(2.0, clock=lambda: next(moments))

    for done in (1000, 2000, 3000, 4000):
        say(done, 9000)

    assert capsys.readouterr().err.splitlines() == ["Checked 2,000 of 9,000 rows", "Checked 4,000 of 9,000 rows"]


@pytest.mark.parametrize("command", [["prepare"], ["database", "upgrade"]])
def test_a_new_site_begins_the_record(app: Flask, check: Check, command: list[str]) -> None:
    Model.metadata.drop_all(app.extensions["database"].engine)
    with app.extensions["database"].write() as session:
        session.execute(text("DROP TABLE alembic_version"))

    app.test_cli_runner().invoke(args=command)

    assert check().ok


def test_a_start_does_not_begin_a_record_again_that_somebody_has_emptied(
    app: Flask, accounts: Register, check: Check, attack: Attack
) -> None:
    app.test_cli_runner().invoke(args=["prepare"])
    create_account(
        accounts, check_profile(email="a@example.gov.uk", name="A"), password=PASSWORD, actor=SITE, now=utc_now()
    )
    attack(
        "DELETE FROM audit_events",
        "UPDATE audit_heads SET number = 0, hash = '', forgotten = 0, forgotten_hash = '', seal = ''",
    )

    app.test_cli_runner().invoke(args=["prepare"])

    assert "Row 1 says that the head of the record had been changed" in check().fault
