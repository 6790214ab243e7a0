"""The files that go with a draft, until both are published together: new ones, and what becomes of published ones."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Delete, delete, func, select
from sqlalchemy.orm import Session

from knowledge_base.editing.draft import Draft
from knowledge_base.editing.errors import UploadRefusedError
from knowledge_base.editing.models import DraftFileRow, DraftRow
from knowledge_base.pages.attachments import ADDRESS, folder_for
from knowledge_base.pages.file_kinds import KINDS, size_in_words
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.changes import ATTACHMENT, FileChange
from knowledge_base.publishing.store import ContentStore

MOST_FILES = 30
LARGEST_TOGETHER = 50_000_000
# Goes with nothing that could be published, so that publishing says that the file is not what its author saw.
_SOMETHING_ELSE = b"\0"


@dataclass(frozen=True)
class DraftFile:
    """A picture, with its alternative text, or a document. `media_type` is what its content is.

    Without content the published file is to go. `base_digest` is that of the published file when this was decided.
    """

    name: str
    media_type: str
    content: bytes | None
    alt: str
    base_digest: str | None = None

    @property
    def is_picture(self) -> bool:
        """Whether the page shows it."""
        return self.media_type.startswith("image/")

    @property
    def details(self) -> str:
        """What the file is, as readers are told: PDF, 240 kB."""
        kind = next((kind.name for kind in KINDS if kind.media_type == self.media_type), "file")
        return f"{kind}, {size_in_words(len(self.content or b''))}"

    def markdown(self, page_path: str) -> str:
        """Return what to write into the page to show the file, or to lead to it."""
        words = self.alt or self.name.rpartition(".")[0].replace("-", " ").capitalize()
        words = words.replace("[", "(").replace("]", ")")
        return f"{'!' if self.is_picture else ''}[{words}]({address_of(page_path, self.name)})"


def address_of(page_path: str, name: str) -> str:
    """Return the address that a page's file has once it is published."""
    return f"{ADDRESS}{url_of(page_path).rstrip('/')}/{name}"


def files_of(store: ContentStore, draft: Draft) -> tuple[DraftFile, ...]:
    """Return the files of a draft, by name."""
    query = select(DraftFileRow).where(DraftFileRow.draft_id == draft.id).order_by(DraftFileRow.name)
    with store.database.read() as session:
        return tuple(
            DraftFile(row.name, row.kind, row.content, row.alt, row.base_digest) for row in session.scalars(query)
        )


def changes_of(store: ContentStore, draft: Draft, files: tuple[DraftFile, ...]) -> tuple[FileChange, ...]:
    """Return what publishing a draft does to the files of its page."""
    changes = []
    for file in files:
        path = f"{folder_for(draft.page_path)}/{file.name}"
        published = store.files.read(path)
        is_as_seen = digest_of(published) == file.base_digest
        base = published if is_as_seen else _SOMETHING_ELSE if file.base_digest else None
        changes.append(FileChange(path, file.content, base))
    return tuple(changes)


def add_file(store: ContentStore, draft: Draft, file: DraftFile, *, now: datetime) -> None:
    """Let a file go with a draft, in the place of one of the same name. Raises UploadRefusedError for too many."""
    put_file(store, draft, replace(file, base_digest=published_digest(store, draft, file.name)), now=now)


def take_away(store: ContentStore, draft: Draft, name: str, *, now: datetime) -> None:
    """Let a published file go, together with the draft. One that the page does not have is none to take away."""
    if not ATTACHMENT.fullmatch(f"{folder_for(draft.page_path)}/{name}"):
        return
    if (digest := published_digest(store, draft, name)) is not None:
        put_file(store, draft, DraftFile(name, "", None, "", digest), now=now)


def put_file(store: ContentStore, draft: Draft, file: DraftFile, *, now: datetime) -> None:
    """Do the same with a file whose `base_digest` is known."""
    others = (DraftFileRow.draft_id == draft.id, DraftFileRow.name != file.name)
    with store.database.write() as session:
        query = select(func.count(), func.coalesce(func.sum(func.length(DraftFileRow.content)), 0)).where(*others)
        count, size = session.execute(query).one()
        if count >= MOST_FILES or size + len(file.content or b"") > LARGEST_TOGETHER:
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
                base_digest=file.base_digest,
                alt=file.alt,
                created_at=now,
            )
        )
        _note_change(session, draft, now)


def remove_file(store: ContentStore, draft: Draft, name: str, *, now: datetime) -> None:
    """Leave a file of a draft as it is published, or unpublished."""
    with store.database.write() as session:
        session.execute(_named(draft, name))
        _note_change(session, draft, now)


def accept_published_files(store: ContentStore, draft: Draft) -> None:
    """Say that the draft's author has seen the files as they are published now, and that theirs stand against those."""
    for file in files_of(store, draft):
        digest = published_digest(store, draft, file.name)
        with store.database.write() as session:
            if digest is None and file.content is None:
                session.execute(_named(draft, file.name))
            elif row := session.scalar(
                select(DraftFileRow).where(DraftFileRow.draft_id == draft.id, DraftFileRow.name == file.name)
            ):
                row.base_digest = digest


def published_digest(store: ContentStore, draft: Draft, name: str) -> str | None:
    """Return the digest of what is published under a file's name."""
    return digest_of(store.files.read(f"{folder_for(draft.page_path)}/{name}"))


def digest_of(content: bytes | None) -> str | None:
    """Return one word for a file's content: None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def _note_change(session: Session, draft: Draft, now: datetime) -> None:
    # A draft whose files changed while it was being published is not gone with the publication.
    session.get_one(DraftRow, draft.id).updated_at = now


def _named(draft: Draft, name: str) -> Delete:
    return delete(DraftFileRow).where(DraftFileRow.draft_id == draft.id, DraftFileRow.name == name)
