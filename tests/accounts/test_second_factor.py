from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select

from knowledge_base.accounts.errors import (
    AccountsError,
    CodeRefusedError,
    CodeUsedError,
    KeyLostError,
    RecoveryCodeRefusedError,
    SecondFactorRequiredError,
    SignInOverError,
    TooManyAttemptsError,
)
from knowledge_base.accounts.models import PendingSignIn, RecoveryCode, SecondFactor
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.recovery_codes import count_left, replace_codes
from knowledge_base.accounts.register import Keys, Register
from knowledge_base.accounts.second_factor import remove_own_second_factor, remove_second_factor
from knowledge_base.accounts.second_step import (
    SignedIn,
    Waiting,
    finish_with_code,
    finish_with_recovery_code,
    finish_with_set_up,
    look_up_waiting,
    offer_key_to_waiting,
)
from knowledge_base.accounts.sessions import find_session
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.audit.events import Actor
from knowledge_base.settings import Settings
from tests.accounts.conftest import ARRIVAL, PASSWORD, code_of, find_person

SECONDS = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)
ADMIN = Actor(7, "Jane Doe")

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]
Wait = Callable[..., Waiting]


@pytest.fixture
def wait(accounts: Register, now: datetime) -> Wait:
    """Sign Ada in with her password, as far as that goes."""

    def send(*, at: datetime = now) -> Waiting:
        step = sign_in(accounts, Credentials("ada@example.gov.uk", PASSWORD), ARRIVAL, now=at)
        assert isinstance(step, Waiting)
        return step

    return send


@pytest.fixture
def editor(make_person: MakePerson) -> Person:
    return make_person(roles=["editor"])


@pytest.fixture
def key(accounts: Register, editor: Person, wait: Wait, now: datetime) -> str:
    """The key of the app of Ada, who has set up her second factor half an hour ago."""
    before = now - 30 * MINUTES
    waiting = wait(at=before)
    key = offer_key_to_waiting(accounts, waiting.token, site_name="Guidance", now=before).key
    finish_with_set_up(accounts, waiting.token, code_of(key, before), ARRIVAL, now=before)
    return key


@pytest.mark.parametrize("role", ["editor", "publisher", "admin"])
def test_every_role_has_to_set_one_up_before_anything_else(make_person: MakePerson, wait: Wait, role: str) -> None:
    make_person(roles=[role])

    assert wait().must_set_up


def test_waiting_is_no_session(accounts: Register, editor: Person, wait: Wait, now: datetime) -> None:
    assert find_session(accounts, wait().token, now=now) is None


def test_setting_one_up_lets_the_person_in_with_ten_recovery_codes(
    accounts: Register, editor: Person, wait: Wait, now: datetime, record: Record
) -> None:
    waiting = wait()
    offered = offer_key_to_waiting(accounts, waiting.token, site_name="Guidance", now=now)

    let_in = finish_with_set_up(accounts, waiting.token, code_of(offered.key, now), ARRIVAL, now=now)

    assert find_person(accounts, let_in.token, now=now) == editor
    assert len(set(let_in.recovery_codes)) == 10
    assert count_left(accounts, editor.account_id) == 10
    assert record()[-2:] == [
        "Ada Byron set up a second factor for their own account.",
        "Ada Byron signed in with a password and a code.",
    ]
    with pytest.raises(SignInOverError):
        look_up_waiting(accounts, waiting.token, now=now)


def test_key_stays_while_it_is_being_set_up_and_each_sign_in_has_its_own(
    accounts: Register, editor: Person, wait: Wait, now: datetime
) -> None:
    one, other = wait(), wait()

    offers = [offer_key_to_waiting(accounts, token, site_name="G", now=now).key for token in (one.token,) * 2]
    of_other = offer_key_to_waiting(accounts, other.token, site_name="G", now=now).key

    assert offers[0] == offers[1] != of_other


def test_offer_names_site_and_person_and_is_a_picture(
    accounts: Register, editor: Person, wait: Wait, now: datetime
) -> None:
    offered = offer_key_to_waiting(accounts, wait().token, site_name="Council guidance", now=now)

    picture = ET.fromstring(offered.picture())  # noqa: S314 - we made it
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert offered.address.startswith("otpauth://totp/Council%20guidance:ada%40example.gov.uk?secret=")
    assert offered.in_groups.replace(" ", "") == offered.key
    assert b"style=" not in offered.picture()


