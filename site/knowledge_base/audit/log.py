"""Append events to the record, each sealed together with all before it."""

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from knowledge_base.audit.chain import ChainKeys, Head, message_of_row
from knowledge_base.audit.events import SITE, Event, Kind
from knowledge_base.audit.models import THE_HEAD, AuditEvent, AuditHead

StoredHead = tuple[Head, str]
# As the migration makes it. Once the record has begun, it is how somebody left it who emptied the record.
UNUSED: StoredHead = (Head(), "")


def record(session: Session, event: Event, *, keys: ChainKeys, now: datetime) -> int:
    """Append an event in the caller's own transaction, so that what happened and its record stand or fall together.

    Returns the number of its row. The head stays locked until the transaction ends, so nobody else can append: record
    last, and do nothing slow afterwards. What is wrong with the rows before stops nobody from working; it stays
    visible, and `verify` finds it.
    """
    head = _head_to_append_to(session, keys, now=now)
    return _append(session, head, event, keys, now=now).number


def begin(session: Session, *, keys: ChainKeys, now: datetime) -> None:
    """Write the first row, if nothing was ever recorded: from then on an empty record is a fault."""
    is_unused = read_head(session, lock=True) == UNUSED and not session.scalar(select(func.max(AuditEvent.number)))
    if is_unused:
        _append(session, UNUSED[0], Event(Kind.RECORD_BEGAN, SITE), keys, now=now)


def look_at_head(session: Session, *, keys: ChainKeys, now: datetime) -> None:
    """Note a change of the secret key, and a head that is not as it was left."""
    _head_to_append_to(session, keys, now=now)


def read_head(session: Session, *, lock: bool = False) -> StoredHead | None:
    """Return the head and its seal, or None when somebody has removed it."""
    query = select(AuditHead.number, AuditHead.hash, AuditHead.forgotten, AuditHead.forgotten_hash, AuditHead.seal)
    row = session.execute(query.with_for_update() if lock else query).first()
    return (Head(*row[:4]), row.seal) if row else None


def begin_after(session: Session, number: int, row_hash: str, *, keys: ChainKeys) -> None:
    """Let the record begin after this row, so that those up to it may be deleted. Call it right after `record`."""
    stored = read_head(session)
    _write_head(session, replace(stored[0] if stored else Head(), forgotten=number, forgotten_hash=row_hash), keys)


def _write_head(session: Session, head: Head, keys: ChainKeys) -> None:
    session.execute(
        update(AuditHead).where(AuditHead.id == THE_HEAD).values(**asdict(head), seal=keys.seal(head.message))
    )


def _head_to_append_to(session: Session, keys: ChainKeys, *, now: datetime) -> Head:
    """Return the head as it is to be believed, after noting in the record what was found wrong with it."""
    stored = read_head(session, lock=True)
    last = session.scalar(select(func.max(AuditEvent.number))) or 0
    if stored is None:
        return _replace_head(session, keys, last=last, now=now)
    head, seal = stored
    age = keys.age_of(head.message, seal)
    # A row beyond the head was put there by somebody else. Its number is taken all the same.
    following = replace(head, number=max(head.number, last))
    if age == 0:
        return following
    if age is None:
        return _append(session, following, _disturbed(head, seal), keys, now=now)
    return _append(session, following, Event(Kind.SECRET_KEY_CHANGED, SITE), keys, now=now)


def _replace_head(session: Session, keys: ChainKeys, *, last: int, now: datetime) -> Head:
    last_hash = session.scalar(select(AuditEvent.hash).where(AuditEvent.number == last)) or ""
    head = Head(number=last, hash=last_hash)
    session.execute(insert(AuditHead).values(id=THE_HEAD, **asdict(head), seal=""))
    return _append(session, head, _disturbed(head, ""), keys, now=now)


def _disturbed(head: Head, seal: str) -> Event:
    """Return an event that keeps the head which no key fits.

    A change of the secret key looks the same as long as nobody names the old one; `verify` decides once it is named.
    """
    details = {name: str(value) for name, value in asdict(head).items()}
    return Event(Kind.RECORD_DISTURBED, SITE, details={**details, "seal": seal})


def _append(session: Session, head: Head, event: Event, keys: ChainKeys, *, now: datetime) -> Head:
    columns = {
        "number": head.number + 1,
        "at": now,
        "kind": event.kind.value,
        "actor_id": event.actor.account_id,
        "actor_name": event.actor.name,
        "subject_id": event.subject_id,
        "subject": event.subject,
        "details": dict(event.details),
    }
    row_hash = keys.seal(message_of_row(head.hash, columns))
    session.execute(insert(AuditEvent).values(**columns, hash=row_hash))
    appended = replace(head, number=head.number + 1, hash=row_hash)
    _write_head(session, appended, keys)
    return appended
