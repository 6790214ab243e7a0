"""Files that belong to a page: pictures it shows and documents it leads to.

Those of `referral/share` stand in `content/referral/_files/share/` and are served under `/files/referral/share/`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.pages.faults import Fault
from knowledge_base.pages.file_kinds import LARGEST_FILE, FileKind, RefusedFileError, identify, size_in_words
from knowledge_base.pages.files import FILES_FOLDER, FileNotReadError, read_content, url_of

ADDRESS = "/files"


@dataclass(frozen=True)
class Attachment:
    """A file of a page. `path` is under `content/`, `page_path` is that page's `Page.path`, `digest` its content's."""

    path: str
    url: str
    page_path: str
    kind: FileKind
    size: int
    digest: str
    width: int = 0
    height: int = 0

    @property
    def details(self) -> str:
        """What readers are told beside a link to it: PDF, 240 kB."""
        return f"{self.kind.name}, {size_in_words(self.size)}"


@dataclass(frozen=True)
class AttachmentFile:
    """A file as read: what it is, or why it cannot be used."""

    attachment: Attachment | None
    faults: tuple[Fault, ...] = ()


def read_attachment(content: Path, path: str) -> AttachmentFile:
    """Read one file. Never raises: a fault is part of the result."""
    try:
        return attachment_of(path, read_content(content / path, largest=LARGEST_FILE))
    except FileNotReadError as error:
        return AttachmentFile(None, (Fault(path, str(error), may_pass=True, is_unread=error.is_there),))


def attachment_of(path: str, content: bytes) -> AttachmentFile:
    """Say what a file of this content is."""
    try:
        found = identify(path, content)
    except RefusedFileError as error:
        return AttachmentFile(None, (Fault(path, f"the file {error}"),))
    page_path, name = page_of(path), path.rpartition("/")[2]
    digest = hashlib.sha256(content).hexdigest()
    url = f"{ADDRESS}{url_of(page_path).rstrip('/')}/{name}"
    return AttachmentFile(Attachment(path, url, page_path, found.kind, len(content), digest, found.width, found.height))


def content_of(content: Path, attachment: Attachment) -> bytes | None:
    """Return the file's content, or None when it is not what was identified before."""
    try:
        found = read_content(content / attachment.path, largest=LARGEST_FILE)
    except FileNotReadError:
        return None
    return found if hashlib.sha256(found).hexdigest() == attachment.digest else None


def page_of(path: str) -> str:
    """Return the page a file belongs to, as in `Page.path`: `referral/share` for `referral/_files/share/form.pdf`."""
    folder, _, rest = f"/{path}".rpartition(f"/{FILES_FOLDER}/")
    return f"{folder}/{rest.partition('/')[0]}".strip("/")


def folder_for(page_path: str) -> str:
    """Return the folder under `content/` in which a page's files stand."""
    folder, _, name = page_path.rpartition("/")
    return f"{folder}/{FILES_FOLDER}/{name}".lstrip("/")


def page_url_of(url: str) -> str:
    """Return the address of the page that an address under `/files` speaks of, whether or not there is one."""
    return url.removeprefix(ADDRESS).rpartition("/")[0] or "/"
