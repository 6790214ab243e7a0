from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select

from knowledge_base.accounts.changes import disable_account
from knowledge_base.accounts.errors import AccountsError, SignInRefusedError, TooManyAttemptsError
from knowledge_base.accounts.models import Account, SignInAttempt, SignInSession
from knowledge_base.accounts.own_account import replace_password
from knowledge_base.accounts.passwords import hash_password, needs_rehash
from knowledge_base.accounts.people import Person, find_account
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import SignedIn
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.audit.events import SITE
from tests.accounts.conftest import ARRIVAL, find_person

PASSWORD = "three random words"

TryToSignIn = Callable[..., SignedIn]


@pytest.fixture
def try_to_sign_in(accounts: Register, now: datetime) -> TryToSignIn:
    def attempt(email: str = "ada@example.gov.uk", password: str = PASSWORD, *, at: datetime = now) -> SignedIn:
        step = sign_in(accounts, Credentials(email, password), ARRIVAL, now=at)
        assert isinstance(step, SignedIn)
        return step

    return attempt


def failures(accounts: Register) -> int:
    with accounts.database.read() as session:
        return session.scalar(select(func.count()).where(~SignInAttempt.succeeded)) or 0


def test_lets_a_person_in_with_their_password(
    accounts: Register, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime
) -> None:
    ada = make_person()

    let_in = try_to_sign_in()

    assert let_in.person == ada
    assert find_person(accounts, let_in.token, now=now) == ada


def test_takes_an_e_mail_address_in_any_case_and_with_spaces_around(
    make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    ada = make_person("ada@example.gov.uk")

    assert try_to_sign_in("  ADA@Example.GOV.uk ").person == ada


def test_gives_every_session_a_token_of_its_own_and_keeps_only_its_hash(
    accounts: Register, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    make_person()

    tokens = {try_to_sign_in().token, try_to_sign_in().token}

    with accounts.database.read() as session:
        kept = set(session.scalars(select(SignInSession.token_hash)))
    assert len(tokens) == len(kept) == 2
    assert not tokens & kept


@pytest.mark.parametrize("email", ["ada@example.gov.uk", "nobody@example.gov.uk", "disabled@example.gov.uk", "", "'"])
def test_refuses_all_who_may_not_enter_in_the_same_words_and_counts_it(
    accounts: Register, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime, email: str
) -> None:
    make_person("ada@example.gov.uk")
    make_person("disabled@example.gov.uk")
    disable_account(accounts, "disabled@example.gov.uk", actor=SITE, now=now)

    with pytest.raises(SignInRefusedError) as refused:
        try_to_sign_in(email, "three wrong words")

    assert str(refused.value) == "Check your email address and password"
    assert failures(accounts) == 1


def test_refuses_a_disabled_person_who_knows_the_password(
    accounts: Register, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, now: datetime
) -> None:
    make_person()
    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    with pytest.raises(SignInRefusedError):
        try_to_sign_in()


def disable(accounts: Register, now: datetime) -> None:
    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)


def change_password(accounts: Register, now: datetime) -> None:
    password_hash = hash_password("four other random words")
    with accounts.database.write() as session:
        account = find_account(session, "ada@example.gov.uk")
        replace_password(session, account, password_hash=password_hash, now=now)


@pytest.mark.parametrize("happens", [disable, change_password])
def test_refuses_when_the_account_changes_while_the_password_is_verified(
    accounts: Register,
    make_person: Callable[..., Person],
    try_to_sign_in: TryToSignIn,
    now: datetime,
    happens: Callable[[Register, datetime], None],
) -> None:
    make_person()
    # Reading ends with a rollback: the hash has been read then, and not been verified yet.
    event.listen(accounts.database.engine, "rollback", lambda _connection: happens(accounts, now), once=True)

    with pytest.raises(SignInRefusedError):
        try_to_sign_in(password=PASSWORD)

    assert failures(accounts) == 1


@pytest.mark.parametrize("password", ["", "three random words"])
def test_refuses_an_account_without_a_password(
    accounts: Register, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn, password: str
) -> None:
    make_person()
    with accounts.database.write() as session:
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
    accounts: Register, make_person: Callable[..., Person], try_to_sign_in: TryToSignIn
) -> None:
    make_person()
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("three random words")
    with accounts.database.write() as session:
        session.scalars(select(Account)).one().password_hash = old

    try_to_sign_in()

    with accounts.database.read() as session:
        new = session.scalars(select(Account.password_hash)).one()
    assert new
    assert not needs_rehash(new)
    assert try_to_sign_in().person.email == "ada@example.gov.uk"


def test_sign_ins_and_failures_are_recorded_and_nothing_typed_is_kept(
    accounts: Register,
    make_person: Callable[..., Person],
    try_to_sign_in: TryToSignIn,
    record: Callable[[], list[str]],
    now: datetime,
) -> None:
    make_person()
    make_person("gone@example.gov.uk", name="Grace Hopper")
    disable_account(accounts, "gone@example.gov.uk", actor=SITE, now=now)
    before = len(record())

    for email in ("ada@example.gov.uk", "my secret password", "gone@example.gov.uk"):
        with pytest.raises(SignInRefusedError):
            try_to_sign_in(email, "three wrong words")
    try_to_sign_in()

    assert record()[before:] == [
        "Someone not signed in tried to sign in as Ada Byron and was refused: wrong password.",
        "Someone not signed in tried to sign in with an email address that has no account.",
        "Someone not signed in tried to sign in as Grace Hopper and was refused: the account is disabled.",
        "Ada Byron signed in with a password.",
    ]
