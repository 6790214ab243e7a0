"""One-time links, with which people choose a password of their own.

The first administrator and everyone invited make their account with one; who forgot the password chooses another.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from knowledge_base.accounts.attempts import forgive_failures
from knowledge_base.accounts.errors import AccountDisabledError, AccountExistsError, LinkRefusedError
from knowledge_base.accounts.models import Account, AccountRole, OneTimeLink, Purpose, Role
from knowledge_base.accounts.passwords import check_new_password, hash_password
from knowledge_base.accounts.people import (
    Profile,
    add_account,
    check_profile,
    find_account,
    person_of,
    replace_password,
)
from knowledge_base.accounts.sessions import hash_token, new_token, start_session
from knowledge_base.accounts.sign_in import SignedIn
from knowledge_base.db import Database

FIRST_LINK_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=24)
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

    @property
    def is_reset(self) -> bool:
        """Whether it is for a new password: the account is there, and nothing else about it is asked."""
        return self.purpose == Purpose.RESET


@dataclass(frozen=True)
class Acceptance:
    """What somebody says who follows a link, and the network address it came from."""

    profile: Profile
    password: str = field(repr=False)
    address: str


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


def make_reset_link(database: Database, email: str, *, now: datetime) -> NewLink:
    """Make a link for a new password, good for a day. Earlier ones stop working; the old password does not, yet.

    Raises NoSuchAccountError or AccountDisabledError.
    """
    with database.write() as session:
        account = find_account(session, email)
        if account.disabled_at:
            raise AccountDisabledError(account.email)
        session.execute(delete(OneTimeLink).where(OneTimeLink.email == account.email))
        link = OneTimeLink(purpose=Purpose.RESET, email=account.email, name=account.name, groups=[], roles=[])
        return _add_link(session, link, now=now, lasts=RESET_LASTS)


def look_up_link(database: Database, token: str, *, now: datetime) -> Offer:
    """Return what the link offers, without using it up: programs that scan mail open links. Raises LinkRefusedError."""
    with database.read() as session:
        link = _working_link(session, token, now=now)
        return Offer(purpose=Purpose(link.purpose), email=link.email, name=link.name)


def accept_link(database: Database, token: str, said: Acceptance, *, secret_key: str, now: datetime) -> SignedIn:
    """Use the link up: make the account, or replace its password, and let the browser in.

    Of the profile only the name counts, and for the first administrator the e-mail address; for a new password,
    nothing. Everything else stands as the link says. Raises LinkRefusedError (also for all but one of several at
    once), PasswordRefusedError or AccountExistsError; the link is then not used up.
    """
    check_new_password(said.password, email=said.profile.email, name=said.profile.name)
    password_hash = hash_password(said.password)
    with database.write() as session:
        link = _working_link(session, token, now=now)
        link.used_at = now
        email = link.email or said.profile.email
        if link.purpose == Purpose.RESET:
            account = replace_password(session, email, password_hash=password_hash, now=now)
        else:
            profile = check_profile(email=email, name=said.profile.name, groups=link.groups, roles=link.roles)
            account = add_account(session, profile, password_hash=password_hash, now=now)
        forgive_failures(session, secret_key=secret_key, email=account.email, address=said.address, now=now)
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
    if link is None or _is_overtaken(session, link):
        raise LinkRefusedError
    return link


def _is_overtaken(session: Session, link: OneTimeLink) -> bool:
    """Say whether what the link would make is there already. A new password can be chosen until the link is used."""
    if link.purpose == Purpose.RESET:
        return False
    return _has_account(session, link.email) if link.email else _has_administrator(session)


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
