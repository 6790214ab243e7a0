from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select

from knowledge_base.accounts.errors import AccountsError, SignInRefusedError, TooManyAttemptsError
from knowledge_base.accounts.models import Account, SignInAttempt, SignInSession
from knowledge_base.accounts.passwords import hash_password, needs_rehash
from knowledge_base.accounts.people import Person, disable_account, replace_password
from knowledge_base.accounts.sessions import find_person
from knowledge_base.accounts.sign_in import Credentials, SignedIn, sign_in
from knowledge_base.db import Database

PASSWORD = "three random words"

TryToSignIn = Callable[..., SignedIn]


@pytest.fixture
def try_to_sign_in(database: Database, now: datetime) -> TryToSignIn:
    def attempt(email: str = "ada@example.gov.uk", password: str = PASSWORD, *, at: datetime = now) -> SignedIn:
        return sign_in(database, Credentials(email, password, "192.0.2.1"), secret_key="key", now=at)

    return attempt


def failures(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(~SignInAttempt.succeeded)) or 0


def test_lets_a_person_in_with_their_password(
    database: Database, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime
) -> None:
    ada = make_person()

    let_in = try_to_sign_in()

    assert let_in.person == ada
    assert find_person(database, let_in.token, now=now) == ada


def test_takes_an_e_mail_address_in_any_case_and_with_spaces_around(
    make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    ada = make_person("ada@example.gov.uk")

    assert try_to_sign_in("  ADA@Example.GOV.uk ").person == ada


def test_gives_every_session_a_token_of_its_own_and_keeps_only_its_hash(
    database: Database, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    make_person()

    tokens = {try_to_sign_in().token, try_to_sign_in().token}

    with database.read() as session:
        kept = set(session.scalars(select(SignInSession.token_hash)))
    assert len(tokens) == len(kept) == 2
    assert not tokens & kept


@pytest.mark.parametrize("email", ["ada@example.gov.uk", "nobody@example.gov.uk", "disabled@example.gov.uk", "", "'"])
def test_refuses_all_who_may_not_enter_in_the_same_words_and_counts_it(
    database: Database, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime, email: str
) -> None:
    make_person("ada@example.gov.uk")
    make_person("disabled@example.gov.uk")
    disable_account(database, "disabled@example.gov.uk", now=now)

    with pytest.raises(SignInRefusedError) as refused:
        try_to_sign_in(email, "three wrong words")

    assert str(refused.value) == "Check your email address and password"
    assert failures(database) == 1


def test_refuses_a_disabled_person_who_knows_the_password(
    database: Database, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime
) -> None:
    make_person()
    disable_account(database, "ada@example.gov.uk", now=now)

    with pytest.raises(SignInRefusedError):
        try_to_sign_in()


def disable(database: Database, now: datetime) -> None:
    disable_account(database, "ada@example.gov.uk", now=now)


def change_password(database: Database, now: datetime) -> None:
    password_hash = hash_password("four other random words")
    with database.write() as session:
        replace_password(session, "ada@example.gov.uk", password_hash=password_hash, now=now)


@pytest.mark.parametrize("happens", [disable, change_password])
def test_refuses_when_the_account_changes_while_the_password_is_verified(
    database: Database,
    make_person: Callable[..., Person],
    try_to_sign_in: TryToSignIn,
    now: datetime,
    happens: Callable[[Database, datetime], None],
) -> None:
    make_person()
    # Reading ends with a rollback: the hash has been read then, and not been verified yet.
    event.listen(database.engine, "rollback", lambda _connection: happens(database, now), once=True)

    with pytest.raises(SignInRefusedError):
        try_to_sign_in(password=PASSWORD)

    assert failures(database) == 1


@pytest.mark.parametrize("password", ["", "three random words"])
def test_refuses_an_account_without_a_password(
    database: Database, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, password: str
) -> None:
    make_person()
    with database.write() as session:
        session.scalars(select(Account)).one().password_hash = None

    with pytest.raises(SignInRefusedError):
        try_to_sign_in(password=password)


@pytest.mark.parametrize("email", ["ada@example.gov.uk", "nobody@example.gov.uk"])
def test_closes_after_five_failures_whether_or_not_there_is_an_account(
    make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, email: str
) -> None:
    make_person()
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            try_to_sign_in(email, "three wrong words")

    with pytest.raises(TooManyAttemptsError):
        try_to_sign_in(email.upper(), "three random words")


def test_opens_again_after_fifteen_minutes(
    make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime
) -> None:
    ada = make_person()
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            try_to_sign_in(password="three wrong words")

    assert try_to_sign_in(at=now + timedelta(minutes=15)).person == ada


def test_forgives_failures_after_a_success(make_person: Callable[..., Person], try_to_sign_in: TryToSignIn) -> None:
    make_person()
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(SignInRefusedError):
                try_to_sign_in(password="three wrong words")

        try_to_sign_in()


def test_looks_at_no_more_than_five_of_many_passwords_tried_at_the_same_moment(
    make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    make_person()
    together = Barrier(12)

    def guess(number: int) -> type[AccountsError]:
        together.wait()
        with pytest.raises(AccountsError) as refused:
            try_to_sign_in(password=f"wrong guess number {number}")
        return refused.type

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(12)))

    assert answers.count(SignInRefusedError) == 5
    assert answers.count(TooManyAttemptsError) == 7


def test_replaces_a_hash_of_older_parameters(
    database: Database, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    make_person()
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("three random words")
    with database.write() as session:
        session.scalars(select(Account)).one().password_hash = old

    try_to_sign_in()

    with database.read() as session:
        new = session.scalars(select(Account.password_hash)).one()
    assert new
    assert not needs_rehash(new)
    assert try_to_sign_in().person.email == "ada@example.gov.uk"
