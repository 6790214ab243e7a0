"""Finding people for administrators: everyone who has an account or is invited, and one of them in full."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from knowledge_base.accounts.changes import account_of
from knowledge_base.accounts.invitations import Invitation, list_invitations
from knowledge_base.accounts.models import Account, AccountGroup, AccountRole
from knowledge_base.accounts.people import Person, person_of
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_factor import has_second_factor
from knowledge_base.accounts.sessions import SessionSummary, list_sessions
from knowledge_base.audit.kinds import Kind
from knowledge_base.audit.models import AuditEvent

PAGE_SIZE = 25


class State(StrEnum):
    """How far a person may come in. Single sign-on is how they do it, and goes with being active or disabled."""

    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"
    SINGLE_SIGN_ON = "single-sign-on"


@dataclass(frozen=True)
class Wanted:
    """Who is looked for. Each of the words stands somewhere in the name or the e-mail address."""

    words: str = ""
    group: str = ""
    role: str = ""
    state: State | None = None


@dataclass(frozen=True)
class Found:
    """A person, or somebody who is invited to be one."""

    name: str
    email: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    state: State
    account_id: int | None = None
    invitation_id: int | None = None
    is_local: bool = True
    is_out_of_date: bool = False


@dataclass(frozen=True)
class PeoplePage:
    """A page of those who were found, and how many there are."""

    people: tuple[Found, ...]
    total: int
    number: int
    last_number: int


@dataclass(frozen=True)
class PersonInFull:
    """All that an administrator sees of a person. The last sign-in is known as long as the record is kept."""

    person: Person
    has_password: bool
    has_second_factor: bool
    last_signed_in: datetime | None
    sessions: tuple[SessionSummary, ...]


@dataclass(frozen=True)
class _Hit:
    """One who was found, before anything else about them is read."""

    name: str
    email: str
    account_id: int | None = None
    invitation: Invitation | None = None


def find_people(register: Register, wanted: Wanted, *, page: int, now: datetime) -> PeoplePage:
    """Return a page of the people who are looked for, by name."""
    words = wanted.words.casefold().split()
    with register.database.read() as session:
        # Compared here and not in the database, where each has its own idea of capitals beyond ASCII.
        hits = [hit for hit in _hits(session, wanted) if all(_is_in(word, hit) for word in words)]
        hits.sort(key=lambda hit: (hit.name.casefold(), hit.email))
        last_page = max(1, -(-len(hits) // PAGE_SIZE))
        number = min(max(page, 1), last_page)
        shown = hits[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return PeoplePage(tuple(_in_full(session, shown, now=now)), len(hits), number, last_page)


def find_person(register: Register, account_id: int, *, now: datetime) -> PersonInFull:
    """Return all about one person. Raises AccountGoneError."""
    going = list_sessions(register, account_id, now=now)
    with register.database.read() as session:
        account = account_of(session, account_id)
        signed_in = select(AuditEvent.at).where(AuditEvent.kind == Kind.SIGNED_IN, AuditEvent.actor_id == account_id)
        return PersonInFull(
            person=person_of(account),
            has_password=account.password_hash is not None,
            has_second_factor=has_second_factor(session, account_id),
            last_signed_in=session.scalar(signed_in.order_by(AuditEvent.number.desc()).limit(1)),
            sessions=tuple(going),
        )


def groups_in_use(register: Register) -> frozenset[str]:
    """Return the groups that somebody is in, those included that open nothing any more."""
    with register.database.read() as session:
        return frozenset(session.scalars(select(AccountGroup.name).distinct()))


def _hits(session: Session, wanted: Wanted) -> Iterator[_Hit]:
    if wanted.state != State.INVITED:
        for account_id, name, email in session.execute(_accounts(wanted)):
            yield _Hit(name, email, account_id=account_id)
    if wanted.state in {None, State.INVITED}:
        for invitation in list_invitations(session):
            if wanted.group in {"", *invitation.groups} and wanted.role in {"", *invitation.roles}:
                yield _Hit(invitation.name, invitation.email, invitation=invitation)


def _accounts(wanted: Wanted) -> Select[int, str, str]:
    query = select(Account.id, Account.name, Account.email)
    if wanted.group:
        query = query.where(Account.id.in_(select(AccountGroup.account_id).where(AccountGroup.name == wanted.group)))
    if wanted.role:
        query = query.where(Account.id.in_(select(AccountRole.account_id).where(AccountRole.role == wanted.role)))
    match wanted.state:
        case State.ACTIVE:
            query = query.where(Account.disabled_at.is_(None))
        case State.DISABLED:
            query = query.where(Account.disabled_at.is_not(None))
        case State.SINGLE_SIGN_ON:
            query = query.where(Account.issuer != "")
    return query


def _is_in(word: str, hit: _Hit) -> bool:
    return word in hit.name.casefold() or word in hit.email.casefold()


def _in_full(session: Session, hits: list[_Hit], *, now: datetime) -> Iterator[Found]:
    wanted = [hit.account_id for hit in hits if hit.account_id is not None]
    accounts = {one.id: person_of(one) for one in session.scalars(select(Account).where(Account.id.in_(wanted)))}
    for hit in hits:
        if hit.invitation is not None:
            yield _found_invitation(hit.invitation, now=now)
        else:
            yield _found_person(accounts[hit.account_id or 0])


def _found_invitation(invitation: Invitation, *, now: datetime) -> Found:
    return Found(
        name=invitation.name,
        email=invitation.email,
        groups=invitation.groups,
        roles=invitation.roles,
        state=State.INVITED,
        invitation_id=invitation.invitation_id,
        is_out_of_date=invitation.expires_at <= now,
    )


def _found_person(person: Person) -> Found:
    return Found(
        name=person.name,
        email=person.email,
        groups=person.groups,
        roles=person.roles,
        state=State.DISABLED if person.disabled_at else State.ACTIVE,
        account_id=person.account_id,
        is_local=person.is_local,
    )
