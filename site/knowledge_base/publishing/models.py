"""The journal of publishing: what was begun, so that a process that was killed can be followed up by another."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.db import Model, UtcDateTime

LONGEST_SUBJECT = 300
LONGEST_NAME = 32


class State(StrEnum):
    """How far a publication has come."""

    BEGUN = "begun"
    DONE = "done"
    ABANDONED = "abandoned"


class Publication(Model):
    """One change on its way into git and onto the disk, with what the record is told once it is there.

    `revision` is its commit. While it is only begun, that is known of what was made elsewhere and nothing else.
    """

    __tablename__ = "publications"

    id: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    revision: Mapped[str | None] = mapped_column(String(64))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
