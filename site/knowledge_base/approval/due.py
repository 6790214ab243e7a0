"""Publish what is approved and due: once, whichever process comes to it, and also after one was killed on the way."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, or_, select, update

from knowledge_base.approval.models import Notice, State, SubmissionCommentRow, SubmissionRow
from knowledge_base.approval.submission import Submission, contributor_of, submission_of
from knowledge_base.audit.events import SITE
from knowledge_base.publishing import journal
from knowledge_base.publishing.changes import Change, Contributor, new_name
from knowledge_base.publishing.errors import NotAllowedError, PublishingBusyError, PublishingError
from knowledge_base.publishing.models import Publication
from knowledge_base.publishing.models import State as PublicationState
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.recovery import make_ready
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError

logger = logging.getLogger(__name__)

# A process that has not finished by then was killed.
CLAIM_LASTS = timedelta(minutes=5)


class Waiting:
    """What each submission waits for, as the log was told: a state that lasts is said once."""

    def __init__(self) -> None:
        self._said: dict[int, str] = {}

    def note(self, number: int, why: str) -> None:
        """Say why a submission could not be published yet, unless that was the last thing said of it."""
        if self._said.get(number) != why:
            self._said[number] = why
            logger.warning("Submission %s could not be published yet: %s", number, why)

    def forget(self, number: int) -> None:
        """Note that a submission waits no more."""
        self._said.pop(number, None)


# Of this process.
waiting = Waiting()


def run_due(store: ContentStore, *, now: datetime) -> int:
    """Publish every approved change whose time has come. Returns how many were dealt with. Quick when there is none."""
    query = select(SubmissionRow.id).where(_is_due(now)).order_by(SubmissionRow.publish_at, SubmissionRow.id)
    with store.database.read() as session:
        numbers = list(session.scalars(query))
    return sum(publish_due(store, number, now=now) for number in numbers)


def publish_due(store: ContentStore, number: int, *, now: datetime) -> bool:
    """Publish one approved change, if its time has come and nobody else is doing so. Says whether it was dealt with.

    What stands in the way is kept with the submission for people to see; while nothing at all can be published it stays
    due.
    """
    if not _claim(store, number, now=now):
        return False
    with store.database.read() as session:
        row = session.get_one(SubmissionRow, number)
        submission = submission_of(row)
        author = contributor_of(session, row.author_id, actor_name=row.actor_name)
        approver = contributor_of(session, row.approver_id)
        is_approved = bool(row.approver_name)
    try:
        change = _as_it_can_be_published(store, submission, now=now)
        if change is None:
            # Whoever began it was killed between publishing and saying so here.
            _end(store, submission, State.PUBLISHED, revision=_revision_of(store, submission), now=now)
            return True
        people = _checked_people(author, approver, is_approved=is_approved)
        published = publish(store, change, by=people[0], approved_by=people[1], now=now)
    except (PublishingBusyError, GitError) as error:
        waiting.note(number, str(error))
        _release(store, number)
        return False
    except PublishingError as error:
        waiting.forget(number)
        _end(store, submission, State.FAILED, failure=str(error), now=now)
        return True
    waiting.forget(number)
    _end(store, submission, State.PUBLISHED, revision=published.revision, now=now)
    return True


def _as_it_can_be_published(store: ContentStore, submission: Submission, *, now: datetime) -> Change | None:
    """Return the change under a name that no publication has had, or None where it is live already."""
    change, state = submission.change, journal.state_of(store, submission.change.name)
    if state is PublicationState.BEGUN:
        with store.locked():
            make_ready(store, now=now)
        state = journal.state_of(store, change.name)
    if state is PublicationState.DONE:
        return None
    if state is not None:
        change = replace(change, name=new_name())
        with store.database.write() as session:
            renamed = update(SubmissionRow).where(SubmissionRow.id == submission.id)
            session.execute(renamed.values(publication=change.name))
    return change


def _checked_people(
    author: Contributor | None, approver: Contributor | None, *, is_approved: bool
) -> tuple[Contributor, Contributor | None]:
    """Return the people in whose names it is published. Raises NotAllowedError when one of them is let in no more."""
    if author is None or (is_approved and approver is None):
        who = "author" if author is None else "approver"
        message = f"Its {who} has no account any more."
        raise NotAllowedError(message)
    return author, approver


def _is_due(now: datetime) -> ColumnElement[bool]:
    claimed_at = SubmissionRow.claimed_at
    # One from the future was made before somebody set the clock back.
    is_free = or_(claimed_at.is_(None), claimed_at < now - CLAIM_LASTS, claimed_at > now + CLAIM_LASTS)
    is_time = or_(SubmissionRow.publish_at.is_(None), SubmissionRow.publish_at <= now)
    return (SubmissionRow.state == State.APPROVED) & is_time & is_free


def _claim(store: ContentStore, number: int, *, now: datetime) -> bool:
    with store.database.write() as session:
        claimed = session.execute(
            update(SubmissionRow).where(SubmissionRow.id == number, _is_due(now)).values(claimed_at=now)
        )
        return cast("CursorResult[Any]", claimed).rowcount == 1


def _release(store: ContentStore, number: int) -> None:
    with store.database.write() as session:
        session.execute(update(SubmissionRow).where(SubmissionRow.id == number).values(claimed_at=None))


def _end(  # noqa: PLR0913 - what became of what, and why
    store: ContentStore,
    submission: Submission,
    state: State,
    *,
    failure: str = "",
    revision: str | None = None,
    now: datetime,
) -> None:
    with store.database.write() as session:
        session.execute(
            update(SubmissionRow)
            .where(SubmissionRow.id == submission.id)
            .values(
                state=state,
                failure=failure,
                revision=revision,
                claimed_at=None,
                changed_at=now,
                notice=Notice.AUTHOR,
            )
        )
        session.add(
            SubmissionCommentRow(submission_id=submission.id, name=SITE.name, state=state, text=failure, at=now)
        )


def _revision_of(store: ContentStore, submission: Submission) -> str | None:
    with store.database.read() as session:
        return session.scalar(select(Publication.revision).where(Publication.id == submission.change.name))
