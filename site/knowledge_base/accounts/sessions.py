"""Signed-in browsers: each holds a random token, and a row here says whether the token still counts."""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, contains_eager

from knowledge_base.accounts.browsers import UNKNOWN_BROWSER
from knowledge_base.accounts.errors import NoSuchSessionError
from knowledge_base.accounts.models import Account, PendingSignIn, Role, SignInSession
from knowledge_base.accounts.people import Person, person_of
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.audit.events import Actor, Event, Kind

logger = logging.getLogger(__name__)

# So that reading pages does not write to the database each time.
NOTED_EVERY = timedelta(minutes=1)
# A reader waits no longer than this for the note of their own use.
NOTING_TAKES = timedelta(milliseconds=50)
KEPT_FOR = timedelta(hours=24)
# At most, between machines that share a database.
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Start:
    """How a session starts: in which browser, with or without a second factor, and what a sign-in provider calls it."""

    browser: str = UNKNOWN_BROWSER
    with_second_factor: bool = False
    sid: str = ""


@dataclass(frozen=True)
class CurrentSession:
    """A session that is still going, and whose it is."""

    session_id: int
    person: Person
    reauthenticated_at: datetime | None
    second_factor_at: datetime | None
    sid: str


@dataclass(frozen=True)
class SessionSummary:
    """A session in the list that a person or an administrator sees."""

    session_id: int
    browser: str
    started_at: datetime
    last_used_at: datetime


def new_token() -> str:
    """Return a secret of 256 bits that can stand in a URL or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(session: Session, register: Register, account: Account, *, start: Start, now: datetime) -> str:
    """Let a browser in as the account, and return the token it is to hold. Forgets sessions that are long over.

    The caller has made sure of the person just now, with all that their roles ask for.
    """
    longest = register.session_length + KEPT_FOR
    session.execute(
        delete(SignInSession).where(
            or_(
                SignInSession.ended_at < now - KEPT_FOR,
                SignInSession.last_used_at < now - register.session_idle - KEPT_FOR,
                SignInSession.started_at < now - longest,
            )
        )
    )
    token = new_token()
    session.add(
        SignInSession(
            token_hash=hash_token(token),
            account_id=account.id,
            started_at=now,
            last_used_at=now,
            reauthenticated_at=now,
            second_factor_at=now if start.with_second_factor else None,
            browser=start.browser,
            sid=start.sid,
        )
    )
    return token


def find_session(register: Register, token: str, *, now: datetime) -> CurrentSession | None:
    """Return the session of this token.

    There is none when it has ended, idled out or gone on for too long, when the account is disabled or of a kind that
    the site does without, and when the person's roles have come to ask for a second factor that it was started without.
    """
    values = {"token_hash": hash_token(token)} | _limits(register, now=now)
    with register.database.read() as session:
        found = session.scalars(_FIND, values).unique().one_or_none()
        if found is None:
            return None
        current = _current(found)
        note_use = found.last_used_at <= now - NOTED_EVERY
    if current.person.needs_second_factor and current.second_factor_at is None:
        return None
    if not register.local_accounts and current.person.is_local and Role.ADMIN not in current.person.roles:
        return None
    if note_use:
        _note_use(register, token, now=now)
    return current


def list_sessions(register: Register, account_id: int, *, now: datetime) -> list[SessionSummary]:
    """Return the account's sessions that are still going, the last used first."""
    with register.database.read() as session:
        found = session.scalars(
            select(SignInSession)
            .where(SignInSession.account_id == account_id, is_going(register, now=now))
            .order_by(SignInSession.last_used_at.desc(), SignInSession.id.desc())
        )
        return [SessionSummary(one.id, one.browser, one.started_at, one.last_used_at) for one in found]


def sign_out(register: Register, token: str, *, now: datetime) -> None:
    """End the session, if there is one, for whoever else may hold its token too."""
    with register.database.write() as session:
        found = session.scalar(select(SignInSession).where(SignInSession.token_hash == hash_token(token)))
        if found is None or found.ended_at:
            return
        found.ended_at = now
        actor = Actor(found.account.id, found.account.name)
        register.record(session, Event(Kind.SIGNED_OUT, actor), now=now)


