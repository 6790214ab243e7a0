"""Look at the content folder: which pages and other files it holds, and what of it must not be served.

Everything in the folder may have been put there by a slip or in bad faith, so a file is refused for any doubt: a link
that leads elsewhere, a name that makes no address, bytes that are not text.
"""

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import DATA_FOLDER, DEEPEST_FOLDER, FILES_FOLDER, NAME, RESERVED, is_there
from knowledge_base.repository.working_files import LOST_AND_FOUND

Signature = tuple[int, int, int, int]

_NOT_ON_DISK: Signature = (0, 0, 0, 0)


@dataclass(frozen=True)
class Scan:
    """What stands in the folder: the signature of each page, data file and attachment, and what was refused.

    A signature changes whenever the file does. Pages are named as in `Page.path`, attachments as in `Attachment.path`.
    `closed` names the folders that could not be looked into, so that nobody may read what they hold.
    """

    pages: Mapping[str, Signature]
    data: Mapping[str, Signature]
    attachments: Mapping[str, Signature]
    closed: frozenset[str]
    faults: tuple[Fault, ...]


def scan(content: Path) -> Scan:
    """Walk the folder once, without opening any file. Raises OSError when the folder itself cannot be read."""
    walk = _Walk(_Sorted())
    walk.enter(content, "")
    return walk.found.scan()


def changed_scan(found: Scan, changed: Mapping[str, bytes | None]) -> Scan:
    """Return what a walk would find, had these files this content. None: no such file."""
    sorting = _Sorted(
        pages=dict(found.pages),
        data=dict(found.data),
        attachments=dict(found.attachments),
        closed=set(found.closed),
        faults=set(found.faults),
    )
    for relative, content in changed.items():
        sorting.forget(relative)
        if content is not None and sorting.leads_to(relative) and not relative.rpartition("/")[2].startswith("."):
            sorting.take(relative, is_link=False, is_regular=True, signature=_NOT_ON_DISK)
    # In the order of a walk, on which it depends which of two pages with the same place and title comes first.
    sorting.pages = dict(sorted(sorting.pages.items(), key=lambda page: f"{page[0]}.md".split("/")))
    return sorting.scan()


def same_but_for(places: Collection[str], one: Scan, other: Scan) -> bool:
    """Say whether two walks found the same, but for what these places hold. A place is the path of a fault."""
    return all(
        _without(places, before) == _without(places, after)
        for before, after in ((one.pages, other.pages), (one.data, other.data), (one.attachments, other.attachments))
    )


def _without(places: Collection[str], found: Mapping[str, Signature]) -> dict[str, Signature]:
    folders = tuple(place for place in places if place.endswith("/"))
    return {
        path: signature
        for path, signature in found.items()
        if not path.startswith(folders) and not {path, f"{path}.md"}.intersection(places)
    }


@dataclass
class _Sorted:
    """What was found, sorted by what it is. It knows names and never looks at the disk."""

    pages: dict[str, Signature] = field(default_factory=dict)
    data: dict[str, Signature] = field(default_factory=dict)
    attachments: dict[str, Signature] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    faults: set[Fault] = field(default_factory=set)

    def scan(self) -> Scan:
        return Scan(self.pages, self.data, self.attachments, frozenset(self.closed), tuple(sorted(self.faults)))

    def enters(self, folder: str) -> bool:
        """Say whether what stands in a folder counts, and keep the fault of one that should not be there."""
        *above, name = folder.split("/")
        if name.startswith("."):
            return False
        if FILES_FOLDER in above:
            if above[-1] != FILES_FOLDER:
                self.faults.add(Fault(f"{folder}/", "a page's files stand in one folder, without folders in it"))
            return above[-1] == FILES_FOLDER
        if name == FILES_FOLDER and DATA_FOLDER not in above:
            return True
        if name.startswith("_") and folder != DATA_FOLDER:
            return False
        if len(above) >= DEEPEST_FOLDER:
            self.close(folder, f"stands more than {DEEPEST_FOLDER} folders deep: move it up")
            return False
        return True

    def leads_to(self, relative: str) -> bool:
        """Say whether a walk gets to the file: all folders on the way to it count."""
        parts = relative.split("/")
        folders = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        refused = {fault.path for fault in self.faults}
        return all(self.enters(folder) and folder not in refused for folder in folders)

    def take(self, relative: str, *, is_link: bool, is_regular: bool, signature: Signature) -> None:
        """Sort a file in."""
        if relative.startswith(f"{DATA_FOLDER}/"):
            self.data[relative] = signature
        elif reason := _refusal(relative, is_link=is_link, is_regular=is_regular):
            self.faults.add(Fault(relative, reason))
        elif FILES_FOLDER in relative.split("/"):
            self.attachments[relative] = signature
        elif relative.endswith(".md"):
            self.pages[relative.removesuffix(".md")] = signature

    def forget(self, relative: str) -> None:
        """Take a file out again."""
        if relative.endswith(".md"):
            self.pages.pop(relative.removesuffix(".md"), None)
        self.data.pop(relative, None)
        self.attachments.pop(relative, None)
        self.faults = {fault for fault in self.faults if fault.path != relative}

    def close(self, folder: str, reason: str, *, is_unread: bool = False) -> None:
        """Let nobody read what is in a folder."""
        self.closed.add(folder)
        message = f"the folder {reason}; nobody may read what is in it"
        self.faults.add(Fault(f"{folder}/", message, is_unread=is_unread))


