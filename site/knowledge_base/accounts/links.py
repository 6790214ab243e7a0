"""One-time links, with which people choose a password of their own.

The first administrator and everyone invited make their account with one; who forgot the password chooses another.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from knowledge_base.accounts.attempts import Guess, Target, forgive_failures
from knowledge_base.accounts.changes import Transaction, Whose, account_of, administrators, changing
from knowledge_base.accounts.errors import (
    AccountDisabledError,
    AccountExistsError,
    LinkRefusedError,
    ProvidedElsewhereError,
)
from knowledge_base.accounts.models import Account, OneTimeLink, Purpose, Role
from knowledge_base.accounts.own_account import replace_password
from knowledge_base.accounts.passwords import check_new_password, hash_password
from knowledge_base.accounts.people import Profile, add_account, check_profile, find_account
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.accounts.second_step import Arrival, NextStep, go_on
from knowledge_base.accounts.sessions import CLOCKS_DIFFER, hash_token, new_token
from knowledge_base.audit.events import NOBODY, Actor, Event, Kind

LASTS = {
    Purpose.FIRST_ADMINISTRATOR: timedelta(hours=1),
    Purpose.INVITATION: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=24),
}
# One that was not used in time is still shown to administrators, who may send it again.
INVITATION_KEPT_FOR = timedelta(days=30)
# Roles let nobody read more, and whoever sets the site up has to see that its staff pages work.
FIRST_ADMINISTRATOR_GROUPS = ("staff",)
WITH_LINK = "a one-time link"


@dataclass(frozen=True)
class NewLink:
    """A link that was just made, and for whom: the only time its token is known."""

    token: str = field(repr=False)
    expires_at: datetime
    email: str = ""
    name: str = ""


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
    """What somebody says who follows a link."""

    profile: Profile
    password: str = field(repr=False)
    site_name: str = ""


def make_first_administrator_link(register: Register, *, actor: Actor, now: datetime) -> NewLink | None:
    """Make the link for the first administrator, good for an hour. Earlier ones stop working.

    Returns None, and makes no link, once there is an administrator who is not disabled.
    """
    with register.database.write() as session:
        if _has_administrator(session):
            return None
        session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == Purpose.FIRST_ADMINISTRATOR))
        link = OneTimeLink(
            purpose=Purpose.FIRST_ADMINISTRATOR, name="", groups=list(FIRST_ADMINISTRATOR_GROUPS), roles=[Role.ADMIN]
        )
        new = _add_link(session, link, now=now)
        register.record(session, Event(Kind.FIRST_LINK_MADE, actor), now=now)
        return new


def invite(register: Register, profile: Profile, *, actor: Actor, now: datetime) -> NewLink:
    """Make a link for one person, good for a day. Raises AccountExistsError or ProvidedElsewhereError."""
    with changing(register, actor=actor, now=now) as transaction:
        return add_invitation(transaction, profile)


def add_invitation(transaction: Transaction, profile: Profile) -> NewLink:
    """Invite somebody within a transaction that may do more. Their earlier links stop working.

    Raises AccountExistsError, or ProvidedElsewhereError where people come through single sign-on only.
    """
    session = transaction.session
    if not transaction.register.local_accounts:
        raise ProvidedElsewhereError
    if _has_account(session, profile.email):
        raise AccountExistsError
    session.execute(delete(OneTimeLink).where(OneTimeLink.email == profile.email))
    link = OneTimeLink(
        purpose=Purpose.INVITATION,
        email=profile.email,
        name=profile.name,
        groups=list(profile.groups),
        roles=list(profile.roles),
        made_by=transaction.actor.account_id,
    )
    new = _add_link(session, link, now=transaction.now)
    event = Event(Kind.INVITATION_MADE, transaction.actor, subject=profile.name, details=told_of(profile))
    transaction.register.record(session, event, now=transaction.now)
    return new


def told_of(profile: Profile) -> dict[str, str]:
    """Return what the record says of an invitation: what its account may read and do."""
    return {"groups": ", ".join(profile.groups) or "none", "roles": ", ".join(profile.roles) or "none"}


def make_reset_link(register: Register, whose: Whose, *, actor: Actor, now: datetime) -> NewLink:
    """Make a link for a new password, good for a day. Earlier ones stop working; the old password does not, yet.

    Raises NoSuchAccountError or AccountDisabledError.
    """
    with register.database.write() as session:
        account = account_of(session, whose)
        if account.disabled_at or account.issuer:
            raise AccountDisabledError(account.email)
        session.execute(delete(OneTimeLink).where(OneTimeLink.email == account.email))
        link = OneTimeLink(purpose=Purpose.RESET, email=account.email, name=account.name, groups=[], roles=[])
        link.made_by = actor.account_id
        new = _add_link(session, link, now=now)
        register.record(session, event_about(account, Kind.RESET_LINK_MADE, actor=actor), now=now)
        return new


def look_up_link(register: Register, token: str, *, now: datetime) -> Offer:
    """Return what the link offers, without using it up: programs that scan mail open links. Raises LinkRefusedError."""
    with register.database.read() as session:
        link = _working_link(session, register, token, now=now)
        return Offer(purpose=Purpose(link.purpose), email=link.email, name=link.name)


def accept_link(register: Register, token: str, said: Acceptance, arrival: Arrival, *, now: datetime) -> NextStep:
    """Use the link up: make the account, or replace its password, and let the person in who has the second factor.

    Of the profile only the name counts, and for the first administrator the e-mail address; for a new password,
    nothing. Everything else stands as the link says. Raises LinkRefusedError (also for all but one of several at
    once), PasswordRefusedError or AccountExistsError; the link is then not used up.
    """
    check_new_password(said.password, email=said.profile.email, name=said.profile.name, site_name=said.site_name)
    password_hash = hash_password(said.password)
    with register.database.write() as session:
        link = _working_link(session, register, token, now=now)
        link.used_at = now
        account = _apply(session, link, said, password_hash=password_hash, now=now)
        target = Target(Guess.PASSWORD, account.email, arrival.address)
        forgive_failures(session, target, keys=register.keys, now=now)
        for event in _events(account, Purpose(link.purpose)):
            register.record(session, event, now=now)
        return go_on(session, register, account, arrival, method=WITH_LINK, now=now)


def _apply(session: Session, link: OneTimeLink, said: Acceptance, *, password_hash: str, now: datetime) -> Account:
    email = link.email or said.profile.email
    if link.purpose == Purpose.RESET:
        account = find_account(session, email)
        replace_password(session, account, password_hash=password_hash, now=now)
        return account
    profile = check_profile(email=email, name=said.profile.name, groups=link.groups, roles=link.roles)
    return add_account(session, profile, password_hash=password_hash, now=now)


def _events(account: Account, purpose: Purpose) -> tuple[Event, ...]:
    """Return what is to be told of a link's use: whoever holds a reset link is not known to be its person yet."""
    actor = Actor(account.id, account.name)
    match purpose:
        case Purpose.RESET:
            return (
                event_about(account, Kind.RESET_LINK_USED, actor=NOBODY),
                event_about(account, Kind.PASSWORD_CHANGED, actor=NOBODY),
            )
        case Purpose.INVITATION:
            return (
                event_about(account, Kind.INVITATION_USED, actor=actor),
                event_about(account, Kind.ACCOUNT_MADE, actor=actor),
            )
        case Purpose.FIRST_ADMINISTRATOR:
            return Event(Kind.FIRST_LINK_USED, actor), event_about(account, Kind.ACCOUNT_MADE, actor=actor)


