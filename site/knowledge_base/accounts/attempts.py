"""Limits on guessing: how many failures an account and a network address are allowed, counted in the database."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import TooManyAttemptsError
from knowledge_base.accounts.models import SignInAttempt
from knowledge_base.accounts.register import Keys
from knowledge_base.telemetry.measures import count_sign_in_failure

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 5
# A whole council may sit behind one address.
FAILURES_PER_ADDRESS = 100
# Of a million codes three are good at any moment, so five guesses every fifteen minutes would be too many for a year.
CODES_PER_DAY = 20
LINKS_PER_ACCOUNT = 3
LINKS_PER_ADDRESS = 20
DAY = timedelta(hours=24)
KEPT_FOR = DAY


class Guess(StrEnum):
    """What is guessed at. Each is counted for itself."""

    PASSWORD = "email"  # noqa: S105 - what a password is counted by
    # Of somebody who is signed in: strangers who guess at the password do not close this to its person.
    CONFIRMATION = "confirmation"
    CODE = "code"
    LINK = "link"
    # Nothing is guessed at there. It only limits how much of it is recorded.
    PROVIDER = "provider"


@dataclass(frozen=True)
class Limit:
    """So many failures within so long a time."""

    failures: int
    window: timedelta = WINDOW


LIMITS = {
    Guess.PASSWORD: ((Limit(FAILURES_PER_ACCOUNT),), Limit(FAILURES_PER_ADDRESS)),
    Guess.CONFIRMATION: ((Limit(FAILURES_PER_ACCOUNT),), Limit(FAILURES_PER_ADDRESS)),
    Guess.CODE: ((Limit(FAILURES_PER_ACCOUNT), Limit(CODES_PER_DAY, DAY)), Limit(FAILURES_PER_ADDRESS)),
    Guess.PROVIDER: ((Limit(FAILURES_PER_ADDRESS),), Limit(FAILURES_PER_ADDRESS)),
    Guess.LINK: ((Limit(LINKS_PER_ACCOUNT, timedelta(hours=1)),), Limit(LINKS_PER_ADDRESS)),
}


@dataclass(frozen=True)
class Target:
    """What is guessed at, whose it is (an e-mail address, or an account's number), and from which network address."""

    guess: Guess
    whose: str
    address: str


def reserve_attempt(session: Session, target: Target, *, keys: Keys, now: datetime) -> int:
    """Count an attempt as failed before what was typed is looked at, and return its number.

    Raises TooManyAttemptsError, counting nothing, when a limit is reached. Must run in a transaction of
    `Database.write`, which lets no other one in between counting and counting up.
    """
    account_key, address_key = _keys_of(target, keys)
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT_FOR))
    per_account, per_address = LIMITS[target.guess]
    closed_until = max(
        *(_closed_until(session, _failures_of_account(account_key), limit, now=now) for limit in per_account),
        _closed_until(session, SignInAttempt.address_key == address_key, per_address, now=now),
    )
    if closed_until > now:
        count_sign_in_failure("too many")
        raise TooManyAttemptsError(wait=closed_until - now)
    attempt = SignInAttempt(email_key=account_key, address_key=address_key, at=now, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt.id


def mark_succeeded(session: Session, attempt_id: int) -> None:
    """Say that the attempt succeeded, which also ends the count of the account's failures before it."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True))


def forgive_failures(session: Session, target: Target, *, keys: Keys, now: datetime) -> None:
    """End the count of the account's failures, because the person was let in without having to know a password."""
    account_key, address_key = _keys_of(target, keys)
    session.add(SignInAttempt(email_key=account_key, address_key=address_key, at=now, succeeded=True))


def _keys_of(target: Target, keys: Keys) -> tuple[str, str]:
    # Links are counted apart for addresses too: asking for them must not keep a whole council from signing in.
    network = _network_of(target.address)
    kind = "address for links" if target.guess == Guess.LINK else "address"
    return keys.hash_attempt(target.guess, target.whose), keys.hash_attempt(kind, network)


def _failures_of_account(account_key: str) -> ColumnElement[bool]:
    # The older failures stay: they still count against the network addresses they came from.
    last_success = (
        select(func.coalesce(func.max(SignInAttempt.id), 0))
        .where(SignInAttempt.email_key == account_key, SignInAttempt.succeeded)
        .scalar_subquery()
    )
    return and_(SignInAttempt.email_key == account_key, SignInAttempt.id > last_success)


def _closed_until(session: Session, which: ColumnElement[bool], limit: Limit, *, now: datetime) -> datetime:
    """Return when one of the failures that reached the limit will be old enough; `now` when it is not reached."""
    # Later ones were made before somebody set the clock back, and would keep people out until it has caught up.
    # Those of another node count, whose clock is a little ahead.
    is_of_this_clock = SignInAttempt.at <= now + limit.window
    newest: list[datetime] = list(
        session.scalars(
            select(SignInAttempt.at)
            .where(which, ~SignInAttempt.succeeded, SignInAttempt.at > now - limit.window, is_of_this_clock)
            .order_by(SignInAttempt.at.desc())
            .limit(limit.failures)
        )
    )
    return newest[-1] + limit.window if len(newest) == limit.failures else now


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
