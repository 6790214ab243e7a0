"""The files that go with a draft, until both are published together."""

from dataclasses import dataclass

from sqlalchemy import select

from knowledge_base.editing.draft import Draft
from knowledge_base.editing.models import DraftFileRow
from knowledge_base.publishing.store import ContentStore


@dataclass(frozen=True)
class DraftFile:
    """A picture, with its alternative text, or a document. `media_type` is what its content is."""

    name: str
    media_type: str
    content: bytes
    alt: str

    @property
    def is_picture(self) -> bool:
        """Whether the page shows it."""
        return self.media_type.startswith("image/")


def files_of(store: ContentStore, draft: Draft) -> tuple[DraftFile, ...]:
    """Return the files of a draft, by name."""
    query = select(DraftFileRow).where(DraftFileRow.draft_id == draft.id).order_by(DraftFileRow.name)
    with store.database.read() as session:
        return tuple(DraftFile(row.name, row.kind, row.content, row.alt) for row in session.scalars(query))
