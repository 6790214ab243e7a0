"""Limits on guessing: how many failures to sign in an account and a network address are allowed."""

import hmac
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import TooManyAttemptsError
from knowledge_base.accounts.models import SignInAttempt

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 5
# A whole council may sit behind one address.
FAILURES_PER_ADDRESS = 100
KEPT_FOR = timedelta(hours=24)


def reserve_attempt(session: Session, *, secret_key: str, email: str, address: str, now: datetime) -> int:
    """Count an attempt as failed before its password is looked at, and return its number.

    Raises TooManyAttemptsError, counting nothing, when either limit is reached. Must run in a transaction that lets
    no other one in between counting and counting up: `Database.write` does on SQLite. On PostgreSQL it will take an
    advisory lock on each of the two keys first.
    """
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT_FOR))
    email_key = _keyed(secret_key, "email", email)
    address_key = _keyed(secret_key, "address", _network_of(address))
    closed_until = max(
        _closed_until(session, _failures_of_account(email_key), limit=FAILURES_PER_ACCOUNT, now=now),
        _closed_until(session, SignInAttempt.address_key == address_key, limit=FAILURES_PER_ADDRESS, now=now),
    )
    if closed_until > now:
        raise TooManyAttemptsError(wait=closed_until - now)
    attempt = SignInAttempt(email_key=email_key, address_key=address_key, at=now, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt.id


def mark_succeeded(session: Session, attempt_id: int) -> None:
    """Say that the attempt succeeded, which also ends the count of the account's failures before it."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True))


def forgive_failures(session: Session, *, secret_key: str, email: str, address: str, now: datetime) -> None:
    """End the count of the account's failures, because the person was let in without having to know a password."""
    email_key = _keyed(secret_key, "email", email)
    address_key = _keyed(secret_key, "address", _network_of(address))
    session.add(SignInAttempt(email_key=email_key, address_key=address_key, at=now, succeeded=True))


def _failures_of_account(email_key: str) -> ColumnElement[bool]:
    # The older failures stay: they still count against the network addresses they came from.
    last_success = (
        select(func.coalesce(func.max(SignInAttempt.id), 0))
        .where(SignInAttempt.email_key == email_key, SignInAttempt.succeeded)
        .scalar_subquery()
    )
    return and_(SignInAttempt.email_key == email_key, SignInAttempt.id > last_success)


def _closed_until(session: Session, which: ColumnElement[bool], *, limit: int, now: datetime) -> datetime:
    """Return when one of the failures that reached the limit will be old enough; `now` when it is not reached."""
    newest: list[datetime] = list(
        session.scalars(
            select(SignInAttempt.at)
            .where(which, ~SignInAttempt.succeeded, SignInAttempt.at > now - WINDOW)
            .order_by(SignInAttempt.at.desc())
            .limit(limit)
        )
    )
    return newest[-1] + WINDOW if len(newest) == limit else now


def _keyed(secret_key: str, kind: str, value: str) -> str:
    message = f"sign-in attempt\0{kind}\0{value}".encode()
    return hmac.new(secret_key.encode(), message, "sha256").hexdigest()


def _network_of(address: str) -> str:
    """Return the address, or its /64 network for IPv6: one machine there has as many addresses as it likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