def test_asks_for_the_code_at_every_sign_in(
    accounts: Register, editor: Person, key: str, wait: Wait, now: datetime
) -> None:
    waiting = wait()

    let_in = finish_with_code(accounts, waiting.token, code_of(key, now), ARRIVAL, now=now)

    assert not waiting.must_set_up
    assert let_in.person == editor
    assert find_person(accounts, let_in.token, now=now) == editor


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_takes_the_code_of_a_clock_that_is_a_step_off(
    accounts: Register, key: str, wait: Wait, now: datetime, drift: int
) -> None:
    code = code_of(key, now + drift * SECONDS)

    let_in = finish_with_code(accounts, wait().token, f" {code[:3]} {code[3:]} ", ARRIVAL, now=now)

    assert let_in.person.email == "ada@example.gov.uk"


@pytest.mark.parametrize("drift", [-60, 60])
def test_refuses_the_code_of_a_clock_that_is_further_off(
    accounts: Register, key: str, wait: Wait, now: datetime, drift: int
) -> None:
    with pytest.raises(CodeRefusedError):
        finish_with_code(accounts, wait().token, code_of(key, now + drift * SECONDS), ARRIVAL, now=now)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345²"])
def test_refuses_what_is_not_a_code(accounts: Register, key: str, wait: Wait, now: datetime, typed: str) -> None:
    with pytest.raises(CodeRefusedError):
        finish_with_code(accounts, wait().token, typed, ARRIVAL, now=now)


def test_code_counts_once_and_none_before_it_afterwards(
    accounts: Register, key: str, wait: Wait, now: datetime
) -> None:
    before, code = code_of(key, now - 30 * SECONDS), code_of(key, now)
    finish_with_code(accounts, wait().token, code, ARRIVAL, now=now)

    for used in (code, before):
        with pytest.raises(CodeUsedError):
            finish_with_code(accounts, wait().token, used, ARRIVAL, now=now)


def test_code_lets_one_in_of_several_at_the_same_moment(
    accounts: Register, key: str, wait: Wait, now: datetime
) -> None:
    waiting = [wait() for _ in range(4)]
    together = Barrier(4)

    def enter(one: Waiting) -> type[AccountsError] | None:
        together.wait()
        try:
            finish_with_code(accounts, one.token, code_of(key, now), ARRIVAL, now=now)
        except AccountsError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(enter, waiting))

    assert answers.count(None) == 1
    assert answers.count(CodeUsedError) == 3


def test_closes_after_five_wrong_codes_however_often_the_password_is_given_again(
    accounts: Register, key: str, wait: Wait, now: datetime, record: Record
) -> None:
    for _ in range(5):
        with pytest.raises(CodeRefusedError):
            finish_with_code(accounts, wait().token, "000000", ARRIVAL, now=now)

    with pytest.raises(TooManyAttemptsError):
        finish_with_code(accounts, wait().token, code_of(key, now), ARRIVAL, now=now)

    assert record()[-1].endswith("as Ada Byron and was refused: a password was right and a code was wrong.")


def test_closes_for_a_day_after_twenty_wrong_codes(accounts: Register, key: str, wait: Wait, now: datetime) -> None:
    for attempt in range(20):
        at = now + attempt // 5 * 16 * MINUTES
        with pytest.raises(CodeRefusedError):
            finish_with_code(accounts, wait(at=at).token, "000000", ARRIVAL, now=at)

    later = now + timedelta(hours=20)
    with pytest.raises(TooManyAttemptsError):
        finish_with_code(accounts, wait(at=later).token, code_of(key, later), ARRIVAL, now=later)


def test_wait_is_over_after_ten_minutes(accounts: Register, key: str, wait: Wait, now: datetime) -> None:
    waiting = wait()
    later = now + 10 * MINUTES

    with pytest.raises(SignInOverError):
        finish_with_code(accounts, waiting.token, code_of(key, later), ARRIVAL, now=later)


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_nobody_waits_under_a_token_that_was_not_given(accounts: Register, now: datetime, token: str) -> None:
    with pytest.raises(SignInOverError):
        look_up_waiting(accounts, token, now=now)


def test_who_has_one_cannot_set_up_another_at_sign_in(accounts: Register, key: str, wait: Wait, now: datetime) -> None:
    waiting = wait()

    with pytest.raises(SignInOverError):
        offer_key_to_waiting(accounts, waiting.token, site_name="G", now=now)
    with pytest.raises(SignInOverError):
        finish_with_set_up(accounts, waiting.token, code_of(key, now), ARRIVAL, now=now)


