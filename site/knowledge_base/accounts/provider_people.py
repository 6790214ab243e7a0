"""People who come through single sign-on: made at the first sign-in, and brought up to date at each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base.accounts.changes import end_links_made_by
from knowledge_base.accounts.claims_reading import Description
from knowledge_base.accounts.claims_table import Grant
from knowledge_base.accounts.models import Account, AccountGroup, AccountRole, Role
from knowledge_base.accounts.register import Register, event_about
from knowledge_base.audit.events import SITE, Kind


@dataclass(frozen=True)
class Newcomer:
    """Somebody whom the provider has made sure of, and what the table gives them here."""

    issuer: str
    description: Description
    grant: Grant


def find_provided(session: Session, issuer: str, subject: str) -> Account | None:
    """Return the account of the provider's person. Nothing else is looked at: an e-mail address may be anybody's."""
    return session.scalar(select(Account).where(Account.issuer == issuer, Account.subject == subject).with_for_update())


def bring_up_to_date(session: Session, register: Register, newcomer: Newcomer, *, now: datetime) -> Account:
    """Make the account, or change it to what the provider says now, and record both.

    A disabled account is returned as it is.
    """
    account = find_provided(session, newcomer.issuer, newcomer.description.subject)
    if account is None:
        account = _make(session, newcomer, now=now)
        register.record(session, event_about(account, Kind.SINGLE_SIGN_ON_PERSON_MADE, actor=SITE), now=now)
    if account.disabled_at is None:
        changes = [*_describe_anew(account, newcomer.description), *_grant_anew(account, newcomer.grant)]
        session.flush()
        if Role.ADMIN not in newcomer.grant.roles:
            end_links_made_by(session, account, now=now)
        if changes:
            event = event_about(account, Kind.SINGLE_SIGN_ON_PERSON_UPDATED, actor=SITE, changes=", ".join(changes))
            register.record(session, event, now=now)
        if newcomer.description.groups_unread:
            register.record(session, event_about(account, Kind.SINGLE_SIGN_ON_GROUPS_UNREAD, actor=SITE), now=now)
    return account


def _make(session: Session, newcomer: Newcomer, *, now: datetime) -> Account:
    account = Account(
        issuer=newcomer.issuer,
        subject=newcomer.description.subject,
        email=newcomer.description.email,
        name=newcomer.description.name,
        created_at=now,
        groups=[],
        roles=[],
    )
    session.add(account)
    session.flush()
    return account


def _describe_anew(account: Account, description: Description) -> Iterable[str]:
    if account.name != description.name:
        account.name = description.name
        yield "another name"
    if account.email != description.email:
        account.email = description.email
        yield "another email address"


def _grant_anew(account: Account, grant: Grant) -> Iterable[str]:
    groups, roles = {one.name for one in account.groups}, {one.role for one in account.roles}
    account.groups = [one for one in account.groups if one.name in grant.groups]
    account.groups += [AccountGroup(name=name) for name in sorted(grant.groups - groups)]
    account.roles = [one for one in account.roles if one.role in grant.roles]
    account.roles += [AccountRole(role=role) for role in sorted(grant.roles - roles)]
    yield from (f"the group {name} added" for name in sorted(grant.groups - groups))
    yield from (f"the group {name} removed" for name in sorted(groups - grant.groups))
    yield from (f"the role {name} added" for name in sorted(grant.roles - roles))
    yield from (f"the role {name} removed" for name in sorted(roles - grant.roles))
