"""Keep account of each publication from before its commit until it is live and recorded."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.publishing.changes import Change, Contributor
from knowledge_base.publishing.models import LONGEST_SUBJECT, Publication, State
from knowledge_base.publishing.store import ContentStore


def begin(store: ContentStore, change: Change, *, by: Contributor, title: str, now: datetime) -> None:
    """Note that a change is about to be committed."""
    details = dict(change.details)
    if change.kind is Kind.PAGE_PUBLISHED:
        details["note"] = change.note
    event = Event(change.kind, by.actor, subject=title, details=details)
    with store.database.write() as session:
        session.add(_row(event, name=change.name, subject=change.subject, now=now))


def begin_bringing_in(store: ContentStore, event: Event, *, name: str, revision: str, now: datetime) -> None:
    """Note that a commit with changes that were made elsewhere is about to be the newest one."""
    with store.database.write() as session:
        found = session.get(Publication, name)
        if found is None:
            session.add(_row(event, name=name, subject=event.subject, revision=revision, now=now))
        elif found.state != State.DONE:
            found.state, found.revision = State.BEGUN, revision


def _row(event: Event, *, name: str, subject: str, revision: str | None = None, now: datetime) -> Publication:
    return Publication(
        id=name,
        state=State.BEGUN,
        subject=subject[:LONGEST_SUBJECT],
        account_id=event.actor.account_id,
        actor_name=event.actor.name,
        kind=event.kind.value,
        title=event.subject,
        details=dict(event.details),
        revision=revision,
        begun_at=now,
    )


def finish(store: ContentStore, name: str, *, revision: str, now: datetime) -> None:
    """Note that a publication is live, and record it. Does nothing for one that is noted already.

    One that was given up is live all the same when its commit arrives at the shared remote later than anybody waits.
    """
    with store.database.write() as session:
        found = session.get(Publication, name)
        if found is None or found.state == State.DONE:
            return
        found.state, found.revision, found.ended_at = State.DONE, revision, now
        actor = Actor(found.account_id, found.actor_name)
        event = Event(Kind(found.kind), actor, subject=found.title, details=found.details)
        session.flush()
        record(session, event, keys=store.keys, now=now)


def abandon(store: ContentStore, name: str, *, now: datetime) -> None:
    """Note that nothing of a publication is live."""
    with store.database.write() as session:
        session.execute(
            update(Publication)
            .where(Publication.id == name, Publication.state == State.BEGUN)
            .values(state=State.ABANDONED, revision=None, ended_at=now)
        )


@dataclass(frozen=True)
class Begun:
    """A publication that was begun and neither finished nor abandoned.

    `brought_in` is the commit with changes made elsewhere which it was to make the newest one.
    """

    name: str
    brought_in: str | None


def begun(store: ContentStore) -> list[Begun]:
    """Return what is only begun, the oldest first."""
    query = select(Publication.id, Publication.revision).where(Publication.state == State.BEGUN)
    with store.database.read() as session:
        return [Begun(name, revision) for name, revision in session.execute(query.order_by(Publication.begun_at))]


def is_of_another_commit(store: ContentStore, name: str, revision: str) -> bool:
    """Say whether this commit is not the publication of this name: there is none, or another commit was recorded."""
    query = select(Publication.state, Publication.revision).where(Publication.id == name)
    with store.database.read() as session:
        found = session.execute(query).first()
    return found is None or (found.state == State.DONE and found.revision != revision)


def state_of(store: ContentStore, name: str) -> State | None:
    """Return how far a publication has come, or None when there is none of this name."""
    with store.database.read() as session:
        state = session.scalar(select(Publication.state).where(Publication.id == name))
        return State(state) if state else None
