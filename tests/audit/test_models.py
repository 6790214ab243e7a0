"""The database refuses by itself what nobody may do to the record, as long as its triggers are there."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from knowledge_base.audit.verification import Verification
from knowledge_base.db import Database
from tests.databases import only_on_postgresql, only_on_sqlite

Write = Callable[..., None]
Check = Callable[..., Verification]

ROW = "at, kind, actor_id, actor_name, subject_id, subject, details, hash FROM audit_events WHERE number = 2"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE audit_events SET subject = 'somebody else' WHERE number = 2", "a row is never changed"),
        pytest.param(
            "UPDATE OR REPLACE audit_events SET number = 3 WHERE number = 2",
            "a row is never changed",
            marks=only_on_sqlite,
        ),
        ("DELETE FROM audit_events", "only rows past their time are deleted"),
        ("DELETE FROM audit_events WHERE number = 4", "only rows past their time are deleted"),
        pytest.param(
            f"INSERT OR REPLACE INTO audit_events SELECT 3, {ROW}",
            "a new row comes after all others",
            marks=only_on_sqlite,
        ),
        (f"INSERT INTO audit_events SELECT 0, {ROW}", "a new row comes after all others"),
        pytest.param(
            "INSERT OR REPLACE INTO audit_heads VALUES (1, 9, '', 0, '', '')", "there is one head", marks=only_on_sqlite
        ),
        pytest.param("TRUNCATE audit_events", "it is never emptied", marks=only_on_postgresql),
        ("UPDATE audit_heads SET number = 1", "the head only goes forward"),
        ("UPDATE audit_heads SET forgotten = 5", "the head only goes forward"),
        ("DELETE FROM audit_heads", "the head is never deleted"),
    ],
)
def test_database_refuses_to_change_the_record(
    database: Database, write: Write, check: Check, statement: str, reason: str
) -> None:
    write(3)

    with pytest.raises(DBAPIError, match=reason), database.write() as session:
        session.execute(text(statement))

    assert check().ok
