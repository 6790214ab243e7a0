"""Delete what has been kept for as long as the rule says. What remains still verifies."""

import calendar
import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import SITE, Event, Kind, rows_in_words
from knowledge_base.audit.log import begin, begin_after, look_at_head, read_head, record
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.verification import WHOLE, verify_up_to
from knowledge_base.db import LONDON, Database

logger = logging.getLogger(__name__)

LOOKED_EVERY = timedelta(hours=1)
# So that deleting holds nobody up. The rest goes at the next look.
MOST_AT_ONCE = 2_000
PATIENCE = timedelta(milliseconds=200)
MONTHS_IN_YEAR = 12


def expiry_of(at: datetime, *, months: int) -> datetime:
    """Return when something from then is past its time: that many calendar months later."""
    return _moved_by(at, months)


def oldest_kept(now: datetime, *, months: int) -> datetime:
    """Return the moment before which everything is past its time: the start of a day in London."""
    return _moved_by(now.astimezone(LONDON), -months).replace(hour=0, minute=0, second=0, microsecond=0)


def forget_before(
    session: Session, moment: datetime, *, keys: ChainKeys, now: datetime, at_most: int = MOST_AT_ONCE
) -> int:
    """Delete the rows from before the moment, say so in a new row, and return how many they were.

    The head keeps the number and the hash of the last one deleted, which the first one kept was chained to. The law
    asks for deletion also where the rows are not whole: then the new row says that they were not.
    """
    stored = read_head(session, lock=True)
    if stored is None or not _is_any_before(session, moment):
        return 0
    first_kept = session.scalar(
        select(AuditEvent.number).where(AuditEvent.at >= moment).order_by(AuditEvent.number).limit(1)
    )
    last = session.scalar(select(func.max(AuditEvent.number))) or 0
    cut = min(last if first_kept is None else first_kept - 1, stored[0].forgotten + at_most, stored[0].number)
    count = session.scalar(select(func.count()).where(AuditEvent.number <= cut)) or 0
    if not count:
        return 0
    verification = verify_up_to(session, keys, number=cut)
    state = WHOLE if verification.ok else f"not whole: {verification.fault}".rstrip(".")
    cut_hash = session.scalar(select(AuditEvent.hash).where(AuditEvent.number == cut)) or ""
    date = moment.astimezone(LONDON)
    details = {"rows": rows_in_words(count), "date": f"{date.day} {date:%B %Y}", "state": state}
    record(session, Event(Kind.EVENTS_DELETED, SITE, details=details), keys=keys, now=now)
    begin_after(session, cut, cut_hash, keys=keys)
    session.execute(delete(AuditEvent).where(AuditEvent.number <= cut))
    return count


def _is_any_before(session: Session, moment: datetime) -> bool:
    return session.scalar(select(AuditEvent.number).where(AuditEvent.at < moment).limit(1)) is not None


class Housekeeping:
    """Begins the record and deletes from it by the rule, whenever it is time for a look."""

    def __init__(self, database: Database, keys: ChainKeys, *, months: int) -> None:
        self._database = database
        self._keys = keys
        self._months = months
        self._next_look: datetime | None = None

    def start(self, *, now: datetime, is_new: bool) -> None:
        """Do what a start needs: the first row of a new record, a look at the head, and all deletion that is due."""
        with self._database.write() as session:
            if is_new:
                begin(session, keys=self._keys, now=now)
            look_at_head(session, keys=self._keys, now=now)
        while self._forget(now=now, patience=None):
            pass

    def look(self, *, now: datetime) -> None:
        """Delete what is due, at most once an hour and a bounded part of it. Never raises: somebody is waiting."""
        if self._next_look and now < self._next_look:
            return
        self._next_look = now + LOOKED_EVERY
        try:
            self._forget(now=now, patience=PATIENCE)
        except SQLAlchemyError as error:
            logger.warning("What is past its time is not deleted from the record: %s", error)

    def _forget(self, *, now: datetime, patience: timedelta | None) -> int:
        moment = oldest_kept(now, months=self._months)
        with self._database.read() as session:
            if not _is_any_before(session, moment):
                return 0
        with self._database.write(**({"patience": patience} if patience else {})) as session:
            return forget_before(session, moment, keys=self._keys, now=now)


def _moved_by(at: datetime, months: int) -> datetime:
    """Return the same day so many months later or earlier, or the last day of a month that is too short."""
    year, month = divmod(at.year * MONTHS_IN_YEAR + at.month - 1 + months, MONTHS_IN_YEAR)
    last_day = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last_day))
