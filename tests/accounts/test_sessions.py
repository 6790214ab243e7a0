from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from knowledge_base.accounts.changes import disable_account
from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.sessions import Start as SessionStart
from knowledge_base.accounts.sessions import sign_out, start_session
from knowledge_base.audit.events import SITE
from knowledge_base.db import Database
from knowledge_base.settings import Settings
from tests.accounts.conftest import find_person
from tests.databases import only_on_sqlite

HOURS = timedelta(hours=1)
MINUTES = timedelta(minutes=1)
SECONDS = timedelta(seconds=1)

Start = Callable[..., str]


@pytest.fixture
def ada(make_person: Callable[..., Person]) -> Person:
    return make_person()


@pytest.fixture
def start(accounts: Register, ada: Person, now: datetime) -> Start:
    def start_after(after: timedelta = 0 * SECONDS) -> str:
        with accounts.database.write() as session:
            account = session.get_one(Account, ada.account_id)
            start = SessionStart("Firefox on Windows")
            return start_session(session, accounts, account, start=start, now=now + after)

    return start_after


def last_use(accounts: Register) -> datetime:
    with accounts.database.read() as session:
        return session.scalars(select(SignInSession.last_used_at)).one()


def test_finds_whose_session_it_is(accounts: Register, ada: Person, start: Start, now: datetime) -> None:
    assert find_person(accounts, start(), now=now) == ada


@pytest.mark.parametrize("token", ["", "x", "é", "' or 1=1 --"])
def test_finds_nobody_for_a_token_it_did_not_give(accounts: Register, start: Start, now: datetime, token: str) -> None:
    start()

    assert find_person(accounts, token, now=now) is None


def test_finds_nobody_after_the_end_of_the_session(accounts: Register, start: Start, now: datetime) -> None:
    ended, other = start(), start()

    sign_out(accounts, ended, now=now)

    assert find_person(accounts, ended, now=now) is None
    assert find_person(accounts, other, now=now)


def test_ending_twice_keeps_the_first_end(accounts: Register, start: Start, now: datetime) -> None:
    token = start()

    sign_out(accounts, token, now=now)
    sign_out(accounts, token, now=now + 1 * HOURS)

    with accounts.database.read() as session:
        assert session.scalars(select(SignInSession.ended_at)).one() == now


def test_finds_nobody_once_the_account_is_disabled(accounts: Register, start: Start, now: datetime) -> None:
    token = start()

    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    assert find_person(accounts, token, now=now) is None


def test_a_disabled_account_has_no_session_even_where_its_row_goes_on(
    accounts: Register, start: Start, now: datetime
) -> None:
    token = start()
    with accounts.database.write() as session:
        session.scalars(select(Account)).one().disabled_at = now

    assert find_person(accounts, token, now=now) is None


def test_ends_after_half_an_hour_without_use(accounts: Register, ada: Person, start: Start, now: datetime) -> None:
    token = start()

    assert find_person(accounts, token, now=now + 30 * MINUTES) is None
    assert find_person(accounts, token, now=now + 30 * MINUTES - 1 * SECONDS) == ada


def test_session_of_a_clock_that_was_set_back_does_not_outlive_its_limits(
    accounts: Register, ada: Person, start: Start, now: datetime
) -> None:
    token = start()

    # The clocks of several machines may differ a little.
    assert find_person(accounts, token, now=now - 2 * MINUTES) == ada
    assert find_person(accounts, token, now=now - 6 * MINUTES) is None


def test_goes_on_while_it_is_used_and_ends_after_twelve_hours_all_the_same(
    accounts: Register, ada: Person, start: Start, now: datetime
) -> None:
    token = start()

    for minutes in range(25, 12 * 60, 25):
        assert find_person(accounts, token, now=now + minutes * MINUTES) == ada

    assert find_person(accounts, token, now=now + 12 * HOURS) is None


def test_notes_its_use_at_most_once_a_minute(accounts: Register, start: Start, now: datetime) -> None:
    token = start()

    find_person(accounts, token, now=now + 59 * SECONDS)
    assert last_use(accounts) == now

    find_person(accounts, token, now=now + 60 * SECONDS)
    assert last_use(accounts) == now + 60 * SECONDS


def test_forgets_sessions_a_day_after_they_are_over(accounts: Register, start: Start, now: datetime) -> None:
    sign_out(accounts, start(), now=now)
    start(1 * HOURS)

    start(26 * HOURS + 1 * SECONDS)

    with accounts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_a_database_that_takes_no_writes_does_not_sign_anybody_out(
    settings: Settings, accounts: Register, ada: Person, start: Start, now: datetime
) -> None:
    token = start()
    busy = Database(settings.database_url)

    with busy.write() as session:
        session.execute(text("SELECT 1"))
        found = find_person(accounts, token, now=now + 29 * MINUTES)

    assert found == ada
    busy.dispose()


@only_on_sqlite
def test_a_database_that_refuses_writes_in_other_words_does_not_sign_anybody_out(
    accounts: Register, ada: Person, start: Start, now: datetime
) -> None:
    token = start()
    # PostgreSQL's copy of a database, which is only to be read, calls it no operational error either.
    with accounts.database.write() as session:
        refusal = "BEFORE UPDATE ON sign_in_sessions BEGIN SELECT RAISE(ABORT, 'only to be read'); END"
        session.execute(text(f"CREATE TRIGGER refuse {refusal}"))

    assert find_person(accounts, token, now=now + 2 * MINUTES) == ada
