"""What administrators may change of other people, and of themselves.

Each change makes sure, within its own transaction, that whoever asks still is an administrator. As nobody can disable
themselves or give up the role as the last one, there is always an administrator, also when two act at once.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from knowledge_base.accounts import changes, links, second_factor, sessions
from knowledge_base.accounts.changes import Transaction, account_of, changing
from knowledge_base.accounts.errors import NotAdministratorError, OwnAccountError, ProvidedElsewhereError
from knowledge_base.accounts.links import NewLink
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import Person, person_of
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor


@contextmanager
def administering(register: Register, *, actor: Actor, now: datetime) -> Iterator[Transaction]:
    """Open a transaction for an administrator. Raises NotAdministratorError when they are not one any more."""
    with changing(register, actor=actor, now=now) as transaction:
        # Of two who change each other, the second waits here where transactions may overlap, as on PostgreSQL, and
        # then asks anew.
        transaction.session.execute(changes.administrators().order_by(Account.id).with_for_update(of=Account)).all()
        if transaction.session.scalar(changes.administrators().where(Account.id == actor.account_id)) is None:
            raise NotAdministratorError
        yield transaction


def change_name(register: Register, account_id: int, name: str, *, actor: Actor, now: datetime) -> Person:
    """Give a person another name. Raises ProfileRefusedError, ProvidedElsewhereError or AccountGoneError."""
    with administering(register, actor=actor, now=now) as transaction:
        account = _local(account_of(transaction.session, account_id))
        changes.set_name(transaction, account, name)
        return person_of(account)


def change_groups(register: Register, account_id: int, groups: Iterable[str], *, actor: Actor, now: datetime) -> Person:
    """Put a person into these groups and no others.

    Raises OwnAccountError for who would come to read more themselves, ProvidedElsewhereError, ProfileRefusedError or
    AccountGoneError.
    """
    wanted = frozenset(groups)
    with administering(register, actor=actor, now=now) as transaction:
        account = _local(account_of(transaction.session, account_id))
        if account.id == actor.account_id and wanted - {group.name for group in account.groups}:
            message = "You cannot put yourself into a group. Ask another administrator"
            raise OwnAccountError(message)
        changes.set_groups(transaction, account, wanted)
        return person_of(account)


def change_roles(register: Register, account_id: int, roles: Iterable[str], *, actor: Actor, now: datetime) -> Person:
    """Give a person these roles and no others.

    Raises LastAdministratorError, ProvidedElsewhereError, ProfileRefusedError or AccountGoneError.
    """
    with administering(register, actor=actor, now=now) as transaction:
        account = _local(account_of(transaction.session, account_id))
        changes.set_roles(transaction, account, roles)
        return person_of(account)


def disable(register: Register, account_id: int, *, actor: Actor, now: datetime) -> Person:
    """Shut a person out at once. Raises OwnAccountError or AccountGoneError."""
    with administering(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, account_id)
        if account.id == actor.account_id:
            message = "You cannot disable your own account. Ask another administrator"
            raise OwnAccountError(message)
        changes.shut_out(transaction, account)
        return person_of(account)


def enable(register: Register, account_id: int, *, actor: Actor, now: datetime) -> Person:
    """Undo disabling. A local person needs a link for a new password. Raises AccountGoneError."""
    with administering(register, actor=actor, now=now) as transaction:
        account = account_of(transaction.session, account_id)
        changes.let_in_again(transaction, account)
        return person_of(account)


def make_reset_link(register: Register, account_id: int, *, actor: Actor, now: datetime) -> NewLink:
    """Make a link with which a person chooses a new password.

    Raises OwnAccountError, ProvidedElsewhereError, AccountDisabledError or AccountGoneError.
    """
    _check_is_for_somebody_else(register, account_id, actor=actor, now=now)
    return links.make_reset_link(register, account_id, actor=actor, now=now)


def remove_second_factor(register: Register, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Take away the second factor of a person who has lost it, and end their sessions.

    Raises OwnAccountError, ProvidedElsewhereError or AccountGoneError.
    """
    _check_is_for_somebody_else(register, account_id, actor=actor, now=now)
    second_factor.remove_second_factor(register, account_id, actor=actor, now=now)


def end_session(register: Register, account_id: int, session_id: int, *, actor: Actor, now: datetime) -> None:
    """Sign a person out of one browser. Raises NoSuchSessionError."""
    with administering(register, actor=actor, now=now):
        pass
    sessions.end_session(register, session_id, of=account_id, actor=actor, now=now)


def end_all_sessions(register: Register, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Sign a person out everywhere. Raises AccountGoneError."""
    with administering(register, actor=actor, now=now) as transaction:
        account_of(transaction.session, account_id)
    sessions.end_other_sessions(register, account_id, actor=actor, now=now)


def _check_is_for_somebody_else(register: Register, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Refuse what would let administrators round what is asked of them for their own account."""
    with administering(register, actor=actor, now=now) as transaction:
        account = _local(account_of(transaction.session, account_id))
        if account.id == actor.account_id:
            message = "Do this for yourself on the page of your own account"
            raise OwnAccountError(message)


def _local(account: Account) -> Account:
    """Return the account, or refuse to change what a sign-in provider says at each sign-in."""
    if account.issuer:
        raise ProvidedElsewhereError
    return account
