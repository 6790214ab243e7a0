"""The tables of editing: drafts, the files and links that go with them, and what was typed while signed out."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.db import Model, UtcDateTime

LONGEST_PATH = 400
LONGEST_NAME = 100
LONGEST_ALT = 500
DIGEST = 64


class DraftRow(Model):
    """What one person makes of one page. `base` is the page's file as it was when they began: none for a new page.

    `version` goes up with each change that is saved, and begins anywhere: a window that still shows a draft which is
    gone must not pass for one of the next. For the same reason no `id` comes twice. `publication` is the name under
    which it was last handed in, `publish_note` what was typed on the way there.
    """

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("account_id", "page_path"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    page_path: Mapped[str] = mapped_column(String(LONGEST_PATH), index=True)
    base_revision: Mapped[str | None] = mapped_column(String(64))
    base: Mapped[bytes | None] = mapped_column(LargeBinary)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    publication: Mapped[str | None] = mapped_column(String(32))
    publish_note: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    shared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftFileRow(Model):
    """A picture or a document that goes live with its draft. Without `content` it is taken off the page.

    `kind` is its media type, `base_digest` that of the published file whose place it takes: None for a new file.
    """

    __tablename__ = "draft_files"
    __table_args__ = (UniqueConstraint("draft_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    kind: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    base_digest: Mapped[str | None] = mapped_column(String(DIGEST))
    alt: Mapped[str] = mapped_column(String(LONGEST_ALT))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftLinkRow(Model):
    """A link with which somebody may look at a draft. Only the hash of its token is kept."""

    __tablename__ = "draft_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeptTextRow(Model):
    """What somebody sent after their sign-in had ended, until they are back. `version` is of the draft they had."""

    __tablename__ = "kept_texts"
    __table_args__ = (UniqueConstraint("account_id", "page_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    page_path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
