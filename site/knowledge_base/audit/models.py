"""The tables of the record: its rows, and the head that says where they begin and end.

Triggers (migration 0003) refuse to change a row, and to delete one except by the rule of retention.py.
"""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.db import Model, UtcDateTime

DIGEST = 64
THE_HEAD = 1


class AuditEvent(Model):
    """A row of the record. It names people as they were called on the day, and refers to no other table."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "kind", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    hash: Mapped[str] = mapped_column(String(DIGEST))


class AuditHead(Model):
    """The one row that says how many rows there are, so that a missing end shows, and up to which the rule deleted.

    Without a seal, as the migration makes it, nothing has been recorded yet.
    """

    __tablename__ = "audit_heads"
    __table_args__ = (CheckConstraint(f"id = {THE_HEAD}", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(DIGEST))
    forgotten: Mapped[int]
    forgotten_hash: Mapped[str] = mapped_column(String(DIGEST))
    seal: Mapped[str] = mapped_column(String(DIGEST))
