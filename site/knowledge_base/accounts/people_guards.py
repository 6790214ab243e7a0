"""What the pages about people have from the rest of the site: who administers, and which groups there are."""

from flask import current_app

from knowledge_base.access.audiences import Audiences
from knowledge_base.access.guards import current_viewer
from knowledge_base.accounts import meanings, people_search
from knowledge_base.accounts.guards import accounts
from knowledge_base.accounts.meanings import Meaning
from knowledge_base.accounts.models import Role
from knowledge_base.audit.events import Actor

ADMINISTRATOR = Role.ADMIN


def actor() -> Actor:
    """Return the administrator who asks."""
    return Actor.of(current_viewer())


def is_own(account_id: int) -> bool:
    """Say whether this is the account of the administrator who asks."""
    return account_id == current_viewer().account_id


def known_groups() -> frozenset[str]:
    """Return the groups that open something, as the content has it at this moment."""
    return meanings.groups_of(_audiences())


def explained_groups(*, also: tuple[str, ...] = ()) -> tuple[Meaning, ...]:
    """Return every group that can be given or that somebody is in, with what it opens."""
    return meanings.explain_groups(_audiences(), known_groups() | people_search.groups_in_use(accounts()) | {*also})


def _audiences() -> Audiences:
    # Accounts know nothing of pages: the library is only asked for what lies below both.
    audiences: Audiences = current_app.extensions["library"].edition().audiences
    return audiences
