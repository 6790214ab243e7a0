"""Upgrading a database that is in use: its people and sessions stay, and stay when it is downgraded again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import list_accounts
from knowledge_base.accounts.register import Keys, Register
from knowledge_base.accounts.sessions import find_session, hash_token
from knowledge_base.db import Database, migration_config, upgrade_database, utc_now

PEOPLE = (
    "INSERT INTO accounts (email, name, password_hash, created_at) VALUES "
    "('ada@example.gov.uk', 'Ada', 'hash', '2026-01-01'), ('grace@example.gov.uk', 'Grace', NULL, '2026-01-01')"
)


@pytest.fixture
def accounts(empty_database_url: str) -> Iterator[Register]:
    """A database of schema 0001 with two people, one of them an administrator, each signed in a minute ago."""
    command.upgrade(migration_config(empty_database_url), "0001")
    database = Database(empty_database_url)
    with database.write() as session:
        session.execute(text(PEOPLE))
        session.execute(text("INSERT INTO account_groups VALUES (1, 'staff'), (2, 'members')"))
        session.execute(text("INSERT INTO account_roles VALUES (2, 'admin')"))
        for account_id in (1, 2):
            session.execute(
                text(
                    "INSERT INTO sign_in_sessions (token_hash, account_id, started_at, last_used_at) "
                    "VALUES (:hash, :id, :at, :at)"
                ),
                {
                    "hash": hash_token(f"token {account_id}"),
                    "id": account_id,
                    "at": str((utc_now() - timedelta(minutes=1)).replace(tzinfo=None)),
                },
            )
    yield Register(database, Keys("key"))
    database.dispose()


def test_people_and_sessions_stay(accounts: Register) -> None:
    upgrade_database(accounts.database.url)

    people = list_accounts(accounts)
    assert [(one.account_id, one.email, one.groups, one.roles) for one in people] == [
        (1, "ada@example.gov.uk", ("staff",), ()),
        (2, "grace@example.gov.uk", ("members",), ("admin",)),
    ]
    assert all(one.is_local for one in people)
    current = find_session(accounts, "token 1", now=utc_now())
    assert current
    assert current.person == people[0]


def test_who_now_needs_a_second_factor_has_to_sign_in_again(accounts: Register) -> None:
    upgrade_database(accounts.database.url)

    assert find_session(accounts, "token 2", now=utc_now()) is None


def test_downgrading_keeps_local_people_and_drops_those_of_single_sign_on(accounts: Register) -> None:
    url = accounts.database.url
    upgrade_database(url)
    with accounts.database.write() as session:
        session.add(
            Account(
                issuer="https://login.example", subject="1", email="ada@example.gov.uk", name="A", created_at=utc_now()
            )
        )

    command.downgrade(migration_config(url), "0001")

    with accounts.database.read() as session:
        assert session.execute(text("SELECT id, email, password_hash FROM accounts ORDER BY id")).all() == [
            (1, "ada@example.gov.uk", "hash"),
            (2, "grace@example.gov.uk", None),
        ]
        assert session.scalar(text("SELECT count(*) FROM sign_in_sessions")) == 2
        assert session.scalar(text("SELECT count(*) FROM account_groups")) == 2
    upgrade_database(url)
    assert len(list_accounts(accounts)) == 2


@pytest.mark.parametrize("issuer", ["", "https://login.example"])
def test_address_is_one_local_persons_and_a_subject_one_persons_of_a_provider(accounts: Register, issuer: str) -> None:
    upgrade_database(accounts.database.url)

    def add(email: str, subject: str, of: str) -> None:
        with accounts.database.write() as session:
            session.add(Account(issuer=of, subject=subject, email=email, name="A", created_at=utc_now()))

    add("ada@example.gov.uk", "7", "https://login.example")
    add("ada@example.gov.uk", "8", "https://login.example")
    add("ada@example.gov.uk", "7", "https://other.example")

    with pytest.raises(IntegrityError):
        add("ada@example.gov.uk", "7" if issuer else "", issuer)
    with accounts.database.read() as session:
        assert len(session.scalars(select(Account.id)).all()) == 5
