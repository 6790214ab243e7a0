"""Why a change was not published. Each says what happened and what to do."""

from dataclasses import dataclass

from knowledge_base.pages.findings import Finding


class PublishingError(Exception):
    """A change was not published. Nothing of it is live, and nothing of it is lost by us."""


class ChangeRefusedError(PublishingError):
    """What was handed in is no change of content: a path that no page, file or data file can have."""


class DataFileError(PublishingError):
    """An entry of a data file cannot be changed as asked. The file stays as it is."""


class NotAllowedError(PublishingError):
    """The person may not make this change."""


class ApprovalNeededError(PublishingError):
    """The folder asks for a second person, and none has approved the change."""


class PublishingBusyError(PublishingError):
    """Nothing can be published for the moment. The message says why."""


class GateError(PublishingError):
    """The checks found errors in the change."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("The checks found errors. Mend them, then publish again.")
        self.findings = findings


@dataclass(frozen=True)
class FileConflict:
    """A file that two people changed in the same place: what both started from, and what each made of it."""

    path: str
    base: bytes | None
    mine: bytes | None
    theirs: bytes | None


class EditConflictError(PublishingError):
    """Somebody else published a change of the same lines meanwhile. Holds all texts, so that nothing is lost."""

    def __init__(self, conflicts: tuple[FileConflict, ...]) -> None:
        super().__init__("Somebody else changed the same lines meanwhile. Look at both changes, then publish again.")
        self.conflicts = conflicts
