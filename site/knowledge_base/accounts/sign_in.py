"""Signing in with an e-mail address and a password.

Whoever asks learns one thing: whether the two belong together. An unknown address, a wrong password, a disabled
account and one without a password give the same answer for the same work.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, true

from knowledge_base.accounts.attempts import Guess, Target, mark_succeeded, reserve_attempt
from knowledge_base.accounts.errors import SignInRefusedError
from knowledge_base.accounts.models import Account, AccountRole, Role
from knowledge_base.accounts.passwords import DECOY, hash_password, needs_rehash, verify_password
from knowledge_base.accounts.people import normalise_email
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import Arrival, NextStep, go_on
from knowledge_base.audit.events import NOBODY, Event, Kind
from knowledge_base.telemetry.measures import count_sign_in_failure

WITH_PASSWORD = "a password"  # noqa: S105 - words of the record


@dataclass(frozen=True)
class Credentials:
    """What somebody typed to sign in."""

    email: str
    password: str = field(repr=False)


def sign_in(register: Register, credentials: Credentials, arrival: Arrival, *, now: datetime) -> NextStep:
    """Start a session for the person with this e-mail address and password, or ask for the second factor first.

    Raises SignInRefusedError, or TooManyAttemptsError without looking at the password. The attempt is counted as
    failed before the password is looked at, so that guesses made at the same moment cannot slip past the limit.
    """
    email = normalise_email(credentials.email)
    target = Target(Guess.PASSWORD, email, arrival.address)
    with register.database.write() as session:
        attempt = reserve_attempt(session, target, keys=register.keys, now=now)
    password_hash = _hash_to_verify(register, email)
    verified = verify_password(credentials.password, password_hash or DECOY)
    if password_hash is None or not verified:
        _record_failure(register, email, now=now)
        raise SignInRefusedError
    new_hash = hash_password(credentials.password) if needs_rehash(password_hash) else password_hash
    with register.database.write() as session:
        account = session.scalar(
            select(Account).where(
                # What was verified must still hold: meanwhile the account may have been disabled.
                Account.email == email,
                Account.issuer == "",
                Account.password_hash == password_hash,
                _may_come_in(register),
            )
        )
        if account is None:
            raise SignInRefusedError
        account.password_hash = new_hash
        mark_succeeded(session, attempt)
        return go_on(session, register, account, arrival, method=WITH_PASSWORD, now=now)


def _hash_to_verify(register: Register, email: str) -> str | None:
    """Return the password hash of the account, or None when nobody can sign in with this address."""
    with register.database.read() as session:
        return session.scalar(
            select(Account.password_hash).where(Account.email == email, Account.issuer == "", _may_come_in(register))
        )


def _may_come_in(register: Register) -> ColumnElement[bool]:
    """Return the condition that a local account is let in at all."""
    is_allowed = true() if register.local_accounts else Account.roles.any(AccountRole.role == Role.ADMIN)
    return and_(Account.disabled_at.is_(None), is_allowed)


def _record_failure(register: Register, email: str, *, now: datetime) -> None:
    """Record whose sign-in failed. An address that has no account is not kept: it may be anything."""
    count_sign_in_failure("password")
    with register.database.write() as session:
        # Columns, not the account with its groups and roles: more work for an address that is known could be measured.
        found = select(Account.id, Account.name, Account.disabled_at, Account.password_hash)
        account = session.execute(found.where(Account.email == email, Account.issuer == "")).first()
        if account is None:
            event = Event(Kind.SIGN_IN_UNKNOWN, NOBODY)
        else:
            event = Event(
                Kind.SIGN_IN_FAILED,
                NOBODY,
                subject=account.name,
                subject_id=account.id,
                details={
                    "reason": _reason(
                        account.disabled_at, account.password_hash, local_accounts_are_off=not register.local_accounts
                    )
                },
            )
        register.record(session, event, now=now)


def _reason(disabled_at: datetime | None, password_hash: str | None, *, local_accounts_are_off: bool) -> str:
    if disabled_at:
        return "the account is disabled"
    if not password_hash:
        return "the account has no password yet"
    return "wrong password, or local accounts are off" if local_accounts_are_off else "wrong password"
