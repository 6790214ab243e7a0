"""Find out whether the record is whole: no row changed, missing, moved or put in since it was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, inspect, select
from sqlalchemy.orm import Session

from knowledge_base.audit.chain import ChainKeys, Head, message_of_row
from knowledge_base.audit.errors import UNREADABLE, is_about_a_row
from knowledge_base.audit.kinds import Kind
from knowledge_base.audit.log import read_head
from knowledge_base.audit.models import AuditEvent

BATCH = 1_000
COLUMNS = tuple(inspect(AuditEvent).columns)
SEALED = tuple(column.key for column in COLUMNS if column.key != "hash")
# What a deletion by the rule says of rows that were as they had been written.
WHOLE = "whole"
KEY_HINT = "If the site’s secret key was changed, name the old one in KB_OLD_SECRET_KEYS."

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Seen:
    """A row that somebody noted earlier, outside the database: its number and the start of its hash."""

    number: int
    hash: str


@dataclass(frozen=True)
class Verification:
    """What was found: how many rows are right, from the first on, and what is wrong with the first that is not.

    `last` is the last row that is right. `bad_row` is None where nothing is wrong, and where it is the head.
    """

    checked: int
    last: Seen
    bad_row: int | None = None
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether the record is whole."""
        return not self.fault


class _BrokenError(Exception):
    """The first thing that is wrong."""

    def __init__(self, bad_row: int | None, fault: str) -> None:
        super().__init__(fault)
        self.bad_row = bad_row


class _Unreadable:
    """Stands for a row that holds what its columns cannot hold."""


def verify(
    session: Session, keys: ChainKeys, *, seen: Seen | None = None, progress: Progress | None = None
) -> Verification:
    """Check every row and the head. `progress` is told from time to time how many rows are done, and of how many.

    `seen` is a row noted at an earlier check: with it, an older state of the whole database is found out too.
    """
    stored = read_head(session)
    if stored is None:
        return Verification(0, Seen(0, ""), fault="The head of the record is missing: somebody has removed it.")
    walk = _Walk(keys, stored[0], seen)
    total = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    try:
        walk.compare_with_seen()
        for row in _rows(session):
            walk.check(row)
            if progress and walk.checked % BATCH == 0:
                progress(walk.checked, total)
        walk.check_end(stored[1])
    except _BrokenError as error:
        return walk.outcome(error.bad_row, str(error))
    return walk.outcome()


def verify_up_to(session: Session, keys: ChainKeys, *, number: int) -> Verification:
    """Check the rows up to a number, and not what comes after."""
    stored = read_head(session)
    walk = _Walk(keys, stored[0] if stored else Head(), None)
    try:
        for row in _rows(session, up_to=number):
            walk.check(row)
        walk.check_reaches(number)
    except _BrokenError as error:
        return walk.outcome(error.bad_row, str(error))
    return walk.outcome()


