"""Look at the content folder: which pages it holds, and what of it must not be served.

Everything in the folder may have been put there by a slip or in bad faith, so a file is refused for any doubt: a link
that leads elsewhere, a name that makes no address, bytes that are not text.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge_base.pages.faults import Fault

DATA_FOLDER = "_data"
DEEPEST_FOLDER = 12
LARGEST_PAGE = 400_000
MOST_LINES = 10_000
MOST_FOOTNOTE_MARKS = 1_000
MOST_FOOTNOTE_MARKS = 1_000
# Markdown copies what is left of a paragraph for each heading in it: one of 60,000 lines cost five minutes.
MOST_LINES_IN_A_PARAGRAPH = 1_000
# Its search for the end of a link takes time that grows with the square of these: 20,000 cost a minute.
LONGEST_LINE = 5_000
MOST_BRACKETS_IN_A_PARAGRAPH = 250
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# First parts of addresses that belong to the program. A test holds them against its routes.
RESERVED = frozenset(
    {
        *("account", "admin", "api", "edit", "healthz", "history", "login", "logout"),
        *("readyz", "search", "static", "view-as", "who-can-see"),
    }
)

Signature = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scan:
    """What stands in the folder: the signature of each page and data file, and what was refused.

    A signature changes whenever the file does. Pages are named as in `Page.path`. `closed` names the folders that could
    not be looked into, so that nobody may read what they hold.
    """

    pages: Mapping[str, Signature]
    data: Mapping[str, Signature]
    closed: frozenset[str]
    faults: tuple[Fault, ...]


class UnreadableFileError(Exception):
    """A file cannot be used as a page. The message says why."""


class FileNotReadError(UnreadableFileError):
    """The machine could not read the file, which it may when asked again."""


def scan(content: Path) -> Scan:
    """Walk the folder once, without opening any file. Raises OSError when the folder itself cannot be read."""
    walk = _Walk()
    walk.enter(content, "", depth=0)
    return Scan(walk.pages, walk.data, frozenset(walk.closed), tuple(sorted(walk.faults)))


def read_text(path: Path) -> str:
    """Read a page's file. Raises UnreadableFileError when it is not text of a sensible size."""
    try:
        # A file that turned into a link or a pipe since the walk must not be followed or waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(LARGEST_PAGE + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise FileNotReadError(message) from error
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


@dataclass
class _Walk:
    """Collects what a scan finds. What cannot be looked at is a fault of its own and never stops the others."""

    pages: dict[str, Signature] = field(default_factory=dict)
    data: dict[str, Signature] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def enter(self, folder: Path, prefix: str, *, depth: int) -> None:
        if depth > DEEPEST_FOLDER:
            self._close(prefix, f"stands more than {DEEPEST_FOLDER} folders deep: move it up")
            return
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda one: one.name)
        except OSError as error:
            if not prefix:
                raise
            self._close(prefix, f"cannot be read: {error.strerror}")
            return
        for entry in entries:
            if not entry.name.startswith("."):
                self._take(entry, f"{prefix}{entry.name}", depth=depth)

    def _take(self, entry: os.DirEntry[str], relative: str, *, depth: int) -> None:
        try:
            if not entry.is_dir(follow_symlinks=False):
                self._take_file(entry, relative)
                return
        except FileNotFoundError:  # it was there a moment ago
            return
        except OSError as error:
            self.faults.append(Fault(relative, f"cannot be read: {error.strerror}"))
            return
        if not entry.name.startswith("_") or relative == DATA_FOLDER:
            self.enter(Path(entry.path), f"{relative}/", depth=depth + 1)

    def _take_file(self, entry: os.DirEntry[str], relative: str) -> None:
        reason, signature = _refusal(relative, entry), _signature(entry)
        if relative.startswith(f"{DATA_FOLDER}/"):
            self.data[relative] = signature
        elif reason:
            self.faults.append(Fault(relative, reason))
        elif relative.endswith(".md"):
            self.pages[relative.removesuffix(".md")] = signature

    def _close(self, prefix: str, reason: str) -> None:
        self.closed.add(prefix.rstrip("/"))
        self.faults.append(Fault(prefix, f"the folder {reason}; nobody may read what is in it"))


def _refusal(relative: str, entry: os.DirEntry[str]) -> str | None:
    """Say why a file cannot be a page, or None."""
    if entry.is_symlink():
        return "is a link to another place, which is not followed: put the file itself here"
    if not relative.lower().endswith(".md"):
        return None
    parts = relative[: -len(".md")].split("/")
    if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        return "is not a file"
    if not relative.endswith(".md") or not all(NAME.fullmatch(part) for part in parts):
        return "its name makes no address: use lower-case letters, digits and single hyphens"
    if parts[0] in RESERVED:
        return f"the address /{parts[0]} belongs to the program: choose another name"
    return None


def _signature(entry: os.DirEntry[str]) -> Signature:
    found = entry.stat(follow_symlinks=False)
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


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
        if any(unicodedata.category(character) == "Cc" and character != "\t" for character in line_text):
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
    if text.count("[^") > MOST_FOOTNOTE_MARKS:
        return f"the file has more than {MOST_FOOTNOTE_MARKS} marks of footnotes: split it into several pages"
    for paragraph in re.split(r"\n[ \t]*\n", text):
        if paragraph.count("[") > MOST_BRACKETS_IN_A_PARAGRAPH:
            return f"a paragraph holds more than {MOST_BRACKETS_IN_A_PARAGRAPH} opening square brackets: split it"
        if paragraph.count("\n") > MOST_LINES_IN_A_PARAGRAPH:
            return f"a paragraph or table has more than {MOST_LINES_IN_A_PARAGRAPH} lines: put an empty line into it"
    return None
