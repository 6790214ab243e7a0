"""A submission as the rest of the site sees it, and the people who wrote and approved it as they are today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import person_of
from knowledge_base.approval.models import State, Step, SubmissionRow
from knowledge_base.audit.events import Actor, Kind
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.repository.repository import Author


@dataclass(frozen=True)
class Comment:
    """What somebody said, or did: `step` is None for mere words."""

    name: str
    text: str
    step: Step | None
    at: datetime


@dataclass(frozen=True)
class Submission:
    """A change that was handed in, and what has become of it."""

    id: int
    change: Change
    title: str
    author_id: int | None
    author_name: str
    approver_name: str
    state: State
    failure: str
    revision: str | None
    publish_at: datetime | None
    submitted_at: datetime
    changed_at: datetime
    comments: tuple[Comment, ...]

    @property
    def is_open(self) -> bool:
        """Whether something may still be done with it."""
        return self.state in {State.WAITING, State.APPROVED}

    @property
    def is_scheduled(self) -> bool:
        """Whether it goes live at a set time."""
        return self.state is State.APPROVED and self.publish_at is not None


def submission_of(row: SubmissionRow, *, files: Iterable[FileChange] | None = None) -> Submission:
    """Return the row as a value, with its own files unless others are given."""
    if files is None:
        files = (FileChange(file.path, file.content, file.base) for file in row.files)
    change = Change(
        tuple(files),
        subject=row.subject,
        note=row.note,
        is_minor=row.is_minor,
        kind=Kind(row.kind),
        details=row.details,
        trailers=row.trailers,
        name=row.publication,
    )
    return Submission(
        id=row.id,
        change=change,
        title=row.title,
        author_id=row.author_id,
        author_name=row.author_name,
        approver_name=row.approver_name,
        state=State(row.state),
        failure=row.failure,
        revision=row.revision,
        publish_at=row.publish_at,
        submitted_at=row.submitted_at,
        changed_at=row.changed_at,
        comments=tuple(
            Comment(one.name, one.text, Step(one.state) if one.state else None, one.at) for one in row.comments
        ),
    )


def contributor_of(session: Session, account_id: int | None, *, actor_name: str = "") -> Contributor | None:
    """Return a person as they are today, or None for one who is not let in any more."""
    account = session.get(Account, account_id) if account_id is not None else None
    if account is None or account.disabled_at is not None:
        return None
    person = person_of(account)
    actor = Actor(person.account_id, actor_name or person.name)
    return Contributor(person.viewer, Author(person.name, person.email), actor)
