"""What was done with a page, for the person who did it."""

from dataclasses import dataclass

from sqlalchemy import select

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Kind
from knowledge_base.publishing.models import Publication, State
from knowledge_base.publishing.moves import REASON
from knowledge_base.publishing.store import ContentStore

_HEADINGS = {
    Kind.PAGE_MOVED: "Moved",
    Kind.PAGE_WITHDRAWN: "Withdrawn",
    Kind.PAGE_DELETED: "Deleted",
    Kind.PAGE_BROUGHT_BACK: "Brought back",
}


@dataclass(frozen=True)
class Done:
    """What a publication did. `title` is the page's with its old address, `to` the new one."""

    heading: str
    title: str
    page_path: str
    to: str
    reason: str


def what_was_done(store: ContentStore, name: str, *, by: Viewer) -> Done | None:
    """Return what a publication of the person's own did with a page, or None."""
    with store.database.read() as session:
        row = session.scalar(select(Publication).where(Publication.id == name, Publication.state == State.DONE))
        if row is None or row.account_id is None or row.account_id != by.account_id or row.kind not in _HEADINGS:
            return None
        heading = _HEADINGS[Kind(row.kind)]
        return Done(heading, row.title, row.subject, row.details.get("to", ""), row.details.get(REASON, ""))
