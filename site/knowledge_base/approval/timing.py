"""Set another time for a change that is approved and not live yet."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.errors import AlreadyDecidedError
from knowledge_base.approval.models import Notice, State, Step, SubmissionCommentRow, SubmissionRow
from knowledge_base.approval.queue import get_submission_for
from knowledge_base.approval.submission import Submission
from knowledge_base.audit.events import Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.db import LONDON
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.errors import NotAllowedError
from knowledge_base.publishing.permission import can_approve
from knowledge_base.publishing.store import ContentStore


def may_set_time(submission: Submission, viewer: Viewer) -> bool:
    """Say whether somebody who may see a submission may set another time for it.

    A publisher may; its author too, unless a second person approved it: for the time that was set then.
    """
    if submission.state is not State.APPROVED:
        return False
    if submission.author_id is not None and submission.author_id == viewer.account_id:
        return not submission.approver_name
    return can_approve(viewer)


def set_time(store: ContentStore, number: int, *, by: Contributor, publish_at: datetime, now: datetime) -> None:
    """Let an approved change go live at another time, which may be now.

    Raises NoSuchSubmissionError, NotAllowedError or, when it is live already or goes live at this moment,
    AlreadyDecidedError.
    """
    submission = get_submission_for(store, number, by.viewer)
    if submission.state is not State.APPROVED:
        raise AlreadyDecidedError
    if not may_set_time(submission, by.viewer):
        message = "Only a publisher who did not write a change can set another time for it."
        raise NotAllowedError(message)
    is_for_others = publish_at > now and submission.author_id != by.viewer.account_id
    when = f"{publish_at.astimezone(LONDON):%-d %B %Y at %H:%M}"
    said = SubmissionCommentRow(
        submission_id=number, account_id=by.actor.account_id, name=by.actor.name, state=Step.TIME_SET, text=when, at=now
    )
    with store.database.write() as session:
        moved = session.execute(
            update(SubmissionRow)
            .where(
                SubmissionRow.id == number,
                SubmissionRow.state == State.APPROVED,
                SubmissionRow.claimed_at.is_(None),
            )
            .values(publish_at=publish_at, changed_at=now, notice=Notice.NEW_TIME if is_for_others else "")
        )
        if cast("CursorResult[Any]", moved).rowcount != 1:
            raise AlreadyDecidedError
        session.add(said)
        event = Event(Kind.CHANGE_SCHEDULED, by.actor, subject=submission.title, details={"when": when})
        record(session, event, keys=store.keys, now=now)
