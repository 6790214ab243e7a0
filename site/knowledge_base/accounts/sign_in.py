"""Signing in with an e-mail address and a password.

Whoever asks learns one thing: whether the two belong together. An unknown address, a wrong password, a disabled
account and one without a password give the same answer for the same work.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from knowledge_base.accounts.attempts import mark_succeeded, reserve_attempt
from knowledge_base.accounts.errors import SignInRefusedError
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.passwords import DECOY, hash_password, needs_rehash, verify_password
from knowledge_base.accounts.people import Person, normalise_email, person_of
from knowledge_base.accounts.sessions import start_session
from knowledge_base.db import Database


@dataclass(frozen=True)
class Credentials:
    """What somebody typed to sign in, and the network address it came from."""

    email: str
    password: str = field(repr=False)
    address: str


@dataclass(frozen=True)
class SignedIn:
    """A session that has started: the token for the browser, and who it is."""

    token: str = field(repr=False)
    person: Person


def sign_in(database: Database, credentials: Credentials, *, secret_key: str, now: datetime) -> SignedIn:
    """Start a session for the person with this e-mail address and password.

    Raises SignInRefusedError, or TooManyAttemptsError without looking at the password. The attempt is counted as
    failed before the password is looked at, so that guesses made at the same moment cannot slip past the limit.
    """
    email = normalise_email(credentials.email)
    with database.write() as session:
        attempt = reserve_attempt(session, secret_key=secret_key, email=email, address=credentials.address, now=now)
    password_hash = _hash_to_verify(database, email)
    verified = verify_password(credentials.password, password_hash or DECOY)
    if password_hash is None or not verified:
        raise SignInRefusedError
    new_hash = hash_password(credentials.password) if needs_rehash(password_hash) else password_hash
    with database.write() as session:
        account = session.scalar(
            select(Account).where(
                # What was verified must still hold: meanwhile the account may have been disabled.
                Account.email == email,
                Account.password_hash == password_hash,
                Account.disabled_at.is_(None),
            )
        )
        if account is None:
            raise SignInRefusedError
        account.password_hash = new_hash
        mark_succeeded(session, attempt)
        return SignedIn(token=start_session(session, account, now=now), person=person_of(account))


def _hash_to_verify(database: Database, email: str) -> str | None:
    """Return the password hash of the account, or None when nobody can sign in with this address."""
    with database.read() as session:
        return session.scalar(
            select(Account.password_hash).where(Account.email == email, Account.disabled_at.is_(None))
        )
