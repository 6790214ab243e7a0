"""What is past its time is deleted, by the rule alone, and what remains still verifies."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.reading import Filters, find_entries
from knowledge_base.audit.retention import LOOKED_EVERY, Housekeeping, expiry_of, forget_before, oldest_kept
from knowledge_base.audit.verification import Verification
from knowledge_base.db import Database

Write = Callable[..., None]
Check = Callable[..., Verification]
Attack = Callable[..., None]

OLD = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def forget(database: Database, keys: ChainKeys, **options: int) -> int:
    with database.write() as session:
        return forget_before(session, NOW - timedelta(days=365), keys=keys, now=NOW, **options)


def sentences(database: Database) -> list[str]:
    with database.read() as session:
        return [entry.sentence for entry in find_entries(session, Filters()).entries]


def first_number(database: Database) -> int | None:
    with database.read() as session:
        return session.scalar(select(func.min(AuditEvent.number)))


def test_old_rows_are_deleted_and_the_rest_is_whole(
    database: Database, keys: ChainKeys, write: Write, check: Check
) -> None:
    write(3, at=OLD)
    write(2, at=NOW)

    count = forget(database, keys)

    found = check()
    assert (count, first_number(database), found.ok, found.checked) == (4, 5, True, 3)
    assert (
        sentences(database)[0] == "The site deleted 4 rows of this record from before 22 November 2025, by its rule. "
        "What it deleted was whole."
    )


def test_nothing_old_leaves_the_record_as_it_is(database: Database, keys: ChainKeys, write: Write) -> None:
    write(2, at=NOW)

    assert forget(database, keys) == 0
    assert first_number(database) == 1


def test_rows_all_of_which_are_old_leave_the_row_that_says_so(
    database: Database, keys: ChainKeys, write: Write, check: Check
) -> None:
    write(3, at=OLD)

    assert forget(database, keys) == 4
    assert (check().ok, check().checked) == (True, 1)


def test_much_is_deleted_in_parts(database: Database, keys: ChainKeys, write: Write, check: Check) -> None:
    write(4, at=OLD)
    write(1, at=NOW)

    counts = [forget(database, keys, at_most=2) for _ in range(4)]

    assert counts == [2, 2, 1, 0]
    assert check().ok


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_events SET subject = 'x' WHERE number = 2", "Row 2 has been changed"),
        ("DELETE FROM audit_events WHERE number = 2", "Row 2 is missing"),
    ],
)
def test_rows_that_were_tampered_with_are_deleted_and_stay_found(
    database: Database,
    keys: ChainKeys,
    write: Write,
    check: Check,
    attack: Attack,
    statement: str,
    fault: str,
) -> None:
    write(3, at=OLD)
    write(1, at=NOW)
    attack(statement)

    forget(database, keys)

    assert f"What it deleted was not whole: {fault}" in sentences(database)[0]
    assert check().fault == "Row 6 says that rows were not whole when the site deleted them, past their time."


def test_rows_made_older_for_the_site_to_delete_stay_found(
    database: Database, keys: ChainKeys, write: Write, check: Check, attack: Attack
) -> None:
    write(5, at=NOW)
    attack("UPDATE audit_events SET at = '2020-01-01 12:00:00.000000' WHERE number <= 4")

    deleted = forget(database, keys)

    assert deleted == 4
    assert not check().ok


def test_row_missing_at_the_cut_stays_found(
    database: Database, keys: ChainKeys, write: Write, check: Check, attack: Attack
) -> None:
    write(3, at=OLD)
    write(2, at=NOW)
    attack("DELETE FROM audit_events WHERE number = 4")

    forget(database, keys)

    assert "not whole: Row 4 is missing, at the end" in sentences(database)[0]
    assert check().bad_row == 5


def test_row_put_in_among_deleted_ones_is_found(
    database: Database, keys: ChainKeys, write: Write, check: Check, attack: Attack
) -> None:
    write(3, at=OLD)
    write(2, at=NOW)
    forget(database, keys)

    attack(
        "INSERT INTO audit_events SELECT 2, at, kind, actor_id, actor_name, subject_id, subject, details, hash "
        "FROM audit_events WHERE number = 5"
    )

    assert check().fault == "Row 2 was put in: rows up to 4 had been deleted."


def test_without_a_head_nothing_is_deleted(database: Database, keys: ChainKeys, write: Write, attack: Attack) -> None:
    write(3, at=OLD)
    attack("DELETE FROM audit_heads")

    assert forget(database, keys) == 0


@pytest.mark.parametrize(
    ("at", "months", "expires"),
    [
        (datetime(2024, 2, 29, 8, 0, tzinfo=UTC), 12, datetime(2025, 2, 28, 8, 0, tzinfo=UTC)),
        (datetime(2025, 12, 31, 8, 0, tzinfo=UTC), 2, datetime(2026, 2, 28, 8, 0, tzinfo=UTC)),
        (datetime(2025, 1, 1, tzinfo=UTC), 24, datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(at: datetime, months: int, expires: datetime) -> None:
    assert expiry_of(at, months=months) == expires


def test_what_is_kept_begins_with_a_day_in_london() -> None:
    moment = oldest_kept(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), months=24)

    assert moment.isoformat() == "2024-07-02T00:00:00+01:00"


def test_start_begins_the_record_and_deletes_all_that_is_due(
    database: Database, keys: ChainKeys, write: Write, check: Check
) -> None:
    housekeeping = Housekeeping(database, keys, months=24)
    housekeeping.start(now=OLD, is_new=True)
    write(3, at=OLD)

    housekeeping.start(now=NOW, is_new=False)

    assert (first_number(database), check().ok) == (5, True)


def test_site_looks_once_an_hour(database: Database, keys: ChainKeys, write: Write) -> None:
    housekeeping = Housekeeping(database, keys, months=24)
    housekeeping.look(now=NOW)
    write(1, at=OLD)

    housekeeping.look(now=NOW + LOOKED_EVERY / 2)
    too_early = first_number(database)
    housekeeping.look(now=NOW + LOOKED_EVERY)

    assert (too_early, first_number(database)) == (1, 3)


def test_a_look_never_fails_a_request(database: Database, keys: ChainKeys, write: Write, attack: Attack) -> None:
    housekeeping = Housekeeping(database, keys, months=24)
    attack("DROP TABLE audit_events")

    housekeeping.look(now=NOW)


def test_requests_of_people_let_the_site_look(app: Flask, database: Database, write: Write) -> None:
    write(1, at=OLD)

    browser = app.test_client()
    browser.get("/healthz")
    without_cookie = first_number(database)
    browser.set_cookie("session", "any")
    browser.get("/healthz")
    monitored = first_number(database)
    browser.get("/login")

    assert (without_cookie, monitored, first_number(database)) == (1, 1, 3)


def test_old_row_behind_a_new_one_waits_for_it(database: Database, keys: ChainKeys, write: Write, check: Check) -> None:
    write(1, at=NOW)
    write(1, at=OLD)

    assert forget(database, keys) == 0
    assert check().checked == 3
