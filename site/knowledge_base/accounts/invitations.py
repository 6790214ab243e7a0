"""Invitations that are open: who has been invited and has not made an account yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session

from knowledge_base.accounts import letters
from knowledge_base.accounts.administration import administering
from knowledge_base.accounts.changes import Transaction
from knowledge_base.accounts.errors import InvitationGoneError, ProvidedElsewhereError
from knowledge_base.accounts.letters import Delivery
from knowledge_base.accounts.links import NewLink, add_invitation
from knowledge_base.accounts.models import Account, OneTimeLink, Purpose
from knowledge_base.accounts.people import Profile, check_profile
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.db import utc_now
from knowledge_base.settings import Settings

# Somebody waits for the page while letters go out, each within a second where mail works.
LETTERS_TAKE = timedelta(seconds=20)


@dataclass(frozen=True)
class Invitation:
    """Somebody who may make an account. After `expires_at` only once they have been sent another link."""

    invitation_id: int
    email: str
    name: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    expires_at: datetime


def list_invitations(session: Session) -> list[Invitation]:
    """Return every invitation that was not used, those of the last 30 days whose link is out of date included."""
    return [_invitation(link) for link in session.scalars(_unused().order_by(OneTimeLink.id))]


def find_invitation(register: Register, invitation_id: int) -> Invitation:
    """Return an invitation. Raises InvitationGoneError."""
    with register.database.read() as session:
        return _invitation(_link(session, invitation_id))


def invite(register: Register, profile: Profile, *, actor: Actor, now: datetime) -> NewLink:
    """Invite a person, whose earlier links stop working.

    Raises AccountExistsError, or ProvidedElsewhereError for somebody who signs in through single sign-on already.
    """
    with administering(register, actor=actor, now=now) as transaction:
        if comes_through_single_sign_on(transaction, profile.email):
            raise ProvidedElsewhereError
        return add_invitation(transaction, profile)


def send_again(register: Register, invitation_id: int, *, actor: Actor, now: datetime) -> NewLink:
    """Make another link for the same invitation. The earlier one stops working. Raises InvitationGoneError."""
    with administering(register, actor=actor, now=now) as transaction:
        old = _invitation(_link(transaction.session, invitation_id))
        profile = check_profile(email=old.email, name=old.name, groups=old.groups, roles=old.roles)
        return add_invitation(transaction, profile)


def withdraw(register: Register, invitation_id: int, *, actor: Actor, now: datetime) -> Invitation:
    """Make an invitation's link stop working. Raises InvitationGoneError."""
    with administering(register, actor=actor, now=now) as transaction:
        invitation = _invitation(_link(transaction.session, invitation_id))
        transaction.session.execute(delete(OneTimeLink).where(OneTimeLink.id == invitation_id))
        event = Event(Kind.INVITATION_WITHDRAWN, actor, subject=invitation.name)
        register.record(transaction.session, event, now=now)
        return invitation


def comes_through_single_sign_on(transaction: Transaction, email: str) -> bool:
    """Say whether somebody of this address has an account whose groups and roles a sign-in provider gives."""
    provided = select(Account.id).where(Account.email == email, Account.issuer != "").limit(1)
    return transaction.session.scalar(provided) is not None


def send_all(
    settings: Settings, new_links: Iterable[NewLink], *, patience: timedelta = LETTERS_TAKE
) -> list[tuple[NewLink, Delivery]]:
    """Send invitations, and say of each what became of it.

    After the first that is not taken, and once the patience is over, no more are tried: they are to be handed over.
    """
    if settings.mail is None:
        return [(link, Delivery.NOT_CONFIGURED) for link in new_links]
    outcomes: list[tuple[NewLink, Delivery]] = []
    deadline = utc_now() + patience
    is_going_well = True
    for link in new_links:
        is_going_well = is_going_well and utc_now() < deadline
        delivery = letters.send_invitation(settings, link) if is_going_well else Delivery.FAILED
        is_going_well = delivery == Delivery.SENT
        outcomes.append((link, delivery))
    return outcomes


def _link(session: Session, invitation_id: int) -> OneTimeLink:
    link = session.scalar(_unused().where(OneTimeLink.id == invitation_id))
    if link is None:
        raise InvitationGoneError
    return link


def _unused() -> Select[OneTimeLink]:
    is_overtaken = exists().where(Account.email == OneTimeLink.email, Account.issuer == "")
    return select(OneTimeLink).where(
        OneTimeLink.purpose == Purpose.INVITATION,
        OneTimeLink.used_at.is_(None),
        # What was made for the same person otherwise, such as by a command.
        ~is_overtaken,
    )


def _invitation(link: OneTimeLink) -> Invitation:
    return Invitation(
        invitation_id=link.id,
        email=link.email or "",
        name=link.name,
        groups=tuple(link.groups),
        roles=tuple(link.roles),
        expires_at=link.expires_at,
    )
