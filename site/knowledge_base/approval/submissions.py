"""Hand a change in, and decide about it. Each step is one function that owns check, change and record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.errors import (
    AlreadyDecidedError,
    ChangedMeanwhileError,
    CommentMissingError,
)
from knowledge_base.approval.models import Notice, State, SubmissionCommentRow, SubmissionFileRow, SubmissionRow
from knowledge_base.approval.outlook import (
    Outlook,
    check_approver,
    check_author,
    check_gate,
    look_ahead,
    title_of,
)
from knowledge_base.approval.queue import get_submission_for
from knowledge_base.approval.submission import Submission, contributor_of
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.db import LONDON
from knowledge_base.publishing.changes import Change, Contributor
from knowledge_base.publishing.errors import NotAllowedError
from knowledge_base.publishing.merge import merge
from knowledge_base.publishing.permission import can_approve
from knowledge_base.publishing.store import ContentStore

LONGEST_COMMENT = 5_000


def submit(
    store: ContentStore, change: Change, *, by: Contributor, publish_at: datetime | None = None, now: datetime
) -> int:
    """Hand a change in for a second person or, where its author is enough, for its time. Returns its number.

    The same change handed in twice is one submission. Raises NotAllowedError, GateError, EditConflictError and
    PublishingBusyError; nothing is kept then.
    """
    outlook = look_ahead(store, change)
    needs_second = check_author(change, outlook, by)
    merge(change.files, outlook.theirs)
    check_gate(change, outlook, viewer=by.viewer, now=now)
    is_scheduled = publish_at is not None and publish_at > now
    state = State.WAITING if needs_second or not is_scheduled else State.APPROVED
    with store.database.write() as session:
        known = session.scalar(select(SubmissionRow.id).where(SubmissionRow.publication == change.name))
        if known is not None:
            return known
        row = _row_of(change, by=by, title=title_of(change, outlook), state=state, now=now)
        row.publish_at = publish_at if is_scheduled else None
        row.notice = Notice.APPROVERS if state is State.WAITING else ""
        session.add(row)
        session.flush()
        if state is State.WAITING:
            event = Event(Kind.CHANGE_SUBMITTED, by.actor, subject=row.title)
        else:
            when = f"{publish_at.astimezone(LONDON):%-d %B %Y at %H:%M}" if publish_at else ""
            event = Event(Kind.CHANGE_SCHEDULED, by.actor, subject=row.title, details={"when": when})
        record(session, event, keys=store.keys, now=now)
        return row.id


def approve(  # noqa: PLR0913 - what, by whom, what they have seen, when it is to be live
    store: ContentStore,
    number: int,
    *,
    by: Contributor,
    seen: str,
    publish_at: datetime | None = None,
    now: datetime,
) -> None:
    """Approve what somebody else wrote. It is published at `publish_at`, else at its own time, else at once.

    `seen` is the digest of what the approver has looked at. Raises NotAllowedError, GateError, ChangedMeanwhileError
    or AlreadyDecidedError.
    """
    submission, outlook = _look_at(store, number, by.viewer)
    with store.database.read() as session:
        author = contributor_of(session, submission.author_id)
    if author is None:
        message = "Its author has no account any more, so it cannot be published. Send it back."
        raise NotAllowedError(message)
    check_approver(submission.change, outlook, by=author, approved_by=by)
    if outlook.is_conflict:
        merge(submission.change.files, outlook.theirs)
    if seen != outlook.digest:
        raise ChangedMeanwhileError
    check_gate(submission.change, outlook, viewer=by.viewer, now=now)
    values = {
        "approver_id": by.viewer.account_id,
        "approver_name": by.author.name,
        "publish_at": publish_at or submission.publish_at,
    }
    event = Event(Kind.CHANGE_APPROVED, by.actor, subject=submission.title, details={"author": submission.author_name})
    _decide(store, submission, State.APPROVED, by=by.actor, values=values, event=event, now=now)


def send_back(store: ContentStore, number: int, *, by: Contributor, comment: str, now: datetime) -> None:
    """Send a change back to its author, saying why.

    Raises NotAllowedError, CommentMissingError or AlreadyDecidedError.
    """
    submission, _ = _look_at(store, number, by.viewer)
    if not can_approve(by.viewer):
        message = "Only a publisher can send a change back."
        raise NotAllowedError(message)
    text = _checked(comment, "Say what should be different.")
    event = Event(Kind.CHANGE_SENT_BACK, by.actor, subject=submission.title, details={"author": submission.author_name})
    _decide(store, submission, State.SENT_BACK, by=by.actor, text=text, event=event, now=now)


def withdraw(store: ContentStore, number: int, *, by: Contributor, now: datetime) -> None:
    """Take one's own change back. Raises NotAllowedError or AlreadyDecidedError."""
    submission, _ = _look_at(store, number, by.viewer)
    if submission.author_id is None or submission.author_id != by.viewer.account_id:
        message = "Only its author can withdraw a change."
        raise NotAllowedError(message)
    event = Event(Kind.CHANGE_WITHDRAWN, by.actor, subject=submission.title)
    _decide(store, submission, State.WITHDRAWN, by=by.actor, event=event, now=now)