def end_session(register: Register, session_id: int, *, of: int, actor: Actor, now: datetime) -> None:
    """End one session of the account `of`: a person does it to their own, an administrator to anybody's.

    Raises NoSuchSessionError.
    """
    with register.database.write() as session:
        found = session.scalar(
            select(SignInSession).where(
                SignInSession.id == session_id, SignInSession.account_id == of, SignInSession.ended_at.is_(None)
            )
        )
        if found is None:
            raise NoSuchSessionError
        found.ended_at = now
        details = {"browser": found.browser or UNKNOWN_BROWSER, "reason": "signed out from a list of browsers"}
        register.record(session, event_about(found.account, Kind.SESSION_ENDED, actor=actor, **details), now=now)


def end_other_sessions(
    register: Register, account_id: int, *, kept: int | None = None, actor: Actor, now: datetime
) -> None:
    """End every session of the account, but for the one that is `kept`."""
    with register.database.write() as session:
        account = session.get_one(Account, account_id)
        if end_all(session, account, kept=kept, now=now):
            reason = "signed out everywhere else" if kept else "signed out everywhere"
            event = event_about(account, Kind.SESSIONS_ENDED, actor=actor, reason=reason)
            register.record(session, event, now=now)


def end_all(session: Session, account: Account, *, kept: int | None = None, now: datetime) -> bool:
    """End the account's sessions and what is pending of them within a transaction that does more. Say if any was."""
    session.execute(delete(PendingSignIn).where(PendingSignIn.account_id == account.id))
    ended = session.execute(
        update(SignInSession)
        .where(
            SignInSession.account_id == account.id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != (kept or 0),
        )
        .values(ended_at=now)
        .returning(SignInSession.id)
    )
    return bool(ended.all())


def is_going(register: Register, *, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a session has neither ended nor run out."""
    return _going(**_limits(register, now=now))


def _limits(register: Register, *, now: datetime) -> dict[str, Any]:
    return {
        "used_after": now - register.session_idle,
        "started_after": now - register.session_length,
        # Of a clock that was set back: nobody could say how long it has gone on.
        "started_before": now + CLOCKS_DIFFER,
    }


def _going(*, used_after: Any, started_after: Any, started_before: Any) -> ColumnElement[bool]:  # noqa: ANN401 - moments, or where they will stand
    return and_(
        SignInSession.ended_at.is_(None),
        SignInSession.last_used_at > used_after,
        SignInSession.started_at > started_after,
        SignInSession.started_at < started_before,
    )


def _found_by_token() -> Select[SignInSession]:
    """Return what finds a session with its account, in one statement instead of three."""
    account = contains_eager(SignInSession.account)
    limits: dict[str, Any] = {name: bindparam(name) for name in ("used_after", "started_after", "started_before")}
    is_theirs = SignInSession.token_hash == bindparam("token_hash")
    found = select(SignInSession).join(SignInSession.account).where(is_theirs, _going(**limits))
    loaded = found.options(account.joinedload(Account.groups), account.joinedload(Account.roles))
    return loaded.where(Account.disabled_at.is_(None))


# Every page that is shown to somebody who is signed in waits for it, so it is put together once.
_FIND = _found_by_token()


def _current(found: SignInSession) -> CurrentSession:
    return CurrentSession(
        session_id=found.id,
        person=person_of(found.account),
        reauthenticated_at=found.reauthenticated_at,
        second_factor_at=found.second_factor_at,
        sid=found.sid,
    )


def _note_use(register: Register, token: str, *, now: datetime) -> None:
    try:
        with register.database.write(patience=NOTING_TAKES) as session:
            session.execute(
                update(SignInSession)
                .where(SignInSession.token_hash == hash_token(token), SignInSession.last_used_at < now)
                .values(last_used_at=now)
            )
    except SQLAlchemyError as error:
        # A database that takes no writes just now must not keep anybody from reading a page.
        logger.warning("The use of a session is not noted: %s", error)