def test_recovery_code_lets_in_once(
    accounts: Register, editor: Person, key: str, wait: Wait, now: datetime, record: Record
) -> None:
    codes = replace_codes(accounts, editor.account_id, now=now)

    let_in = finish_with_recovery_code(accounts, wait().token, codes[3].upper().replace("-", " "), ARRIVAL, now=now)

    assert let_in.person == editor
    assert count_left(accounts, editor.account_id) == 9
    assert record()[-2:] == [
        "Ada Byron used a recovery code of their own account.",
        "Ada Byron signed in with a password and a recovery code.",
    ]
    with pytest.raises(RecoveryCodeRefusedError):
        finish_with_recovery_code(accounts, wait().token, codes[3], ARRIVAL, now=now)


def test_recovery_codes_are_limited_together_with_codes(
    accounts: Register, editor: Person, key: str, wait: Wait, now: datetime
) -> None:
    codes = replace_codes(accounts, editor.account_id, now=now)
    for _ in range(3):
        with pytest.raises(RecoveryCodeRefusedError):
            finish_with_recovery_code(accounts, wait().token, "aaaaa-aaaaa", ARRIVAL, now=now)
    for _ in range(2):
        with pytest.raises(CodeRefusedError):
            finish_with_code(accounts, wait().token, "000000", ARRIVAL, now=now)

    with pytest.raises(TooManyAttemptsError):
        finish_with_recovery_code(accounts, wait().token, codes[0], ARRIVAL, now=now)


def test_database_gives_neither_keys_nor_codes_away(
    accounts: Register, editor: Person, key: str, wait: Wait, now: datetime
) -> None:
    codes = replace_codes(accounts, editor.account_id, now=now)
    wait()

    with accounts.database.read() as session:
        sealed = session.scalars(select(SecondFactor.sealed_key)).one()
        kept = set(session.scalars(select(RecoveryCode.code_hash)))
        waiting = session.scalars(select(PendingSignIn.token_hash)).all()

    assert key not in sealed
    with pytest.raises(KeyLostError):
        Keys("another secret key").unseal(sealed)
    assert not kept & set(codes)
    assert all(len(one) == 64 for one in waiting)


def test_goes_on_after_a_change_of_the_secret_key_and_then_needs_only_the_new_one(
    accounts: Register, settings: Settings, editor: Person, key: str, wait: Wait, now: datetime
) -> None:
    codes = replace_codes(accounts, editor.account_id, now=now)
    changed = replace(accounts, keys=Keys("a new secret key", (settings.secret_key,)))

    finish_with_recovery_code(changed, wait().token, codes[0], ARRIVAL, now=now)
    finish_with_code(changed, wait().token, code_of(key, now), ARRIVAL, now=now)

    later = now + 60 * SECONDS
    only_new = replace(accounts, keys=Keys("a new secret key"))
    let_in = finish_with_code(only_new, wait().token, code_of(key, later), ARRIVAL, now=later)
    assert let_in.person == editor


def test_lost_secret_key_is_told_and_lets_nobody_in(accounts: Register, key: str, wait: Wait, now: datetime) -> None:
    lost = replace(accounts, keys=Keys("another secret key"))

    with pytest.raises(KeyLostError, match="Ask an administrator"):
        finish_with_code(lost, wait().token, code_of(key, now), ARRIVAL, now=now)


def test_administrator_removes_it_which_ends_the_sessions_and_has_it_set_up_anew(
    accounts: Register, editor: Person, key: str, wait: Wait, now: datetime, record: Record
) -> None:
    let_in = finish_with_code(accounts, wait().token, code_of(key, now), ARRIVAL, now=now)
    pending = wait()

    remove_second_factor(accounts, editor.account_id, actor=ADMIN, now=now)

    assert find_session(accounts, let_in.token, now=now) is None
    with pytest.raises(SignInOverError):
        look_up_waiting(accounts, pending.token, now=now)
    assert count_left(accounts, editor.account_id) == 0
    assert record()[-1] == "Jane Doe removed the second factor of the account of Ada Byron."
    assert wait().must_set_up


def test_person_whose_role_needs_it_cannot_remove_it(
    accounts: Register, editor: Person, key: str, now: datetime
) -> None:
    with pytest.raises(SecondFactorRequiredError):
        remove_own_second_factor(accounts, editor.account_id, kept=1, now=now)


def test_person_without_a_role_needs_none(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    make_person(groups=["staff"])

    step = sign_in(accounts, Credentials("ada@example.gov.uk", PASSWORD), ARRIVAL, now=now)

    assert isinstance(step, SignedIn)
