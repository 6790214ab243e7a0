"""Read the record for people: filtered, page by page, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlalchemy.orm import Session

from knowledge_base.audit.errors import UNREADABLE, RecordUnreadableError, is_about_a_row
from knowledge_base.audit.events import Actor, sentence_of
from knowledge_base.audit.kinds import Kind
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.wordings import WORDINGS
from knowledge_base.db import LONDON, Database

PAGE_SIZE = 50
EXPORT_BATCH = 500
CHECKS = (Kind.RECORD_CHECKED, Kind.RECORD_FOUND_BROKEN, Kind.RECORD_DISTURBED)


@dataclass(frozen=True)
class Filters:
    """What is asked for. `person` is part of a name, or the number of an account. `up_to` is a row's number."""

    kind: str = ""
    person: str = ""
    since: datetime | None = None
    before: datetime | None = None
    up_to: int | None = None


@dataclass(frozen=True)
class Entry:
    """A row of the record, as people see it."""

    number: int
    at: datetime
    kind: str
    actor: Actor
    subject: str
    subject_id: int | None
    sentence: str
    hash: str

    @property
    def label(self) -> str:
        """What its kind is called."""
        wording = WORDINGS.get(self.kind)
        return wording.label if wording else self.kind

    @property
    def in_london(self) -> datetime:
        """When it happened, by the clocks of the readers."""
        return self.at.astimezone(LONDON)

    @property
    def when(self) -> str:
        """When it happened, in words. One hour in autumn comes twice, so the zone is named."""
        return f"{self.in_london.day} {self.in_london:%B %Y at %H:%M:%S %Z}"


@dataclass(frozen=True)
class EntryPage:
    """A page of what was found, and how much there is."""

    entries: tuple[Entry, ...]
    total: int
    number: int
    last_number: int


def find_entries(session: Session, filters: Filters, *, page: int = 1) -> EntryPage:
    """Return a page of what the filters leave, the newest first. Raises RecordUnreadableError."""
    total = count_entries(session, filters)
    last_page = max(1, -(-total // PAGE_SIZE))
    number = min(max(page, 1), last_page)
    query = select(AuditEvent.__table__).where(_condition(filters)).order_by(AuditEvent.number.desc())
    entries = _read(session, query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return EntryPage(tuple(entries), total, number, last_page)


def count_entries(session: Session, filters: Filters) -> int:
    """Return how many rows the filters leave."""
    return session.scalar(select(func.count()).select_from(AuditEvent).where(_condition(filters))) or 0


def export_entries(database: Database, filters: Filters) -> Iterator[Entry]:
    """Yield all that the filters leave, the newest first, holding no connection between one batch and the next."""
    while True:
        query = select(AuditEvent.__table__).where(_condition(filters)).order_by(AuditEvent.number.desc())
        with database.read() as session:
            entries = _read(session, query.limit(EXPORT_BATCH))
        yield from entries
        if len(entries) < EXPORT_BATCH:
            return
        filters = replace(filters, up_to=entries[-1].number - 1)


def find_last_check(session: Session) -> Entry | None:
    """Return the newest row that says whether the record is whole, or None when it was never checked."""
    query = select(AuditEvent.__table__).where(AuditEvent.kind.in_(CHECKS)).order_by(AuditEvent.number.desc())
    return next(iter(_read(session, query.limit(1))), None)


def find_oldest(session: Session) -> Entry | None:
    """Return the first row that is kept, or None when there is none."""
    return next(iter(_read(session, select(AuditEvent.__table__).order_by(AuditEvent.number).limit(1))), None)


def last_number(session: Session) -> int:
    """Return the number of the last row, or 0 when there is none."""
    return session.scalar(select(func.max(AuditEvent.number))) or 0


def _condition(filters: Filters) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [true()]
    if filters.kind:
        wanted.append(AuditEvent.kind == filters.kind)
    if filters.person:
        wanted.append(_about(filters.person))
    if filters.since:
        wanted.append(AuditEvent.at >= filters.since)
    if filters.before:
        wanted.append(AuditEvent.at < filters.before)
    if filters.up_to is not None:
        wanted.append(AuditEvent.number <= filters.up_to)
    return and_(*wanted)


def _about(person: str) -> ColumnElement[bool]:
    """Return the condition that somebody did it, or that it was done to them."""
    if person.isascii() and person.isdecimal():
        account = int(person)
        return or_(AuditEvent.actor_id == account, AuditEvent.subject_id == account)
    return or_(
        AuditEvent.actor_name.icontains(person, autoescape=True), AuditEvent.subject.icontains(person, autoescape=True)
    )


def _read(session: Session, query: Any) -> list[Entry]:  # noqa: ANN401 - any select of the table
    try:
        return [_entry(row) for row in session.execute(query)]
    except UNREADABLE as error:
        if not is_about_a_row(error):
            raise
        raise RecordUnreadableError from error


def _entry(row: Row[Any]) -> Entry:
    actor = Actor(row.actor_id, row.actor_name)
    details = row.details if isinstance(row.details, dict) else {}
    row.at.astimezone(LONDON)  # There are moments of which London has no time. The site writes none of them.
    return Entry(
        number=row.number,
        at=row.at,
        kind=row.kind,
        actor=actor,
        subject=row.subject,
        subject_id=row.subject_id,
        sentence=sentence_of(row.kind, actor, row.subject, details, subject_id=row.subject_id),
        hash=row.hash,
    )