class _Walk:
    """Follows the chain from row to row."""

    def __init__(self, keys: ChainKeys, head: Head, seen: Seen | None) -> None:
        self.checked = 0
        self.last = Seen(head.forgotten, head.forgotten_hash)
        self._keys = keys
        self._head = head
        self._seen = seen
        self._age = len(keys.old)

    def outcome(self, bad_row: int | None = None, fault: str = "") -> Verification:
        """Return what was found so far."""
        return Verification(self.checked, self.last, bad_row, fault)

    def check(self, row: Row[Any] | _Unreadable) -> None:
        """Check that a row is the one that must come now. Raises _BrokenError."""
        expected = self.last.number + 1
        if isinstance(row, _Unreadable):
            raise _BrokenError(expected, f"Row {expected} cannot be read: it holds what the site never writes.")
        if row.number < expected:
            raise _BrokenError(row.number, f"Row {row.number} was put in: rows up to {expected - 1} had been deleted.")
        if row.number > expected:
            raise _BrokenError(expected, f"Row {expected} is missing: the next one is row {row.number}.")
        self._check_seal(row)
        if row.kind == Kind.RECORD_DISTURBED and not self._was_whole_before(row.details):
            fault = f"Row {row.number} says that the head of the record had been changed when it was written."
            raise _BrokenError(row.number, f"{fault} Rows before it may be missing. {KEY_HINT}")
        if row.kind == Kind.EVENTS_DELETED and row.details["state"] != WHOLE:
            fault = f"Row {row.number} says that rows were not whole when the site deleted them, past their time."
            raise _BrokenError(row.number, fault)
        if row.number > self._head.number:
            raise _BrokenError(row.number, f"Row {row.number} comes after the last one that the head names.")
        self.last = Seen(row.number, row.hash)
        self.checked += 1
        self.compare_with_seen()

    def _check_seal(self, row: Row[Any]) -> None:
        columns = {name: getattr(row, name) for name in SEALED}
        age = self._keys.age_of(message_of_row(self.last.hash, columns), row.hash)
        if age is None:
            hint = "" if self.checked else f" {KEY_HINT}"
            fault = f"Row {row.number} has been changed, or is not the row that was written after the one before.{hint}"
            raise _BrokenError(row.number, fault)
        if age > self._age:
            fault = f"Row {row.number} is sealed with a secret key that had been replaced before it was written."
            raise _BrokenError(row.number, fault)
        self._age = age

    def _was_whole_before(self, details: dict[str, str]) -> bool:
        """Say whether a head that no key fitted was right after all: the site had not been told its old key."""
        head = Head(int(details["number"]), details["hash"], int(details["forgotten"]), details["forgotten_hash"])
        is_sealed = self._keys.age_of(head.message, details["seal"]) is not None
        return is_sealed and Seen(head.number, head.hash) == self.last

    def compare_with_seen(self) -> None:
        """Check that the last row is the one that was noted, if that is its number. Raises _BrokenError."""
        if self._seen and self._seen.number == self.last.number and not self.last.hash.startswith(self._seen.hash):
            raise _BrokenError(
                self.last.number, f"Row {self.last.number} is another one than was noted before: it was replaced."
            )

    def check_reaches(self, number: int) -> None:
        """Check that no row up to that number is missing at the end. Raises _BrokenError."""
        missing = self.last.number + 1
        if missing <= number:
            raise _BrokenError(missing, f"Row {missing} is missing, at the end: row {number} should be the last.")

    def check_end(self, seal: str) -> None:
        """Check that the record ends where its head says. Raises _BrokenError."""
        last, head = self.last, self._head
        if head == Head() and not seal:
            raise _BrokenError(None, "The record is empty: the site has never been started, or somebody emptied it.")
        age = self._keys.age_of(head.message, seal)
        if age is None or age > self._age:
            fault = f"The head of the record has been changed. Rows after row {last.number} may be missing."
            raise _BrokenError(None, fault)
        self.check_reaches(head.number)
        if head.hash != last.hash:
            raise _BrokenError(last.number, f"Row {last.number} is not the one that the head names as the last.")
        if self._seen and self._seen.number > last.number:
            fault = f"Row {self._seen.number}, noted before, is missing: an older database was put in the place."
            raise _BrokenError(last.number + 1, fault)


def _rows(session: Session, *, up_to: int | None = None) -> Iterator[Row[Any] | _Unreadable]:
    """Yield the rows in order, and in the place of the first that cannot be read a stand-in."""
    last: int | None = None
    size = BATCH
    while True:
        query = select(*COLUMNS).order_by(AuditEvent.number).limit(size)
        query = query if last is None else query.where(AuditEvent.number > last)
        query = query if up_to is None else query.where(AuditEvent.number <= up_to)
        try:
            rows = session.execute(query).all()
        except UNREADABLE as error:
            if not is_about_a_row(error):
                raise
            if size == 1:
                yield _Unreadable()
                return
            size = 1
            continue
        yield from rows
        if len(rows) < size:
            return
        last = rows[-1].number
