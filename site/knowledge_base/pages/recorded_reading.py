"""Record who read a page whose folder asks for it: once for each person, page and day, and never in a reader's way."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import read_head, record
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import LONDON, Database

# Where the database is busy for longer the page is shown all the same, and its next reading that day is recorded.
PATIENCE = timedelta(milliseconds=50)


def record_reading(database: Database, keys: ChainKeys, reader: Viewer, url: str, *, now: datetime) -> None:
    """Record that the person read the page, unless it is recorded for today, by London's time, already.

    Raises SQLAlchemyError when it cannot be recorded now.
    """
    event = Event(Kind.RESTRICTED_PAGE_READ, Actor.of(reader), subject=url)
    with database.read() as session:
        if _is_recorded(session, event, now=now):
            return
    with database.write(patience=PATIENCE) as session:
        # Two windows that are opened at once wait here, where transactions may overlap.
        read_head(session, lock=True)
        if not _is_recorded(session, event, now=now):
            record(session, event, keys=keys, now=now)


def _is_recorded(session: Session, event: Event, *, now: datetime) -> bool:
    today = datetime.combine(now.astimezone(LONDON).date(), time.min, LONDON)
    same = select(func.count()).where(
        AuditEvent.kind == event.kind,
        AuditEvent.at >= today,
        AuditEvent.actor_id == event.actor.account_id,
        AuditEvent.subject == event.subject,
    )
    return bool(session.scalar(same))
