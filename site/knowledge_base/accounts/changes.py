"""Changes of an account that others make: shutting a person out and letting them in, their groups and roles.

Each takes the account's number or, where a command is given one, the e-mail address of a local account.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from knowledge_base.accounts.errors import AccountGoneError, LastAdministratorError
from knowledge_base.accounts.models import Account, AccountGroup, AccountRole, OneTimeLink, Role
from knowledge_base.accounts.people import Person, check_group, check_name, check_role, find_account, person_of
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.accounts.sessions import end_all
from knowledge_base.audit.events import Actor, Kind

Whose = int | str


@dataclass(frozen=True)
class Transaction:
    """A transaction in which somebody changes accounts, and who and when that is."""

    register: Register
    session: Session
    actor: Actor
    now: datetime

    def record(self, account: Account, kind: Kind, **details: str) -> None:
        """Record what was done to an account."""
        event = event_about(account, kind, actor=self.actor, **details)
        self.register.record(self.session, event, now=self.now)


def disable_account(register: Register, whose: Whose, *, actor: Actor, now: datetime) -> Person:
    """Shut a person out: no signing in, and their sessions and links end at once.

    Raises NoSuchAccountError, or LastAdministratorError for an administrator who would do it to themselves as the last.
    """
    with changing(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, whose)
        if account.id == actor.account_id:
            _keep_an_administrator(transaction.session, account)
        shut_out(transaction, account)
        return person_of(account)


def enable_account(register: Register, whose: Whose, *, actor: Actor, now: datetime) -> Person:
    """Undo disabling. The old password is forgotten: the person needs a link to choose another.

    Raises NoSuchAccountError.
    """
    with changing(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, whose)
        let_in_again(transaction, account)
        return person_of(account)


def rename(register: Register, whose: Whose, name: str, *, actor: Actor, now: datetime) -> Person:
    """Give a person another name. Raises NoSuchAccountError or ProfileRefusedError."""
    with changing(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, whose)
        set_name(transaction, account, name)
        return person_of(account)


def change_groups(register: Register, whose: Whose, groups: Iterable[str], *, actor: Actor, now: datetime) -> Person:
    """Put the person into these groups and no others. Raises NoSuchAccountError or ProfileRefusedError."""
    with changing(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, whose)
        set_groups(transaction, account, groups)
        return person_of(account)


def change_roles(register: Register, whose: Whose, roles: Iterable[str], *, actor: Actor, now: datetime) -> Person:
    """Give the person these roles and no others.

    Who comes to need a second factor that way is signed out where they signed in without one. Raises
    NoSuchAccountError, ProfileRefusedError, or LastAdministratorError, whoever asks.
    """
    with changing(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, whose)
        set_roles(transaction, account, roles)
        return person_of(account)


@contextmanager
def changing(register: Register, *, actor: Actor, now: datetime) -> Iterator[Transaction]:
    """Open a transaction in which accounts are changed."""
    with register.database.write() as session:
        yield Transaction(register, session, actor, now)


def shut_out(transaction: Transaction, account: Account) -> None:
    """Disable an account, within a transaction that has made sure that an administrator is left."""
    if account.disabled_at is None:
        account.disabled_at = transaction.now
        end_all(transaction.session, account, now=transaction.now)
        if not account.issuer:
            # Links are for local people. Somebody who comes through single sign-on may have the same address as one.
            transaction.session.execute(delete(OneTimeLink).where(OneTimeLink.email == account.email))
        end_links_made_by(transaction.session, account, now=transaction.now)
        transaction.record(account, Kind.ACCOUNT_DISABLED)


def let_in_again(transaction: Transaction, account: Account) -> None:
    """Enable an account within a transaction that may do more."""
    if account.disabled_at is not None:
        account.disabled_at = None
        account.password_hash = None
        # A request that was under way when they were shut out may have started one.
        end_all(transaction.session, account, now=transaction.now)
        transaction.record(account, Kind.ACCOUNT_ENABLED)


def set_name(transaction: Transaction, account: Account, name: str) -> None:
    """Rename a person within a transaction that may do more. The record names them as they were called before."""
    checked = check_name(name)
    if account.name != checked:
        transaction.record(account, Kind.ACCOUNT_CHANGED, what="name")
        account.name = checked


def set_groups(transaction: Transaction, account: Account, groups: Iterable[str]) -> None:
    """Put a person into these groups and no others, within a transaction that may do more."""
    wanted = {check_group(group) for group in groups}
    had = {group.name for group in account.groups}
    account.groups = [group for group in account.groups if group.name in wanted]
    account.groups += [AccountGroup(name=name) for name in sorted(wanted - had)]
    transaction.session.flush()
    for kind, names in ((Kind.GROUP_ADDED, wanted - had), (Kind.GROUP_REMOVED, had - wanted)):
        for name in sorted(names):
            transaction.record(account, kind, group=name)


def set_roles(transaction: Transaction, account: Account, roles: Iterable[str]) -> None:
    """Give a person these roles and no others, within a transaction that may do more. See `change_roles`."""
    wanted = {check_role(role) for role in roles}
    had = {Role(role.role) for role in account.roles}
    if Role.ADMIN in had - wanted:
        _keep_an_administrator(transaction.session, account)
        end_links_made_by(transaction.session, account, now=transaction.now)
    account.roles = [role for role in account.roles if role.role in wanted]
    account.roles += [AccountRole(role=role) for role in sorted(wanted - had)]
    transaction.session.flush()
    for kind, names in ((Kind.ROLE_ADDED, wanted - had), (Kind.ROLE_REMOVED, had - wanted)):
        for name in sorted(names):
            transaction.record(account, kind, role=name)


def end_links_made_by(session: Session, account: Account, *, now: datetime) -> None:
    """End the links that somebody made who is an administrator no longer: they may have kept one to come in with."""
    made_by_them = (OneTimeLink.made_by == account.id, OneTimeLink.expires_at > now)
    session.execute(update(OneTimeLink).where(*made_by_them).values(expires_at=now))


def account_of(session: Session, whose: Whose) -> Account:
    """Return the account with this number, or the local one with this e-mail address. Raises NoSuchAccountError."""
    if isinstance(whose, str):
        return find_account(session, whose)
    account = session.get(Account, whose)
    if account is None:
        raise AccountGoneError
    return account


def administrators() -> Select[int]:
    """Return the question who is an administrator and not disabled."""
    return select(Account.id).join(AccountRole).where(AccountRole.role == Role.ADMIN, Account.disabled_at.is_(None))


def _keep_an_administrator(session: Session, account: Account) -> None:
    """Refuse to take the role from the only one who has it and can sign in."""
    if account.disabled_at or Role.ADMIN not in {role.role for role in account.roles}:
        return
    others = (
        administrators()
        # Who was enabled again has no password until they follow a link.
        .where(Account.id != account.id, or_(Account.password_hash.is_not(None), Account.issuer != ""))
        # Two who take the role from each other at once wait here, where transactions may overlap.
        .with_for_update()
    )
    if not session.scalars(others).all():
        raise LastAdministratorError
