"""People who may be let in: what an account says about them, and making, finding and listing accounts."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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
    Role,
)
from knowledge_base.accounts.passwords import check_new_password, hash_password
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.audit.events import Actor, Kind

EMAIL = re.compile(r"[^\s@,;:<>()\"\\\[\]]+@[^\s@,;:<>()\"\\\[\].]+(\.[^\s@,;:<>()\"\\\[\].]+)*")
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
    issuer: str = ""

    @property
    def is_local(self) -> bool:
        """Whether the person signs in here, with a password, and not through single sign-on."""
        return not self.issuer

    @property
    def needs_second_factor(self) -> bool:
        """Whether the person may do enough for a password alone to be too little. A provider asks for its own."""
        return self.is_local and bool(self.roles)

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
        groups=tuple(sorted({check_group(group) for group in groups})),
        roles=tuple(sorted({check_role(role) for role in roles})),
    )


def create_account(register: Register, profile: Profile, *, password: str, actor: Actor, now: datetime) -> Person:
    """Make an account. Raises PasswordRefusedError or AccountExistsError."""
    check_new_password(password, email=profile.email, name=profile.name)
    password_hash = hash_password(password)
    with register.database.write() as session:
        account = add_account(session, profile, password_hash=password_hash, now=now)
        register.record(session, event_about(account, Kind.ACCOUNT_MADE, actor=actor), now=now)
        return person_of(account)


def add_account(session: Session, profile: Profile, *, password_hash: str, now: datetime) -> Account:
    """Make an account within a transaction that does more, the record of it included.

    Raises AccountExistsError, which must undo it all.
    """
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


def find_account(session: Session, email: str) -> Account:
    """Return the local account with this e-mail address, however it was typed. Raises NoSuchAccountError."""
    account = session.scalar(select(Account).where(Account.email == normalise_email(email), Account.issuer == ""))
    if account is None:
        raise NoSuchAccountError(normalise_email(email))
    return account


def find_active_person(register: Register, email: str) -> Person:
    """Return the one person with this e-mail address who is not disabled, whichever way they sign in.

    Raises NoSuchAccountError, also when several have it: an address does not say then who is meant.
    """
    query = select(Account).where(Account.email == normalise_email(email), Account.disabled_at.is_(None))
    with register.database.read() as session:
        found = [person_of(account) for account in session.scalars(query)]
    if len(found) != 1:
        raise NoSuchAccountError(normalise_email(email))
    return found[0]


def list_accounts(register: Register) -> list[Person]:
    """Return every account, disabled ones included, by e-mail address."""
    with register.database.read() as session:
        return [person_of(account) for account in session.scalars(select(Account).order_by(Account.email, Account.id))]


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
        issuer=account.issuer,
    )


def check_group(group: str) -> str:
    """Return the name of a group. Raises ProfileRefusedError when it is not one."""
    if not GROUP.fullmatch(group) or len(group) > LONGEST_GROUP:
        message = f"'{group}' is not a group name: use letters, digits and hyphens, at most {LONGEST_GROUP}"
        raise ProfileRefusedError(message)
    return group


def check_role(role: str) -> Role:
    """Return the role of this name. Raises ProfileRefusedError when there is none."""
    try:
        return Role(role)
    except ValueError as error:
        message = f"'{role}' is not a role: use {', '.join(Role)}"
        raise ProfileRefusedError(message) from error
