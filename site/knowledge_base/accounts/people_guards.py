"""What the pages about people have from the rest of the site: who administers, and which groups there are."""

from knowledge_base.access.guards import current_viewer
from knowledge_base.accounts import meanings, people_search
from knowledge_base.accounts.guards import accounts
from knowledge_base.accounts.meanings import Meaning
from knowledge_base.accounts.models import Role
from knowledge_base.accounts.view_as_guards import known_audiences
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
    return meanings.groups_of(known_audiences())


def explained_groups(*, also: tuple[str, ...] = ()) -> tuple[Meaning, ...]:
    """Return every group that can be given or that somebody is in, with what it opens."""
    groups = known_groups() | people_search.groups_in_use(accounts()) | {*also}
    return meanings.explain_groups(known_audiences(), groups)
