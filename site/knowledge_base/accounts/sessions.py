"""Signed-in browsers: each holds a random token, and a row here says whether the token still counts."""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, contains_eager

from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.people import Person, person_of
from knowledge_base.db import Database

logger = logging.getLogger(__name__)

IDLE_LIMIT = timedelta(hours=12)
# So that reading pages does not write to the database each time.
NOTED_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(hours=24)


def new_token() -> str:
    """Return a secret of 256 bits that can stand in a URL or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(session: Session, account: Account, *, now: datetime) -> str:
    """Let a browser in as the account, and return the token it is to hold. Forgets sessions that are long over."""
    session.execute(
        delete(SignInSession).where(
            or_(SignInSession.ended_at < now - KEPT_FOR, SignInSession.last_used_at < now - IDLE_LIMIT - KEPT_FOR)
        )
    )
    token = new_token()
    session.add(SignInSession(token_hash=hash_token(token), account_id=account.id, started_at=now, last_used_at=now))
    return token


def find_person(database: Database, token: str, *, now: datetime) -> Person | None:
    """Return whose session this is: nobody's when it has ended or idled out, or when the account is disabled."""
    with database.read() as session:
        found = session.scalar(
            select(SignInSession)
            .join(SignInSession.account)
            .options(contains_eager(SignInSession.account))
            .where(
                SignInSession.token_hash == hash_token(token),
                SignInSession.ended_at.is_(None),
                SignInSession.last_used_at > now - IDLE_LIMIT,
                Account.disabled_at.is_(None),
            )
        )
        if found is None:
            return None
        person = person_of(found.account)
        note_use = found.last_used_at <= now - NOTED_EVERY
    if note_use:
        _note_use(database, token, now=now)
    return person


def end_session(database: Database, token: str, *, now: datetime) -> None:
    """End the session, if there is one, for whoever else may hold its token too."""
    with database.write() as session:
        session.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == hash_token(token), SignInSession.ended_at.is_(None))
            .values(ended_at=now)
        )


def _note_use(database: Database, token: str, *, now: datetime) -> None:
    try:
        with database.write() as session:
            session.execute(
                update(SignInSession)
                .where(SignInSession.token_hash == hash_token(token), SignInSession.last_used_at < now)
                .values(last_used_at=now)
            )
    except OperationalError as error:
        # A database that takes no writes just now must not keep anybody from reading a page.
        logger.warning("The use of a session is not noted: %s", error)
