"""What an author is told about the content: one value for everything that the checks find."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters. An error stops publishing, a warning asks, a note is there for whoever wants it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing an author should know: what is wrong, and what to do about it (`remedy`).

    `path` is under `content/`; `line` is 0 for the whole file. The message of what is left out of the site holds its
    remedy itself.
    """

    path: str
    line: int
    severity: Severity
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.severity}: {self.words}"

    @property
    def words(self) -> str:
        """What is wrong and what to do, in one line."""
        return f"{self.message}: {self.remedy}" if self.remedy else self.message

    @property
    def place(self) -> tuple[str, int, str]:
        """Where the finding stands in a list of them: by file, from top to bottom."""
        return self.path, self.line, self.message
