"""What an author is told about the content: one value for everything that the checks find."""

from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.page import MayRead

OPEN = Requirement()
NOT_FOR_YOU = "something that you may not read would break, or has a fault"
REMEDY_NOT_FOR_YOU = "ask somebody who may read all of this part of the site to look at the change"


class Severity(StrEnum):
    """How much a finding matters. An error stops publishing, a warning asks, a note is there for whoever wants it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing an author should know: what is wrong, and what to do about it (`remedy`).

    `path` is under `content/`; `line` is 0 for the whole file. The message of what is left out of the site holds its
    remedy itself. Whoever may not read what the finding is `about` gets it `as_told_to` them: without its place, and
    with the `discreet` words.
    """

    path: str
    line: int
    severity: Severity
    message: str
    remedy: str = ""
    about: Requirement = OPEN
    discreet: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(filter(None, (place, self.severity, self.words)))

    @property
    def words(self) -> str:
        """What is wrong and what to do, in one line."""
        return f"{self.message}: {self.remedy}" if self.remedy else self.message

    def as_told_to(self, may_read: MayRead) -> "Finding":
        """Return the finding for somebody who may not be allowed to read all that it speaks of."""
        if may_read(self.about):
            return self
        if self.discreet:
            return replace(self, message=self.discreet, about=OPEN)
        return Finding("", 0, self.severity, NOT_FOR_YOU, REMEDY_NOT_FOR_YOU)

    def also_about(self, requirement: Requirement) -> "Finding":
        """Return the finding as one that speaks of something more."""
        return replace(self, about=Requirement(self.about.audiences | requirement.audiences))

    @property
    def place(self) -> tuple[str, int, str]:
        """Where the finding stands in a list of them: by file, from top to bottom."""
        return self.path, self.line, self.message
