"""What can go wrong with the record."""

from sqlalchemy.exc import OperationalError

# What it is to read a row that holds what its columns cannot hold, if `is_about_a_row` says so too.
UNREADABLE = (AttributeError, TypeError, ValueError, OverflowError, OperationalError)


class AuditError(Exception):
    """Something about the record cannot be done."""


class EventRefusedError(AuditError):
    """An event lacks something that its sentence tells, or has something that it does not tell."""


class RecordUnreadableError(AuditError):
    """A row of the record holds what the site would never write, so the record cannot be shown."""


def is_about_a_row(error: Exception) -> bool:
    """Say whether what stands in a row is wrong, and not the database."""
    # SQLite's word for text that is not UTF-8.
    return not isinstance(error, OperationalError) or "decode" in str(error)
