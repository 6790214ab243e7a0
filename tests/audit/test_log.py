"""Events are appended in the caller's transaction, one after another, whatever is wrong with what came before."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import event as engine_event
from sqlalchemy import select

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import begin, record
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.verification import Verification
from knowledge_base.db import Database
from knowledge_base.settings import ROOT, Settings

Write = Callable[..., None]
Check = Callable[..., Verification]
Attack = Callable[..., None]

APPEND_FIVE = """
import sys
from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import SITE, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.db import Database, utc_now
database, keys = Database(sys.argv[1]), ChainKeys.derive(sys.argv[2])
for _ in range(5):
    with database.write() as session:
        record(session, Event(Kind.SIGNED_OUT, SITE), keys=keys, now=utc_now())
"""
SIGNED_OUT = Event(Kind.SIGNED_OUT, Actor(7, "Jane Doe"))


def kinds_in(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditEvent.kind).order_by(AuditEvent.number)))


def test_record_begins_with_a_row_that_says_so(database: Database, keys: ChainKeys, now: datetime) -> None:
    for _ in range(2):
        with database.write() as session:
            begin(session, keys=keys, now=now)

    assert kinds_in(database) == [Kind.RECORD_BEGAN]


def test_row_has_the_next_number(database: Database, keys: ChainKeys, now: datetime) -> None:
    with database.write() as session:
        begin(session, keys=keys, now=now)
        numbers = [record(session, SIGNED_OUT, keys=keys, now=now) for _ in range(3)]

    assert numbers == [2, 3, 4]


def test_what_is_undone_leaves_no_row(database: Database, keys: ChainKeys, now: datetime, check: Check) -> None:
    with database.write() as session:
        begin(session, keys=keys, now=now)

    with database.read() as session:
        record(session, SIGNED_OUT, keys=keys, now=now)
        session.rollback()

    assert kinds_in(database) == [Kind.RECORD_BEGAN]
    assert check().ok


def test_threads_that_append_at_once_make_one_chain(
    database: Database, keys: ChainKeys, now: datetime, check: Check
) -> None:
    def append() -> None:
        for _ in range(5):
            with database.write() as session:
                record(session, SIGNED_OUT, keys=keys, now=now)

    with database.write() as session:
        begin(session, keys=keys, now=now)
    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = check()
    assert (found.ok, found.checked) == (True, 21)


def test_processes_that_append_at_once_make_one_chain(
    database: Database, settings: Settings, keys: ChainKeys, now: datetime, check: Check
) -> None:
    with database.write() as session:
        begin(session, keys=keys, now=now)
    command = [sys.executable, "-c", APPEND_FIVE, database.url, settings.secret_key]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "site")}

    processes = [subprocess.Popen(command, env=environment) for _ in range(3)]
    codes = [process.wait() for process in processes]

    found = check()
    assert codes == [0, 0, 0]
    assert (found.ok, found.checked) == (True, 16)


def test_appending_asks_as_much_of_a_long_record_as_of_a_short_one(
    database: Database, keys: ChainKeys, now: datetime, write: Write
) -> None:
    write(1)
    statements: list[str] = []
    engine_event.listen(database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))

    with database.write() as session:
        record(session, SIGNED_OUT, keys=keys, now=now)
    short = list(statements)
    write(50)
    statements.clear()
    with database.write() as session:
        record(session, SIGNED_OUT, keys=keys, now=now)

    assert statements == short
    assert [words.split()[0] for words in short][-4:] == ["SELECT", "SELECT", "INSERT", "UPDATE"]


def test_changed_secret_key_is_noted_once_and_the_record_stays_whole(
    database: Database, write: Write, check: Check
) -> None:
    old, new = "o" * 32, "n" * 32
    write(2, by=ChainKeys.derive(old))
    rotated = ChainKeys.derive(new, [old])

    write(2, by=rotated)

    assert check(by=rotated).ok
    assert kinds_in(database).count(Kind.SECRET_KEY_CHANGED) == 1


def test_record_is_whole_again_once_a_forgotten_old_key_is_named(write: Write, check: Check) -> None:
    old, new = "o" * 32, "n" * 32
    write(2, by=ChainKeys.derive(old))
    write(2, by=ChainKeys.derive(new))

    unnamed = check(by=ChainKeys.derive(new))
    named = check(by=ChainKeys.derive(new, [old]))

    assert (unnamed.bad_row, named.ok) == (1, True)
    assert "KB_OLD_SECRET_KEYS" in unnamed.fault


def test_row_sealed_with_a_key_that_had_been_replaced_is_found(write: Write, check: Check) -> None:
    old, new = "o" * 32, "n" * 32
    write(1, by=ChainKeys.derive(old))
    write(1, by=ChainKeys.derive(new, [old]))

    write(1, by=ChainKeys.derive(old, [new]))

    found = check(by=ChainKeys.derive(new, [old]))
    assert found.bad_row == 5
    assert "had been replaced" in found.fault


def test_a_moment_without_a_zone_is_refused(database: Database, keys: ChainKeys, now: datetime) -> None:
    with pytest.raises(Exception, match="without a time zone"), database.write() as session:
        record(session, SIGNED_OUT, keys=keys, now=now.replace(tzinfo=None))
