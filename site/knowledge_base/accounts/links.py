"""One-time links: how the first administrator, and everyone invited, makes an account with a password of their own."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import AccountExistsError, LinkRefusedError
from knowledge_base.accounts.models import Account, AccountRole, OneTimeLink, Purpose, Role
from knowledge_base.accounts.passwords import check_new_password, hash_password
from knowledge_base.accounts.people import Profile, add_account, check_profile, person_of
from knowledge_base.accounts.sessions import hash_token, new_token, start_session
from knowledge_base.accounts.sign_in import SignedIn
from knowledge_base.db import Database

FIRST_LINK_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=7)
# Roles let nobody read more, and whoever sets the site up has to see that its staff pages work.
FIRST_ADMINISTRATOR_GROUPS = ("staff",)


@dataclass(frozen=True)
class NewLink:
    """A link that was just made: the only time its token is known."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Offer:
    """What a link that still works offers: for the first administrator, the e-mail address is theirs to say."""

    purpose: Purpose
    email: str | None
    name: str


def make_first_administrator_link(database: Database, *, now: datetime) -> NewLink | None:
    """Make the link for the first administrator, good for an hour. Earlier ones stop working.

    Returns None, and makes no link, once there is an administrator who is not disabled.
    """
    with database.write() as session:
        if _has_administrator(session):
            return None
        session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == Purpose.FIRST_ADMINISTRATOR))
        link = OneTimeLink(
            purpose=Purpose.FIRST_ADMINISTRATOR, name="", groups=list(FIRST_ADMINISTRATOR_GROUPS), roles=[Role.ADMIN]
        )
        return _add_link(session, link, now=now, lasts=FIRST_LINK_LASTS)


def invite(database: Database, profile: Profile, *, now: datetime) -> NewLink:
    """Make a link for one person, good for a week. Their earlier ones stop working. Raises AccountExistsError."""
    with database.write() as session:
        if _has_account(session, profile.email):
            raise AccountExistsError
        session.execute(delete(OneTimeLink).where(OneTimeLink.email == profile.email))
        link = OneTimeLink(
            purpose=Purpose.INVITATION,
            email=profile.email,
            name=profile.name,
            groups=list(profile.groups),
            roles=list(profile.roles),
        )
        return _add_link(session, link, now=now, lasts=INVITATION_LASTS)


def look_up_link(database: Database, token: str, *, now: datetime) -> Offer:
    """Return what the link offers, without using it up: programs that scan mail open links. Raises LinkRefusedError."""
    with database.read() as session:
        link = _working_link(session, token, now=now)
        return Offer(purpose=Purpose(link.purpose), email=link.email, name=link.name)


def accept_link(database: Database, token: str, chosen: Profile, *, password: str, now: datetime) -> SignedIn:
    """Use the link up: make the account and let the browser in.

    `chosen` gives the name, and for the first administrator the e-mail address; an invitation's address, groups and
    roles stand. Raises LinkRefusedError (also for all but one of several at once), PasswordRefusedError or
    AccountExistsError; the link is then not used up.
    """
    check_new_password(password, email=chosen.email, name=chosen.name)
    password_hash = hash_password(password)
    with database.write() as session:
        link = _working_link(session, token, now=now)
        link.used_at = now
        profile = check_profile(
            email=link.email or chosen.email, name=chosen.name, groups=link.groups, roles=link.roles
        )
        account = add_account(session, profile, password_hash=password_hash, now=now)
        return SignedIn(token=start_session(session, account, now=now), person=person_of(account))


def _add_link(session: Session, link: OneTimeLink, *, now: datetime, lasts: timedelta) -> NewLink:
    session.execute(delete(OneTimeLink).where(or_(OneTimeLink.expires_at <= now, OneTimeLink.used_at.is_not(None))))
    token = new_token()
    link.token_hash = hash_token(token)
    link.expires_at = now + lasts
    session.add(link)
    return NewLink(token=token, expires_at=link.expires_at)


def _working_link(session: Session, token: str, *, now: datetime) -> OneTimeLink:
    link = session.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_token(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        # Of two at once, the second waits here where transactions may overlap, as on PostgreSQL. SQLite ignores it.
        .with_for_update()
    )
    if link is None:
        raise LinkRefusedError
    is_done = _has_account(session, link.email) if link.email else _has_administrator(session)
    if is_done:
        raise LinkRefusedError
    return link


def _has_account(session: Session, email: str) -> bool:
    return session.scalar(select(Account.id).where(Account.email == email)) is not None


def _has_administrator(session: Session) -> bool:
    return (
        session.scalar(
            select(Account.id)
            .join(AccountRole)
            .where(AccountRole.role == Role.ADMIN, Account.disabled_at.is_(None))
            .limit(1)
        )
        is not None
    )
