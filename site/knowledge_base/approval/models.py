"""The tables of changes that wait for a second person, or for their time."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge_base.db import Model, UtcDateTime
from knowledge_base.publishing.models import LONGEST_SUBJECT

LONGEST_NAME = 200
LONGEST_EMAIL = 254


class State(StrEnum):
    """How far a submission has come. An approved one is published at its time, or at once."""

    WAITING = "waiting"
    APPROVED = "approved"
    SENT_BACK = "sent-back"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    FAILED = "failed"


class Step(StrEnum):
    """What somebody did with a submission, besides saying something: most steps are named after what it then became."""

    APPROVED = State.APPROVED.value
    SENT_BACK = State.SENT_BACK.value
    WITHDRAWN = State.WITHDRAWN.value
    PUBLISHED = State.PUBLISHED.value
    FAILED = State.FAILED.value
    TIME_SET = "time-set"


class Notice(StrEnum):
    """Whom a letter is still to be sent to, and of what."""

    APPROVERS = "approvers"
    AUTHOR = "author"
    NEW_TIME = "new-time"


class SubmissionFileRow(Model):
    """A file as it is to become, and as it was when its author began."""

    __tablename__ = "submission_files"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(String(LONGEST_SUBJECT), primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    base: Mapped[bytes | None] = mapped_column(LargeBinary)


class SubmissionCommentRow(Model):
    """What somebody said about a submission, or did with it: `state` is the step, empty for mere words."""

    __tablename__ = "submission_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    state: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SubmissionRow(Model):
    """A change handed in. `publication` is its name in the journal; `claimed_at` is when a process began to publish it.

    The author's name stays when the account goes; nothing of theirs is published then.
    """

    __tablename__ = "submissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    publication: Mapped[str] = mapped_column(String(32), unique=True)
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    title: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    is_minor: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    trailers: Mapped[dict[str, str]] = mapped_column(JSON)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"), index=True)
    author_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    actor_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    approver_name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    state: Mapped[str] = mapped_column(String(12), index=True)
    failure: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[str | None] = mapped_column(String(64))
    notice: Mapped[str] = mapped_column(String(12), default="", index=True)
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    files: Mapped[list[SubmissionFileRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=SubmissionFileRow.path
    )
    comments: Mapped[list[SubmissionCommentRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=SubmissionCommentRow.id
    )
