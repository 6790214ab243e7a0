from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text

from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.people import Person, disable_account
from knowledge_base.accounts.sessions import end_session, find_person, start_session
from knowledge_base.db import Database
from knowledge_base.settings import Settings

HOURS = timedelta(hours=1)
SECONDS = timedelta(seconds=1)

Start = Callable[..., str]


@pytest.fixture
def ada(make_person: Callable[..., Person]) -> Person:
    return make_person()


@pytest.fixture
def start(database: Database, ada: Person, now: datetime) -> Start:
    def start_after(after: timedelta = 0 * SECONDS) -> str:
        with database.write() as session:
            return start_session(session, session.get_one(Account, ada.account_id), now=now + after)

    return start_after


def last_use(database: Database) -> datetime:
    with database.read() as session:
        return session.scalars(select(SignInSession.last_used_at)).one()


def test_finds_whose_session_it_is(database: Database, ada: Person, start: Start, now: datetime) -> None:
    assert find_person(database, start(), now=now) == ada


@pytest.mark.parametrize("token", ["", "x", "é", "' or 1=1 --"])
def test_finds_nobody_for_a_token_it_did_not_give(database: Database, start: Start, now: datetime, token: str) -> None:
    start()

    assert find_person(database, token, now=now) is None


def test_finds_nobody_after_the_end_of_the_session(database: Database, start: Start, now: datetime) -> None:
    ended, other = start(), start()

    end_session(database, ended, now=now)

    assert find_person(database, ended, now=now) is None
    assert find_person(database, other, now=now)


def test_ending_twice_keeps_the_first_end(database: Database, start: Start, now: datetime) -> None:
    token = start()

    end_session(database, token, now=now)
    end_session(database, token, now=now + 1 * HOURS)

    with database.read() as session:
        assert session.scalars(select(SignInSession.ended_at)).one() == now


def test_finds_nobody_once_the_account_is_disabled(database: Database, start: Start, now: datetime) -> None:
    token = start()

    disable_account(database, "ada@example.gov.uk", now=now)

    assert find_person(database, token, now=now) is None


def test_a_disabled_account_has_no_session_even_where_its_row_goes_on(
    database: Database, start: Start, now: datetime
) -> None:
    token = start()
    with database.write() as session:
        session.scalars(select(Account)).one().disabled_at = now

    assert find_person(database, token, now=now) is None


def test_ends_after_twelve_hours_without_use(database: Database, ada: Person, start: Start, now: datetime) -> None:
    token = start()

    assert find_person(database, token, now=now + 12 * HOURS) is None
    assert find_person(database, token, now=now + 12 * HOURS - 1 * SECONDS) == ada


def test_goes_on_while_it_is_used(database: Database, ada: Person, start: Start, now: datetime) -> None:
    token = start()

    for hours in (11, 22, 33):
        assert find_person(database, token, now=now + hours * HOURS) == ada


def test_notes_its_use_at_most_once_a_minute(database: Database, start: Start, now: datetime) -> None:
    token = start()

    find_person(database, token, now=now + 59 * SECONDS)
    assert last_use(database) == now

    find_person(database, token, now=now + 60 * SECONDS)
    assert last_use(database) == now + 60 * SECONDS


def test_forgets_sessions_a_day_after_they_are_over(database: Database, start: Start, now: datetime) -> None:
    end_session(database, start(), now=now)
    start(1 * HOURS)

    start(37 * HOURS + 1 * SECONDS)

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_a_database_that_takes_no_writes_does_not_sign_anybody_out(
    settings: Settings, ada: Person, start: Start, now: datetime
) -> None:
    token = start()
    other, busy = Database(settings.database_url), Database(settings.database_url)
    event.listen(other.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout = 0"))

    with busy.write() as session:
        session.execute(text("SELECT 1"))
        found = find_person(other, token, now=now + HOURS)

    assert found == ada
    other.dispose()
    busy.dispose()
