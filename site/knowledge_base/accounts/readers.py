"""Everybody who can sign in, as the access rules see them."""

from sqlalchemy import select

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import person_of
from knowledge_base.accounts.register import Register


def list_readers(register: Register) -> tuple[Viewer, ...]:
    """Return every account that is not disabled, by name."""
    query = select(Account).where(Account.disabled_at.is_(None)).order_by(Account.name, Account.id)
    with register.database.read() as session:
        return tuple(person_of(account).viewer for account in session.scalars(query))


def has_accounts(register: Register) -> bool:
    """Say whether there is any account, disabled ones included."""
    with register.database.read() as session:
        return session.scalar(select(Account.id).limit(1)) is not None
