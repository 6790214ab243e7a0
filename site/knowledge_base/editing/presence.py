"""Who else is editing a page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.models import Account
from knowledge_base.editing.draft import draft_of
from knowledge_base.editing.models import DraftRow
from knowledge_base.publishing.store import ContentStore

# Somebody whose draft changed this recently is editing the page.
RECENTLY = timedelta(minutes=15)


@dataclass(frozen=True)
class OtherEditor:
    """Somebody else who has a draft of the page. `is_editing`: it changed within the last quarter of an hour."""

    name: str
    is_editing: bool


def other_editors(store: ContentStore, page_path: str, *, by: Viewer, now: datetime) -> tuple[OtherEditor, ...]:
    """Return who else has changed something in a draft of the page."""
    query = (
        select(DraftRow, Account.name)
        .join(Account, Account.id == DraftRow.account_id)
        .where(DraftRow.page_path == page_path, DraftRow.account_id != by.account_id, Account.disabled_at.is_(None))
        .order_by(DraftRow.updated_at.desc())
    )
    with store.database.read() as session:
        found = [(draft_of(row), name) for row, name in session.execute(query)]
    return tuple(OtherEditor(name, now - draft.updated_at < RECENTLY) for draft, name in found if draft.is_changed)