def _add_link(session: Session, link: OneTimeLink, *, now: datetime) -> NewLink:
    is_invitation = OneTimeLink.purpose == Purpose.INVITATION
    session.execute(
        delete(OneTimeLink).where(
            or_(
                OneTimeLink.used_at.is_not(None),
                OneTimeLink.expires_at <= now - INVITATION_KEPT_FOR,
                and_(~is_invitation, OneTimeLink.expires_at <= now),
            )
        )
    )
    token = new_token()
    link.token_hash = hash_token(token)
    link.expires_at = now + LASTS[Purpose(link.purpose)]
    session.add(link)
    return NewLink(token=token, expires_at=link.expires_at, email=link.email or "", name=link.name)


def _working_link(session: Session, register: Register, token: str, *, now: datetime) -> OneTimeLink:
    link = session.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_token(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        # Of two at once, the second waits here where transactions may overlap, as on PostgreSQL. SQLite ignores it.
        .with_for_update()
    )
    if link is None or _is_from_the_future(link, now=now) or _is_overtaken(session, register, link):
        raise LinkRefusedError
    return link


def _is_from_the_future(link: OneTimeLink, *, now: datetime) -> bool:
    """Say whether the clock was set back since the link was made: nobody could say how long it has been about."""
    return link.expires_at > now + LASTS[Purpose(link.purpose)] + CLOCKS_DIFFER


def _is_overtaken(session: Session, register: Register, link: OneTimeLink) -> bool:
    """Say whether what the link would make is there already, or is of a kind that the site does without."""
    if link.purpose == Purpose.FIRST_ADMINISTRATOR:
        return _has_administrator(session)
    if link.purpose == Purpose.INVITATION:
        return not register.local_accounts or _has_account(session, link.email or "")
    # A new password can be chosen until the link is used.
    roles = {role.role for role in find_account(session, link.email or "").roles}
    return not register.local_accounts and Role.ADMIN not in roles


def _has_account(session: Session, email: str) -> bool:
    return session.scalar(select(Account.id).where(Account.email == email, Account.issuer == "")) is not None


def _has_administrator(session: Session) -> bool:
    return session.scalar(administrators().limit(1)) is not None
