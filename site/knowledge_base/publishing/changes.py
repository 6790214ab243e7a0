"""A change of content before it is published: files, and what is to be said about them."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Actor, Kind
from knowledge_base.publishing.errors import ChangeRefusedError
from knowledge_base.repository.repository import Author

_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
PAGE_FILE = re.compile(rf"(?P<page>(?:{_NAME}/){{0,12}}{_NAME})\.md")
DATA_FILE = re.compile(rf"_data/{_NAME}\.yml")
ATTACHMENT = re.compile(rf"(?P<folder>(?:{_NAME}/){{0,12}})_files/(?P<name>{_NAME})/{_NAME}\.[a-z0-9]+")
LONGEST_NOTE = 1_000


def new_name() -> str:
    """Return a name that no publication has had."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class FileChange:
    """A file under `content/` as it is to become, and as it was when its author began. None: there is no such file."""

    path: str
    content: bytes | None
    base: bytes | None

    def __post_init__(self) -> None:
        if not any(kind.fullmatch(self.path) for kind in (PAGE_FILE, DATA_FILE, ATTACHMENT)):
            message = (
                f"'{self.path}' is not the path of a page, a file of a page or a data file. "
                "Names have lower-case letters, digits and hyphens only."
            )
            raise ChangeRefusedError(message)

    @property
    def page(self) -> str | None:
        """The path of the page that the file is, or belongs to. None for a data file."""
        if found := PAGE_FILE.fullmatch(self.path):
            return found["page"]
        found = ATTACHMENT.fullmatch(self.path)
        return f"{found['folder']}{found['name']}" if found else None


@dataclass(frozen=True)
class Change:
    """Files that change together, and the note that tells readers what changed.

    `subject` names what it is about: a page's path without `.md`, or a data file's. `details` are those that the kind
    of event has besides the note. `is_minor` means that nobody needs to be told. `trailers` are kept with the commit.
    `name` is the publication's in the journal, and stands in the commit.
    """

    files: tuple[FileChange, ...]
    subject: str
    note: str
    is_minor: bool = False
    kind: Kind = Kind.PAGE_PUBLISHED
    details: Mapping[str, str] = field(default_factory=dict)
    trailers: Mapping[str, str] = field(default_factory=dict)
    name: str = field(default_factory=new_name)

    def __post_init__(self) -> None:
        paths = [file.path for file in self.files]
        if not paths or len(paths) != len(set(paths)):
            message = "A change needs at least one file, and each only once."
            raise ChangeRefusedError(message)
        note = _tidy(self.note)
        if not note:
            message = "Say what changed, for readers."
            raise ChangeRefusedError(message)
        if len(note) > LONGEST_NOTE:
            message = f"The change note must be {LONGEST_NOTE} characters or fewer."
            raise ChangeRefusedError(message)
        object.__setattr__(self, "note", note)

    def with_contents(self, contents: Mapping[str, bytes | None], *, bases: Mapping[str, bytes | None]) -> "Change":
        """Return the same change under a new name, with other contents and bases of its files."""
        files = tuple(FileChange(file.path, contents[file.path], bases[file.path]) for file in self.files)
        return replace(self, files=files, name=new_name())


@dataclass(frozen=True)
class Contributor:
    """A person who changes content: as the access rules, git and the record know them."""

    viewer: Viewer
    author: Author
    actor: Actor


def _tidy(note: str) -> str:
    """Return the note on one line each paragraph, without signs that cannot be seen."""
    paragraphs = re.split(r"\n\s*\n", note.replace("\r\n", "\n"))
    lines = (" ".join("".join(sign if sign.isprintable() else " " for sign in one).split()) for one in paragraphs)
    return "\n\n".join(filter(None, lines))
