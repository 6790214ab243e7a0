"""The table of what readers reported."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.db import Model, UtcDateTime

LONGEST_PATH = 300
LONGEST_SECTION = 300


class ReportRow(Model):
    """What somebody said is wrong on a page. `requirement` is what one must be allowed to read in order to see it.

    `revision` is that of the page as the reader had it before them. `address_key`, a keyed hash, is kept for a day, to
    count by.
    """

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    page_path: Mapped[str] = mapped_column(String(LONGEST_PATH), index=True)
    section: Mapped[str] = mapped_column(String(LONGEST_SECTION))
    revision: Mapped[str] = mapped_column(String(64))
    requirement: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    address_key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    done_by: Mapped[str] = mapped_column(String(200), default="")
    done_note: Mapped[str] = mapped_column(Text, default="")
