"""Keep account of each publication from before its commit until it is live and recorded."""

from datetime import datetime

from sqlalchemy import select, update

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.publishing.changes import Change, Contributor
from knowledge_base.publishing.models import LONGEST_NAME, LONGEST_SUBJECT, Publication, State
from knowledge_base.publishing.store import ContentStore


def begin(store: ContentStore, change: Change, *, by: Contributor, title: str, now: datetime) -> None:
    """Note that a change is about to be committed."""
    details = dict(change.details)
    if change.kind is Kind.PAGE_PUBLISHED:
        details["note"] = change.note
    event = Event(change.kind, by.actor, subject=title, details=details)
    with store.database.write() as session:
        session.add(_row(change.name, event, State.BEGUN, subject=change.subject[:LONGEST_SUBJECT], begun_at=now))


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
            .values(state=State.ABANDONED, ended_at=now)
        )


def note_pulled(store: ContentStore, commit: str, event: Event, *, now: datetime) -> None:
    """Record what a commit brought that was made with git, once, whichever node brings it in first."""
    name = commit[:LONGEST_NAME]
    with store.database.write() as session:
        if session.get(Publication, name) is None:
            session.add(_row(name, event, State.DONE, revision=commit, begun_at=now, ended_at=now))
            session.flush()
            record(session, event, keys=store.keys, now=now)


def begun(store: ContentStore) -> list[str]:
    """Return the publications that were begun and neither finished nor abandoned, the oldest first."""
    with store.database.read() as session:
        query = select(Publication.id).where(Publication.state == State.BEGUN).order_by(Publication.begun_at)
        return list(session.scalars(query))


def state_of(store: ContentStore, name: str) -> State | None:
    """Return how far a publication has come, or None when there is none of this name."""
    with store.database.read() as session:
        state = session.scalar(select(Publication.state).where(Publication.id == name))
        return State(state) if state else None


def _row(name: str, event: Event, state: State, *, subject: str = "", **others: object) -> Publication:
    return Publication(
        id=name,
        state=state,
        subject=subject,
        account_id=event.actor.account_id,
        actor_name=event.actor.name,
        kind=event.kind.value,
        title=event.subject,
        details=dict(event.details),
        **others,
    )
