"""People who may be let in: what an account says about them, and making, listing, disabling and enabling accounts."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.errors import AccountExistsError, NoSuchAccountError, ProfileRefusedError
from knowledge_base.accounts.models import (
    LONGEST_EMAIL,
    LONGEST_GROUP,
    LONGEST_NAME,
    Account,
    AccountGroup,
    AccountRole,
    OneTimeLink,
    Role,
    SignInSession,
)
from knowledge_base.accounts.passwords import check_new_password, hash_password
from knowledge_base.db import Database

EMAIL = re.compile(r"[^\s@,;:<>()\"\\\[\]]+@[^\s@,;:<>()\"\\\[\]]+")
GROUP = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Profile:
    """Who an account is for. Only `check_profile` makes one, so its values are checked and normalised."""

    email: str
    name: str
    groups: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Person:
    """An account as the rest of the site sees it: no password, and no tie to the database."""

    account_id: int
    email: str
    name: str
    groups: tuple[str, ...]
    roles: tuple[Role, ...]
    created_at: datetime
    disabled_at: datetime | None

    @property
    def viewer(self) -> Viewer:
        """The person as the access rules see them."""
        return Viewer(
            account_id=self.account_id, name=self.name, groups=frozenset(self.groups), roles=frozenset(self.roles)
        )


def normalise_email(typed: str) -> str:
    """Return the one form of an e-mail address under which it is kept, looked up and counted."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def check_email(typed: str) -> str:
    """Return the e-mail address normalised. Raises ProfileRefusedError when it is not one."""
    email = normalise_email(typed)
    if not EMAIL.fullmatch(email) or not email.isprintable() or len(email) > LONGEST_EMAIL:
        message = "Enter an email address in the correct format, like name@example.gov.uk"
        raise ProfileRefusedError(message)
    return email


def check_name(typed: str) -> str:
    """Return the name with its spaces tidied. Raises ProfileRefusedError when it is not one."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name:
        message = "Enter a name"
    elif len(name) > LONGEST_NAME:
        message = f"Name must be {LONGEST_NAME} characters or fewer"
    elif not name.isprintable():
        message = "Name must not have characters that cannot be seen"
    else:
        return name
    raise ProfileRefusedError(message)


def check_profile(*, email: str, name: str, groups: Iterable[str] = (), roles: Iterable[str] = ()) -> Profile:
    """Return a profile of checked and normalised values. Raises ProfileRefusedError, naming the wrong one."""
    return Profile(
        email=check_email(email),
        name=check_name(name),
        groups=tuple(sorted({_check_group(group) for group in groups})),
        roles=tuple(sorted({_check_role(role) for role in roles})),
    )


def create_account(database: Database, profile: Profile, *, password: str, now: datetime) -> Person:
    """Make an account. Raises PasswordRefusedError or AccountExistsError."""
    check_new_password(password, email=profile.email, name=profile.name)
    password_hash = hash_password(password)
    with database.write() as session:
        return person_of(add_account(session, profile, password_hash=password_hash, now=now))


def add_account(session: Session, profile: Profile, *, password_hash: str, now: datetime) -> Account:
    """Make an account within a transaction that does more. Raises AccountExistsError, which must undo it all."""
    account = Account(
        email=profile.email,
        name=profile.name,
        password_hash=password_hash,
        created_at=now,
        groups=[AccountGroup(name=group) for group in profile.groups],
        roles=[AccountRole(role=role) for role in profile.roles],
    )
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:
        raise AccountExistsError from error
    return account


def replace_password(session: Session, email: str, *, password_hash: str, now: datetime) -> Account:
    """Give an account another password within a transaction that does more. Every session of the account ends."""
    account = find_account(session, email)
    account.password_hash = password_hash
    _end_sessions(session, account, now=now)
    return account


def find_account(session: Session, email: str) -> Account:
    """Return the account with this e-mail address, in whatever form it was typed. Raises NoSuchAccountError."""
    account = session.scalar(select(Account).where(Account.email == normalise_email(email)))
    if account is None:
        raise NoSuchAccountError(normalise_email(email))
    return account


def list_accounts(database: Database) -> list[Person]:
    """Return every account, disabled ones included, by e-mail address."""
    with database.read() as session:
        return [person_of(account) for account in session.scalars(select(Account).order_by(Account.email))]


def disable_account(database: Database, email: str, *, now: datetime) -> Person:
    """Shut a person out: no signing in, and their sessions and links end at once. Raises NoSuchAccountError."""
    with database.write() as session:
        account = find_account(session, email)
        account.disabled_at = account.disabled_at or now
        _end_sessions(session, account, now=now)
        session.execute(delete(OneTimeLink).where(OneTimeLink.email == account.email))
        return person_of(account)


def enable_account(database: Database, email: str) -> Person:
    """Undo disabling: the person can sign in again, anew and with the password they had. Raises NoSuchAccountError."""
    with database.write() as session:
        account = find_account(session, email)
        account.disabled_at = None
        return person_of(account)


def person_of(account: Account) -> Person:
    """Return the row as a value."""
    return Person(
        account_id=account.id,
        email=account.email,
        name=account.name,
        groups=tuple(sorted(group.name for group in account.groups)),
        roles=tuple(sorted(Role(role.role) for role in account.roles)),
        created_at=account.created_at,
        disabled_at=account.disabled_at,
    )


def _end_sessions(session: Session, account: Account, *, now: datetime) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.account_id == account.id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _check_group(group: str) -> str:
    if not GROUP.fullmatch(group) or len(group) > LONGEST_GROUP:
        message = f"'{group}' is not a group name: use letters, digits and hyphens, at most {LONGEST_GROUP}"
        raise ProfileRefusedError(message)
    return group


def _check_role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        message = f"'{role}' is not a role: use {', '.join(Role)}"
        raise ProfileRefusedError(message) from error
