"""The files that go with a draft, until both are published together."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Delete, delete, func, select

from knowledge_base.editing.draft import Draft
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.models import DraftFileRow, DraftRow
from knowledge_base.pages.attachments import ADDRESS
from knowledge_base.pages.file_kinds import KINDS, size_in_words
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.store import ContentStore

MOST_FILES = 30
LARGEST_TOGETHER = 50_000_000


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

    @property
    def details(self) -> str:
        """What the file is, as readers are told: PDF, 240 kB."""
        kind = next((kind.name for kind in KINDS if kind.media_type == self.media_type), "file")
        return f"{kind}, {size_in_words(len(self.content))}"

    def markdown(self, page_path: str) -> str:
        """Return what to write into the page to show the file, or to lead to it."""
        words = self.alt or self.name.rpartition(".")[0].replace("-", " ").capitalize()
        words = words.replace("[", "(").replace("]", ")")
        return f"{'!' if self.is_picture else ''}[{words}]({ADDRESS}{url_of(page_path).rstrip('/')}/{self.name})"


def files_of(store: ContentStore, draft: Draft) -> tuple[DraftFile, ...]:
    """Return the files of a draft, by name."""
    query = select(DraftFileRow).where(DraftFileRow.draft_id == draft.id).order_by(DraftFileRow.name)
    with store.database.read() as session:
        return tuple(DraftFile(row.name, row.kind, row.content, row.alt) for row in session.scalars(query))


def add_file(store: ContentStore, draft: Draft, file: DraftFile, *, now: datetime) -> None:
    """Let a file go with a draft, in the place of one of the same name. Raises UploadRefusedError for too many."""
    others = (DraftFileRow.draft_id == draft.id, DraftFileRow.name != file.name)
    with store.database.write() as session:
        query = select(func.count(), func.coalesce(func.sum(func.length(DraftFileRow.content)), 0)).where(*others)
        count, size = session.execute(query).one()
        if count >= MOST_FILES or size + len(file.content) > LARGEST_TOGETHER:
            message = (
                f"A draft can have {MOST_FILES} files of {LARGEST_TOGETHER // 1_000_000} MB together. "
                "Publish it, then go on."
            )
            raise UploadRefusedError(message)
        session.execute(_named(draft, file.name))
        session.add(
            DraftFileRow(
                draft_id=draft.id,
                name=file.name,
                kind=file.media_type,
                content=file.content,
                alt=file.alt,
                created_at=now,
            )
        )
        row = session.get_one(DraftRow, draft.id)
        row.updated_at = now


def remove_file(store: ContentStore, draft: Draft, name: str) -> None:
    """Take a file away from a draft."""
    with store.database.write() as session:
        session.execute(_named(draft, name))


def _named(draft: Draft, name: str) -> Delete:
    return delete(DraftFileRow).where(DraftFileRow.draft_id == draft.id, DraftFileRow.name == name)
