"""What names and texts a file of the content folder may have, and the address it gets."""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

DATA_FOLDER = "_data"
FILES_FOLDER = "_files"
DEEPEST_FOLDER = 12
LARGEST_PAGE = 400_000
MOST_LINES = 10_000
MOST_FOOTNOTE_MARKS = 1_000
# Markdown copies what is left of a paragraph for each heading in it: one of 60,000 lines cost five minutes.
MOST_LINES_IN_A_PARAGRAPH = 1_000
# Its search for the end of a link takes time that grows with the square of these: 20,000 cost a minute.
LONGEST_LINE = 5_000
MOST_BRACKETS_IN_A_PARAGRAPH = 250
# Unicode's category Cc, but for the tab.
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# What the system says of what has gone since it was listed, or has become a link, a folder or a file.
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO})
# First parts of addresses that belong to the program. A test holds them against its routes.
RESERVED = frozenset(
    {
        *("account", "admin", "api", "approvals", "changes", "drafts", "edit", "feedback", "files", "healthz"),
        *("history", "login", "logout", "overdue", "readyz", "report", "search", "static", "view-as", "who-can-see"),
        *("bring-back", "data", "delete", "merge", "move", "moved", "withdraw"),
    }
)


class UnreadableFileError(Exception):
    """A file cannot be used as a page. The message says why."""


class FileNotReadError(UnreadableFileError):
    """The machine could not read the file, which it may when asked again. `is_there`: it has not just gone, either."""

    def __init__(self, message: str, *, is_there: bool) -> None:
        super().__init__(message)
        self.is_there = is_there


def read_content(path: Path, *, largest: int) -> bytes:
    """Read a file, and one byte more than the largest may have. Raises FileNotReadError."""
    try:
        # A file that turned into a link or a pipe since the walk must not be followed or waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise FileNotReadError(message, is_there=is_there(error)) from error


def is_there(error: OSError) -> bool:
    """Say whether what could not be read is there all the same, and has not gone or become a link or a folder."""
    return error.errno not in GONE


def text_of(content: bytes) -> str:
    """Return a page's file as text. Raises UnreadableFileError when it is not text of a sensible size."""
    if len(content) > LARGEST_PAGE:
        message = f"the file is larger than {LARGEST_PAGE // 1_000} kB: split it into several pages"
        raise UnreadableFileError(message)
    return _decode(content)


def url_of(path: str) -> str:
    """Return the address of a page: its path, or its folder's for an `index`."""
    return "/" + re.sub(r"(^|/)index$", "", path)


def folder_of(path: str) -> str:
    """Return the folder that holds a page: `referral` for `referral/share`, empty for the root."""
    return path.rpartition("/")[0]


def folders_above(folder: str) -> Iterator[str]:
    """Yield the folder and every folder above it, from the top; not the root."""
    parts = folder.split("/") if folder else []
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


def _decode(content: bytes) -> str:
    if not content.strip():
        message = "the file is empty"
        raise UnreadableFileError(message)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"line {line} is not UTF-8 text: save the file as UTF-8"
        raise UnreadableFileError(message) from error
    text = text.replace("\r\n", "\n")
    for number, line_text in enumerate(text.split("\n"), start=1):
        if len(line_text) > LONGEST_LINE:
            message = f"line {number} is longer than {LONGEST_LINE} characters: break it"
            raise UnreadableFileError(message)
        if CONTROL.search(line_text):
            message = f"line {number} holds a control character: delete it"
            raise UnreadableFileError(message)
    if problem := _oversize(text):
        raise UnreadableFileError(problem)
    return text


def _oversize(text: str) -> str | None:
    """Say what of a text would keep Markdown busy for too long, or None."""
    if text.count("\n") > MOST_LINES:
        return f"the file has more than {MOST_LINES} lines: split it into several pages"
    if text.count("[^") > MOST_FOOTNOTE_MARKS:
        return f"the file has more than {MOST_FOOTNOTE_MARKS} marks of footnotes: split it into several pages"
    for paragraph in re.split(r"\n[ \t]*\n", text):
        if paragraph.count("[") > MOST_BRACKETS_IN_A_PARAGRAPH:
            return f"a paragraph holds more than {MOST_BRACKETS_IN_A_PARAGRAPH} opening square brackets: split it"
        if paragraph.count("\n") > MOST_LINES_IN_A_PARAGRAPH:
            return f"a paragraph or table has more than {MOST_LINES_IN_A_PARAGRAPH} lines: put an empty line into it"
    return None
