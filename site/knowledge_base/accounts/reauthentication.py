"""Making sure, before a sensitive change, that it is still the person who signed in: password, and code, once more."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.attempts import Guess, Target, mark_succeeded, reserve_attempt
from knowledge_base.accounts.errors import CodeRefusedError, CodeUsedError, NoSuchSessionError, WrongPasswordError
from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.passwords import DECOY, verify_password
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.accounts.second_factor import has_second_factor, use_code
from knowledge_base.accounts.sessions import CurrentSession, hash_token
from knowledge_base.audit.events import Actor, Kind

COUNTS_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Proof:
    """What a signed-in person typed to show who they are, and the network address it came from."""

    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str


def is_recent(current: CurrentSession, *, now: datetime) -> bool:
    """Say whether the person has shown within the last 15 minutes who they are."""
    shown_at = current.reauthenticated_at
    # A moment to come counts as little as one long past: the clock may have been set back.
    return shown_at is not None and abs(now - shown_at) < COUNTS_FOR


def asks_for_code(register: Register, account_id: int) -> bool:
    """Say whether the person has a second factor, so that the password is not enough."""
    with register.database.read() as session:
        return has_second_factor(session, account_id)


def confirm(register: Register, current: CurrentSession, proof: Proof, *, now: datetime) -> None:
    """Note in the session that the person has just shown who they are.

    Raises WrongPasswordError, CodeRefusedError, or TooManyAttemptsError without looking at what was typed.
    """
    check_password(register, current, proof, now=now)
    account_id = current.person.account_id
    if asks_for_code(register, account_id):
        _check_code(register, current, proof, now=now)
    with register.database.write() as session:
        _note(session, SignInSession.id == current.session_id, now=now)


def note_reauthentication(register: Register, token: str, *, now: datetime) -> None:
    """Note that a sign-in provider has just made sure of the person again who holds this session's token."""
    with register.database.write() as session:
        _note(session, SignInSession.token_hash == hash_token(token), now=now)


def check_password(register: Register, current: CurrentSession, proof: Proof, *, now: datetime) -> None:
    """Make sure of a signed-in person's password. Raises WrongPasswordError or TooManyAttemptsError."""
    target = Target(Guess.CONFIRMATION, str(current.person.account_id), proof.address)
    with register.database.write() as session:
        attempt = reserve_attempt(session, target, keys=register.keys, now=now)
        password_hash = session.get_one(Account, current.person.account_id).password_hash
    if not verify_password(proof.password, password_hash or DECOY):
        _record_failure(register, current, "a wrong password, while signed in", now=now)
        raise WrongPasswordError
    with register.database.write() as session:
        mark_succeeded(session, attempt)


def _check_code(register: Register, current: CurrentSession, proof: Proof, *, now: datetime) -> None:
    account_id = current.person.account_id
    with register.database.write() as session:
        target = Target(Guess.CODE, str(account_id), proof.address)
        attempt = reserve_attempt(session, target, keys=register.keys, now=now)
    try:
        with register.database.write() as session:
            use_code(session, account_id, proof.code, keys=register.keys, now=now)
            mark_succeeded(session, attempt)
    except CodeRefusedError as error:
        what = "a used code" if isinstance(error, CodeUsedError) else "a wrong code"
        _record_failure(register, current, f"{what}, while signed in", now=now)
        raise


def _note(session: Session, which: ColumnElement[bool], *, now: datetime) -> None:
    noted = session.execute(
        update(SignInSession)
        .where(which, SignInSession.ended_at.is_(None))
        .values(reauthenticated_at=now)
        .returning(SignInSession.id)
    )
    if noted.first() is None:
        raise NoSuchSessionError


def _record_failure(register: Register, current: CurrentSession, reason: str, *, now: datetime) -> None:
    with register.database.write() as session:
        account = session.get_one(Account, current.person.account_id)
        actor = Actor(account.id, account.name)
        event = event_about(account, Kind.SIGN_IN_FAILED, actor=actor, reason=reason)
        register.record(session, event, now=now)
