"""What can go wrong with the record."""


class AuditError(Exception):
    """Something about the record cannot be done."""


class EventRefusedError(AuditError):
    """An event lacks something that its sentence tells, or has something that it does not tell."""


class RecordUnreadableError(AuditError):
    """A row of the record holds what the site would never write, so the record cannot be shown."""