def comment(store: ContentStore, number: int, *, by: Contributor, text: str, now: datetime) -> None:
    """Say something about a submission to all who may see it. Raises CommentMissingError."""
    submission, _ = _look_at(store, number, by.viewer)
    text = _checked(text, "Write a comment.")
    with store.database.write() as session:
        session.add(_comment(submission.id, by.actor, "", text, now=now))


def _look_at(store: ContentStore, number: int, viewer: Viewer) -> tuple[Submission, Outlook]:
    """Return a submission for somebody who may see it. Raises NoSuchSubmissionError for everybody else."""
    submission = get_submission_for(store, number, viewer)
    return submission, look_ahead(store, submission.change)


def _decide(  # noqa: PLR0913 - what becomes of what, by whom, and what is told of it
    store: ContentStore,
    submission: Submission,
    state: State,
    *,
    by: Actor,
    text: str = "",
    values: Mapping[str, object] | None = None,
    event: Event,
    now: datetime,
) -> None:
    """Move an open submission on, unless somebody was quicker or it is going live at this moment."""
    from_states = [State.WAITING] if state is State.APPROVED else [State.WAITING, State.APPROVED]
    # Of what goes live at once its author is told when it is live.
    is_told = state is State.SENT_BACK or (state is State.APPROVED and (values or {}).get("publish_at"))
    with store.database.write() as session:
        moved = session.execute(
            update(SubmissionRow)
            .where(
                SubmissionRow.id == submission.id,
                SubmissionRow.state.in_(from_states),
                SubmissionRow.claimed_at.is_(None),
            )
            .values(state=state, changed_at=now, notice=Notice.AUTHOR if is_told else "", **(values or {}))
        )
        if cast("CursorResult[Any]", moved).rowcount != 1:
            raise AlreadyDecidedError
        session.add(_comment(submission.id, by, state, text, now=now))
        session.flush()
        record(session, event, keys=store.keys, now=now)


def _row_of(change: Change, *, by: Contributor, title: str, state: State, now: datetime) -> SubmissionRow:
    return SubmissionRow(
        publication=change.name,
        subject=change.subject,
        title=title,
        note=change.note,
        is_minor=change.is_minor,
        kind=change.kind.value,
        details=dict(change.details),
        trailers=dict(change.trailers),
        author_id=by.viewer.account_id,
        author_name=by.author.name,
        actor_name=by.actor.name,
        state=state,
        submitted_at=now,
        changed_at=now,
        files=[SubmissionFileRow(path=one.path, content=one.content, base=one.base) for one in change.files],
        comments=[],
    )


def _comment(number: int, by: Actor, state: str, text: str, *, now: datetime) -> SubmissionCommentRow:
    return SubmissionCommentRow(
        submission_id=number, account_id=by.account_id, name=by.name, state=state, text=text, at=now
    )


def _checked(text: str, otherwise: str) -> str:
    tidy = text.replace("\r\n", "\n").strip()
    if not tidy:
        raise CommentMissingError(otherwise)
    return tidy[:LONGEST_COMMENT]
