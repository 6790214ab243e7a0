"""Each way to tamper with the file of the database is found, and the first bad row is named."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from knowledge_base.audit.chain import ChainKeys, message_of_row
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import begin, record
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.verification import BATCH, Seen, Verification
from knowledge_base.db import Database, utc_now
from tests.databases import only_on_sqlite

Write = Callable[..., None]
Check = Callable[..., Verification]
Attack = Callable[..., None]

REST = "at, kind, actor_id, actor_name, subject_id, subject, details, hash"
GENESIS = "UPDATE audit_heads SET number = 0, hash = '', forgotten = 0, forgotten_hash = '', seal = ''"


def copied(number: int, *, to: int) -> str:
    """Return the SQL that puts a copy of a row under another number."""
    return f"INSERT INTO audit_events SELECT {to}, {REST} FROM audit_events WHERE number = {number}"


def test_untouched_record_is_whole(write: Write, check: Check) -> None:
    write(5)

    found = check()

    assert (found.ok, found.checked, found.last.number, found.bad_row, found.fault) == (True, 6, 6, None, "")


def test_record_that_never_began_is_not_called_whole(check: Check) -> None:
    found = check()

    assert not found.ok
    assert "The record is empty" in found.fault


@pytest.mark.parametrize(
    "change",
    [
        "number = 40",
        "at = '2026-11-22 12:01:00.000001'",
        "kind = 'account.group-removed'",
        "actor_id = 8",
        "actor_id = NULL",
        "actor_name = 'John Doe'",
        "subject_id = 10",
        "subject = 'Sam Po'",
        'details = \'{"group": "staff"}\'',
        pytest.param("details = 'not JSON'", marks=only_on_sqlite),
        "details = '[]'",
        pytest.param("at = 'yesterday'", marks=only_on_sqlite),
        pytest.param("at = 12", marks=only_on_sqlite),
        pytest.param("actor_name = CAST(x'ff' AS TEXT)", marks=only_on_sqlite),
        pytest.param("subject = x'00'", marks=only_on_sqlite),
        "hash = 'a'",
        "hash = 5",
    ],
)
def test_edited_row_is_found(write: Write, check: Check, attack: Attack, change: str) -> None:
    write(5)

    attack(f"UPDATE audit_events SET {change} WHERE number = 4")

    found = check()
    assert (found.bad_row, found.checked) == (4, 3)
    assert "Row 4 " in found.fault


@pytest.mark.parametrize(
    ("number", "bad_row"),
    [pytest.param(1, 1, id="first"), pytest.param(4, 4, id="middle"), pytest.param(6, 6, id="last")],
)
def test_deleted_row_is_found(write: Write, check: Check, attack: Attack, number: int, bad_row: int) -> None:
    write(5)

    attack(f"DELETE FROM audit_events WHERE number = {number}")

    found = check()
    assert found.bad_row == bad_row
    assert f"Row {number} is missing" in found.fault


def test_deleted_row_whose_gap_is_closed_is_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack(
        "DELETE FROM audit_events WHERE number = 4",
        "UPDATE audit_events SET number = 4 WHERE number = 5",
        "UPDATE audit_events SET number = 5 WHERE number = 6",
        "UPDATE audit_heads SET number = 5",
    )

    assert check().bad_row == 4


def test_deleted_tail_is_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack("DELETE FROM audit_events WHERE number > 3")

    assert check().bad_row == 4


def test_deleted_tail_stays_found_when_the_head_is_cut_too(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack(
        "DELETE FROM audit_events WHERE number > 3",
        "UPDATE audit_heads SET number = 3, hash = (SELECT hash FROM audit_events WHERE number = 3)",
    )

    before = check()
    write(2)
    after = check()
    assert "The head of the record has been changed. Rows after row 3 may be missing." in before.fault
    assert (after.bad_row, after.checked) == (4, 3)
    assert "Row 4 says that the head of the record had been changed" in after.fault


def test_tail_that_was_deleted_stays_missing_when_more_is_recorded(write: Write, check: Check, attack: Attack) -> None:
    write(5)
    attack("DELETE FROM audit_events WHERE number > 3")

    write(2)

    assert check().bad_row == 4


def test_swapped_rows_are_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack(
        "UPDATE audit_events SET number = 99 WHERE number = 3",
        "UPDATE audit_events SET number = 3 WHERE number = 4",
        "UPDATE audit_events SET number = 4 WHERE number = 99",
    )

    assert check().bad_row == 3


def test_swapped_contents_are_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack(
        "CREATE TEMP TABLE kept AS SELECT * FROM audit_events WHERE number IN (3, 4)",
        "UPDATE audit_events SET details = (SELECT details FROM kept WHERE number = 7 - audit_events.number) "
        "WHERE number IN (3, 4)",
    )

    assert check().bad_row == 3


def test_inserted_row_is_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack(
        "UPDATE audit_events SET number = number + 100 WHERE number >= 4",
        "UPDATE audit_events SET number = number - 99 WHERE number > 100",
        copied(3, to=4),
        "UPDATE audit_heads SET number = 7",
    )

    assert check().bad_row == 4


@pytest.mark.parametrize("number", [0, -5])
def test_row_inserted_before_the_first_is_found(write: Write, check: Check, attack: Attack, number: int) -> None:
    write(2)

    attack(copied(1, to=number))

    assert check().bad_row == number


def test_row_inserted_at_the_end_is_found_and_stops_nobody(write: Write, check: Check, attack: Attack) -> None:
    write(2)

    attack(copied(3, to=4))

    before = check()
    write(2)
    assert (before.bad_row, check().bad_row) == (4, 4)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["DELETE FROM audit_events"], id="rows"),
        pytest.param(["DELETE FROM audit_events", "DELETE FROM audit_heads"], id="rows-and-head"),
        pytest.param(["DELETE FROM audit_events", GENESIS], id="as-if-new"),
    ],
)
def test_emptied_table_is_found(write: Write, check: Check, attack: Attack, statements: list[str]) -> None:
    write(5)

    attack(*statements)

    found = check()
    assert not found.ok
    assert found.checked == 0


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM audit_events"],
        ["DELETE FROM audit_events", "DELETE FROM audit_heads"],
        ["DELETE FROM audit_heads"],
        ["DELETE FROM audit_events", GENESIS],
    ],
)
def test_emptying_stays_found_when_more_is_recorded(
    write: Write, check: Check, attack: Attack, statements: list[str]
) -> None:
    write(5)
    attack(*statements)

    write(3)

    assert not check().ok


@pytest.mark.parametrize(
    "change",
    [
        "number = 3",
        "number = 60",
        "hash = 'a'",
        "forgotten = 2",
        "forgotten_hash = 'a'",
        "seal = ''",
        "seal = hash",
        "number = 0, hash = '', seal = ''",
    ],
)
def test_replaced_head_is_found_and_stays_found(write: Write, check: Check, attack: Attack, change: str) -> None:
    write(5)

    attack(f"UPDATE audit_heads SET {change}")

    before = check()
    write(2)
    assert (before.ok, check().ok) == (False, False)


def test_removed_head_is_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack("DELETE FROM audit_heads")

    assert check().fault == "The head of the record is missing: somebody has removed it."


def test_genuine_head_of_an_earlier_day_is_found(write: Write, check: Check, attack: Attack) -> None:
    write(2)
    attack("CREATE TABLE kept AS SELECT * FROM audit_heads")
    write(3)

    attack("DELETE FROM audit_heads", "INSERT INTO audit_heads SELECT * FROM kept")

    assert check().bad_row == 4


def test_pretended_retention_is_found(write: Write, check: Check, attack: Attack) -> None:
    write(5)

    attack(
        "UPDATE audit_heads SET forgotten = 3, forgotten_hash = (SELECT hash FROM audit_events WHERE number = 3)",
        "DELETE FROM audit_events WHERE number <= 3",
    )

    before = check()
    write(1)
    assert (before.ok, check().ok) == (False, False)


def test_row_forged_with_another_key_is_found(database: Database, write: Write, check: Check, attack: Attack) -> None:
    write(3)
    attack()
    forger = ChainKeys.derive("f" * 32)

    write(1, by=forger)

    assert check().bad_row == 5


def test_older_state_of_the_whole_record_is_found_by_what_was_noted(
    write: Write, check: Check, attack: Attack, keys: ChainKeys
) -> None:
    write(2)
    attack("CREATE TABLE head AS SELECT * FROM audit_heads", "CREATE TABLE events AS SELECT * FROM audit_events")
    write(3)
    noted = check().last

    attack(
        "DELETE FROM audit_events",
        "DELETE FROM audit_heads",
        "INSERT INTO audit_events SELECT * FROM events",
        "INSERT INTO audit_heads SELECT * FROM head",
    )

    found = check(seen=noted)
    assert check().ok
    assert (found.ok, found.bad_row) == (False, 4)
    write(3, event=Event(Kind.SIGNED_OUT, Actor(1, "Eve")))
    assert "Row 6 is another one than was noted before" in check(seen=noted).fault


def test_what_was_noted_fits_a_record_that_has_grown(write: Write, check: Check) -> None:
    write(2)
    noted = check().last

    write(3)

    assert check(seen=Seen(noted.number, noted.hash[:16])).ok


def test_progress_is_told_by_the_batch(database: Database, keys: ChainKeys, check: Check) -> None:
    with database.write() as session:
        begin(session, keys=keys, now=utc_now())
        for _ in range(BATCH + 1):
            record(session, Event(Kind.SIGNED_OUT, Actor(7, "Jane Doe")), keys=keys, now=utc_now())
    told: list[tuple[int, int]] = []

    found = check(progress=lambda done, total: told.append((done, total)))

    assert (found.ok, found.checked) == (True, BATCH + 2)
    assert told == [(BATCH, BATCH + 2)]


def test_seal_of_a_row_depends_on_the_row_before(keys: ChainKeys) -> None:
    one, other = (keys.seal(message_of_row(previous, {"number": 2})) for previous in ("a", "b"))

    assert one != other
    assert "kkkk" not in repr(keys)


def test_triggers_are_what_the_tests_remove(database: Database, write: Write, attack: Attack) -> None:
    write(2)
    attack()

    with database.write() as session:
        session.execute(update(AuditEvent).values(subject="changed"))
