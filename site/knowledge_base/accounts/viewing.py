"""Viewing the site as another reader: its start and its end, each recorded once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base.access.audiences import Audiences
from knowledge_base.access.policy import Viewer
from knowledge_base.access.view_as import Choice, End, Viewing, may_view_as
from knowledge_base.accounts.errors import ViewAsRefusedError
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import read_head, record
from knowledge_base.audit.models import AuditEvent
from knowledge_base.engines import PATIENCE


@dataclass(frozen=True)
class Holder:
    """A person, and what their sign-in in this browser is known by."""

    person: Viewer
    sign_in: str


def start_viewing(
    register: Register, holder: Holder, choice: Choice, *, audiences: Audiences, now: datetime
) -> Viewing:
    """Let a person view the site as another reader, in their present sign-in.

    Raises ViewAsRefusedError when the reader may read anything that the person may not.
    """
    person = holder.person
    if not may_view_as(choice, person, audiences=audiences):
        raise ViewAsRefusedError
    title = choice.title(audiences)
    with register.database.write() as session:
        event = Event(Kind.VIEW_AS_STARTED, Actor.of(person), subject=title)
        number = record(session, event, keys=register.keys.chain, now=now)
    return Viewing(choice, title, holder.sign_in, person.groups, now, number)


def end_viewing(
    register: Register, viewing: Viewing, end: End, *, now: datetime, patience: timedelta = PATIENCE
) -> None:
    """Record the end, unless that has been done: the browser may have sent several requests at once.

    Raises OperationalError when the database takes no writes for longer than our `patience`.
    """
    with register.database.write(patience=patience) as session:
        # Two that would record it at once wait here, where transactions may overlap.
        read_head(session, lock=True)
        start = session.execute(select(AuditEvent.__table__).where(AuditEvent.number == viewing.number)).first()
        if start is None or start.kind != Kind.VIEW_AS_STARTED or _is_recorded(session, viewing.number):
            return
        details = {"reason": end.value, "start": str(viewing.number)}
        actor = Actor(start.actor_id, start.actor_name)
        event = Event(Kind.VIEW_AS_ENDED, actor, subject=viewing.title, details=details)
        register.record(session, event, now=now)


def _is_recorded(session: Session, start: int) -> bool:
    ends = select(AuditEvent.details).where(AuditEvent.kind == Kind.VIEW_AS_ENDED, AuditEvent.number > start)
    return any(details.get("start") == str(start) for details in session.scalars(ends))