@dataclass(frozen=True)
class _Walk:
    """Goes through the folder. What cannot be looked at is a fault of its own and never stops the others."""

    found: _Sorted

    def enter(self, folder: Path, prefix: str) -> None:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda one: one.name)
        except OSError as error:
            if not prefix:
                raise
            self.found.close(prefix.rstrip("/"), f"cannot be read: {error.strerror}", is_unread=is_there(error))
            return
        for entry in entries:
            if not entry.name.startswith(".") and f"{prefix}{entry.name}" != LOST_AND_FOUND:
                # A name that is no text can be neither shown nor an address: it is refused under one that can be shown.
                name = os.fsencode(entry.name).decode(errors="replace")
                self._take(entry, f"{prefix}{name}")

    def _take(self, entry: os.DirEntry[str], relative: str) -> None:
        try:
            if not entry.is_dir(follow_symlinks=False):
                self._take_file(entry, relative)
                return
        except FileNotFoundError:  # it was there a moment ago
            return
        except OSError as error:
            self.found.faults.add(Fault(relative, f"cannot be read: {error.strerror}", is_unread=is_there(error)))
            return
        if self.found.enters(relative):
            self.enter(Path(entry.path), f"{relative}/")

    def _take_file(self, entry: os.DirEntry[str], relative: str) -> None:
        status = entry.stat(follow_symlinks=False)
        self.found.take(
            relative,
            is_link=stat.S_ISLNK(status.st_mode),
            is_regular=stat.S_ISREG(status.st_mode),
            signature=(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino),
        )


def _refusal(relative: str, *, is_link: bool, is_regular: bool) -> str | None:
    """Say why a file cannot be a page or stand beside one, or None."""
    if is_link:
        return "is a link to another place, which is not followed: put the file itself here"
    if FILES_FOLDER in relative.split("/"):
        return _refusal_of_attachment(relative, is_regular=is_regular)
    return _refusal_of_page(relative, is_regular=is_regular) if relative.lower().endswith(".md") else None


def _refusal_of_page(relative: str, *, is_regular: bool) -> str | None:
    parts = relative[: -len(".md")].split("/")
    if not is_regular:
        return "is not a file"
    if not relative.endswith(".md") or not all(NAME.fullmatch(part) for part in parts):
        return "its name makes no address: use lower-case letters, digits and single hyphens"
    if parts[0] in RESERVED:
        return f"the address /{parts[0]} belongs to the program: choose another name"
    return None


def _refusal_of_attachment(relative: str, *, is_regular: bool) -> str | None:
    *above, files, page, name = ["", "", *relative.split("/")]
    if not is_regular:
        return "is not a file"
    if files != FILES_FOLDER:
        return f"belongs to no page: put it into {FILES_FOLDER}/ and there into a folder named after the page"
    stem, dot, extension = name.rpartition(".")
    parts = [*filter(None, above), page, stem, extension]
    if not dot or not all(NAME.fullmatch(part) for part in parts):
        return "its name makes no address: use lower-case letters, digits and single hyphens, as in flow-chart.png"
    return None
