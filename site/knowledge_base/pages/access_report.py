"""Say in plain sentences who can see a page and each part of it, and what in the files makes it so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import STAFF_ONLY
from knowledge_base.pages.files import folder_of, folders_above, url_of
from knowledge_base.pages.page import MayRead, Page, Part

AUDIENCES_FILE = "content/_data/audiences.yml"


@dataclass(frozen=True)
class Readers:
    """How many people with an account may read something. Their names are only there for whoever may know them."""

    number: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class GroupLine:
    """A group, and the people in it."""

    name: str
    people: Readers


@dataclass(frozen=True)
class AudienceLine:
    """An audience that the page or a part of it asks for."""

    title: str
    description: str
    groups: tuple[GroupLine, ...]


@dataclass(frozen=True)
class PartLine:
    """A part of the page that not everybody who may read the page may read."""

    heading: str
    url: str
    who: str
    readers: Readers


@dataclass(frozen=True)
class AccessReport:
    """Who can see a page, and why: `reasons` has a sentence for each file that has a say, from the top folder down."""

    title: str
    url: str
    who: str
    readers: Readers | None
    parts: tuple[PartLine, ...]
    reasons: tuple[str, ...]
    audiences: tuple[AudienceLine, ...]
    people: int


class AccessReports:
    """Make reports on pages of an edition: of the parts that the asker may read, and with no names unless asked for."""

    def __init__(self, edition: Edition, may_read: MayRead, people: Sequence[Viewer], *, with_names: bool) -> None:
        self._edition = edition
        self._may_read = may_read
        self._people = people
        self._with_names = with_names

    def report(self, page: Page) -> AccessReport:
        """Return the report. The caller has checked that the asker may read the page."""
        parts = [
            part
            for part in self._edition.document(page).parts
            if part.requirement != page.requirement and self._may_read(part.requirement)
        ]
        named = set(page.requirement.audiences).union(*(part.requirement.audiences for part in parts))
        return AccessReport(
            title=page.meta.title,
            url=page.url,
            who=self._who(page.requirement, "this page"),
            readers=None if page.requirement.is_open else self._readers_of(page.requirement),
            parts=tuple(self._part(page, part) for part in parts),
            reasons=tuple(self._reasons(page, parts)),
            audiences=tuple(self._audience(name) for name in sorted(named)),
            people=len(self._people),
        )

    def _part(self, page: Page, part: Part) -> PartLine:
        section = part.sections[0] if part.sections else None
        return PartLine(
            heading=section.heading if section else page.meta.title,
            url=f"{page.url}#{section.anchor}" if section and section.anchor else page.url,
            who=self._who(part.requirement, "this part"),
            readers=self._readers_of(part.requirement),
        )

    def _who(self, requirement: Requirement, what: str) -> str:
        if requirement.is_open:
            return f"Everyone may read {what}, without signing in."
        names = [f"the audience {self._title(name)}" for name in sorted(requirement.audiences)]
        if len(names) == 1:
            return f"Only people in {names[0]} may read {what}."
        return f"Only people who are in {' and in '.join(names)}, in each of them, may read {what}."

    def _reasons(self, page: Page, parts: Sequence[Part]) -> Iterator[str]:
        for folder in folders_above(folder_of(page.path)):
            yield self._reason(f"content/{folder}/index.md", self._stated(folder), f"the folder /{folder}")
        if not page.is_index or page.path == "index":
            yield self._reason(f"content/{page.path}.md", page.meta.audience, "the page")
        if parts:
            count = "a part" if len(parts) == 1 else f"{len(parts)} parts"
            yield f"content/{page.path}.md marks {count} with {STAFF_ONLY}, for fewer people than the page."
        if self._edition.records_reading(page):
            folders = [one for one in folders_above(folder_of(page.path)) if one in self._edition.recorded]
            yield f"content/{folders[0]}/index.md asks to record who reads the pages of its folder, with this one."

    def _reason(self, file: str, audience: str | None, what: str) -> str:
        if audience is None:
            return f"{file} names no audience for {what}, so it narrows nothing."
        if audience == OPEN:
            return f"{file} says that {what} is open, so it narrows nothing."
        return f"{file} says that {what} is for the audience {self._title(audience)} ({audience})."

    def _stated(self, folder: str) -> str | None:
        """Return the audience in the header of a folder's index, also of one that is not shown for another fault."""
        index = self._edition.page(url_of(f"{folder}/index"))
        if index is not None:
            return index.meta.audience
        above = self._edition.folders.get(folder_of(folder), Requirement())
        return next(iter(self._edition.folders[folder].audiences - above.audiences), None)

    def _audience(self, name: str) -> AudienceLine:
        audience = self._edition.audiences.by_name[name]
        groups = [
            GroupLine(group, self._readers(one for one in self._people if group in one.groups))
            for group in audience.groups
        ]
        return AudienceLine(audience.title, audience.description, tuple(groups))

    def _readers_of(self, requirement: Requirement) -> Readers:
        audiences = self._edition.audiences
        return self._readers(one for one in self._people if can_read(one, requirement, audiences=audiences))

    def _readers(self, people: Iterable[Viewer]) -> Readers:
        names = tuple(one.name for one in people)
        return Readers(len(names), names if self._with_names else ())

    def _title(self, name: str) -> str:
        return self._edition.audiences.title_of(name)
