"""The values that cross modules: a page as it stands in its file, and as rendered for its readers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.attachments import Attachment

MayRead = Callable[[Requirement], bool]


class Status(StrEnum):
    """Whether a page still says what holds today."""

    CURRENT = "current"
    SUPERSEDED = "superseded"


class Publishing(StrEnum):
    """How many people a change of a folder's pages takes: its author alone, or somebody who approves it too."""

    ONE_PERSON = "one-person"
    TWO_PERSON = "two-person"


@dataclass(frozen=True)
class SourceReference:
    """A document of the register of sources, and the part of it (empty: the whole)."""

    source: str
    part: str = ""


@dataclass(frozen=True)
class PageMeta:
    """What a page's header says. docs/writing.md explains each key."""

    title: str
    summary: str
    audience: str | None = None
    owner: str | None = None
    last_reviewed: date | None = None
    review_by: date | None = None
    status: Status = Status.CURRENT
    superseded_by: str | None = None
    sources: tuple[SourceReference, ...] = ()
    keywords: tuple[str, ...] = ()
    order: int = 1000
    guide: bool = False
    record_reading: bool = False
    publishing: Publishing = Publishing.ONE_PERSON


@dataclass(frozen=True)
class Page:
    """A page as its file says it.

    `path` is the file's path under `content/` without `.md` (`referral/index`), `url` its address (`/referral`).
    `requirement` holds the page's own audience and those of the folders above. `revision` changes with what the page
    says: its file, the values and sources it uses, and the `files` that belong to it. `fingerprint` changes with
    anything that may change what a reader sees: the revision, the audience, the program. `is_stand_in` is true for the
    last good version of a page whose file is broken.
    """

    path: str
    url: str
    meta: PageMeta
    requirement: Requirement
    body: str
    body_line: int
    revision: str
    fingerprint: str
    files: tuple[Attachment, ...] = ()
    is_stand_in: bool = False

    @property
    def is_index(self) -> bool:
        """Whether this is a folder's own page."""
        return self.path == "index" or self.path.endswith("/index")

    def is_overdue(self, today: date) -> bool:
        """Whether the day by which the page should have been reviewed has passed."""
        return self.meta.review_by is not None and self.meta.review_by < today


@dataclass(frozen=True)
class Heading:
    """A heading of the body: level 2 to 4, and the anchor that links to it."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Deadline:
    """What a step of a procedure asks for, and by when."""

    what: str
    by: str


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next one: what a search finds.

    `anchor` is empty for a page's opening. `hidden_words` are found by a search but never shown in an excerpt: a
    myth's own words, short forms of a term, what a picture tells. `asked` are questions, as readers put them, that
    the section answers: found and never shown either.
    """

    anchor: str
    heading: str
    text: str
    hidden_words: str
    requirement: Requirement
    asked: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A link or a picture of a part. `address` is None for one that sanitising took away, `words` are those shown.

    `is_shown` is false for a picture of which only the alternative text is shown.
    """

    address: str | None
    words: str
    is_picture: bool = False
    is_shown: bool = True


@dataclass(frozen=True)
class Part:
    """A stretch of a page with one requirement. Its HTML is sanitised. `anchors` are where a link can lead to."""

    requirement: Requirement
    html: str
    headings: tuple[Heading, ...]
    sections: tuple[Section, ...]
    references: tuple[Reference, ...] = ()
    anchors: frozenset[str] = frozenset()

    def uses(self, address: str) -> bool:
        """Say whether the part links to an address or shows the picture there."""
        return any((one.address or "").partition("#")[0] == address for one in self.references)


@dataclass(frozen=True)
class Document:
    """A page rendered, its parts in reading order. What a reader gets are the parts that reader may read.

    `fault` says why the body could not be rendered: then nobody knows what it holds, and it has one part that says so.
    """

    parts: tuple[Part, ...]
    fault: str = ""

    def html_for(self, may_read: MayRead) -> str:
        """Return the HTML of the parts the reader may read."""
        return "".join(part.html for part in self.parts if may_read(part.requirement))

    def headings_for(self, may_read: MayRead) -> tuple[Heading, ...]:
        """Return the headings of the parts the reader may read."""
        return tuple(heading for part in self.parts if may_read(part.requirement) for heading in part.headings)

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections, whoever may read them: for the index, which keeps each one's requirement."""
        return tuple(section for part in self.parts for section in part.sections)
