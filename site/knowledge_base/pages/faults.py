"""What is wrong with a file of the content folder, in words its author can act on."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """Why a file, or an entry of it, is not used. `path` is under `content/`; `line` is 0 for the whole file.

    `may_pass` is for a fault of the machine and not of the file, which the next look may find gone; `is_unread` for one
    of what stands there, so that nobody knows what it says; `is_whole` for one because of which nothing of the file is
    used.
    """

    path: str
    message: str
    line: int = 0
    may_pass: bool = False
    is_unread: bool = False
    is_whole: bool = False

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.message}"
