"""Gather what one reader sees of one page on one day: the values that the page templates show."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from knowledge_base.access.audiences import Audiences, Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import folder_of, url_of
from knowledge_base.pages.glossary import is_glossary
from knowledge_base.pages.page import Document, Heading, MayRead, Page, SourceReference, Status
from knowledge_base.pages.term_links import link_terms

# Below this many headings a page is short enough to take in without a list of contents.
FEWEST_HEADINGS_FOR_CONTENTS = 4
# Above this many they are a glossary's terms, and their first letters lead to them.
MOST_HEADINGS_IN_CONTENTS = 40
LATEST_SHOWN = 5
VERSION_LENGTH = 8


@dataclass(frozen=True)
class Link:
    """A page in a list of links. `reviewed_on` is when it was last reviewed."""

    title: str
    url: str
    summary: str = ""
    audience_tag: str | None = None
    is_current: bool = False
    status_tag: str | None = None
    reviewed_on: date | None = None


@dataclass(frozen=True)
class SourceLine:
    """A source as a page's foot shows it."""

    title: str
    part: str
    publisher: str
    date_text: str
    status: str
    url: str | None


@dataclass(frozen=True)
class SourceEntry:
    """A source as the register shows it: with the pages that rest on it and this reader may read."""

    id: str
    title: str
    publisher: str
    date_text: str
    status: str
    url: str | None
    pages: tuple[Link, ...]


@dataclass(frozen=True)
class PageView:
    """Everything a page template shows."""

    title: str
    summary: str
    html: Markup
    contents: tuple[Heading, ...]
    letters: tuple[Heading, ...]
    breadcrumbs: tuple[tuple[str, str], ...]
    section_title: str
    section_url: str
    section_links: tuple[Link, ...]
    children: tuple[Link, ...]
    latest: tuple[Link, ...]
    previous: Link | None
    next: Link | None
    owner: str | None
    last_reviewed: date | None
    review_by: date | None
    is_overdue: bool
    is_superseded: bool
    superseded_by: Link | None
    sources: tuple[SourceLine, ...]
    audience_tag: str | None
    printed_on: date
    version: str
    canonical_url: str
    is_reading_recorded: bool
    # Why it is not the file's newest text that is shown: for those who edit.
    faults: tuple[str, ...] = ()


class PageViews:
    """Make views of an edition's pages for one reader on one day."""

    def __init__(self, edition: Edition, may_read: MayRead, *, today: date, base_url: str) -> None:
        self._edition = edition
        self._may_read = may_read
        self._today = today
        self._base_url = base_url

    def view(self, page: Page) -> PageView:
        """Return the page as this reader sees it. The caller has checked that the reader may."""
        document = self._edition.document(page)
        headings = tuple(one for one in document.headings_for(self._may_read) if one.level == 2 and one.text)  # noqa: PLR2004
        letters = first_of_each_letter(headings) if len(headings) > MOST_HEADINGS_IN_CONTENTS else ()
        previous, following = self._edition.neighbours(page, self._may_read)
        section = self._edition.page(url_of(f"{folder_of(page.path)}/index")) if folder_of(page.path) else None
        replacement = self._edition.page((page.meta.superseded_by or "").partition("#")[0])
        meta = page.meta
        html = self._html(page, document)
        return PageView(
            title=meta.title,
            summary=meta.summary,
            html=Markup(html),  # noqa: S704 - sanitised by pages/markdown.py
            contents=headings if len(headings) >= FEWEST_HEADINGS_FOR_CONTENTS and not letters else (),
            letters=letters,
            breadcrumbs=tuple((one.meta.title, one.url) for one in self._edition.breadcrumbs(page, self._may_read)),
            section_title=section.meta.title if section else "",
            section_url=section.url if section else "",
            section_links=self._section_links(page),
            children=self._links(self._children(page)),
            latest=self._latest() if page.path == "index" else (),
            previous=self._link(previous),
            next=self._link(following),
            owner=meta.owner,
            last_reviewed=meta.last_reviewed,
            review_by=meta.review_by,
            is_overdue=page.is_overdue(self._today),
            is_superseded=meta.status is Status.SUPERSEDED,
            superseded_by=self._link(replacement),
            sources=tuple(self._source_line(reference) for reference in meta.sources),
            audience_tag=audience_tag(page.requirement, self._edition.audiences),
            printed_on=self._today,
            # Of what this reader gets: of anything more it would tell what the reader may not know.
            version=hashlib.sha256(f"{meta}{html}{self._digests(page)}".encode()).hexdigest()[:VERSION_LENGTH],
            canonical_url=f"{self._base_url}{page.url}",
            is_reading_recorded=self._edition.records_reading(page),
            faults=self._faults(page),
        )

    def sources(self) -> tuple[SourceEntry, ...]:
        """Return the register of sources."""
        pages = self._edition.readable_pages(self._may_read)
        return tuple(
            SourceEntry(
                id=key,
                title=source.title,
                publisher=source.publisher,
                date_text=source.date_text,
                status=source.status,
                url=source.url,
                pages=self._links(page for page in pages if key in {one.source for one in page.meta.sources}),
            )
            for key, source in self._edition.sources.by_id.items()
        )

    def _html(self, page: Page, document: Document) -> str:
        html = document.html_for(self._may_read)
        return html if is_glossary(page) else link_terms(html, self._edition.glossary_for(self._may_read))

    def _faults(self, page: Page) -> tuple[str, ...]:
        name = f"{page.path}.md"
        return tuple(str(fault) for fault in self._edition.faults if fault.path == name) if page.is_stand_in else ()

    def _digests(self, page: Page) -> list[str]:
        return [file.digest for file in page.files if self._edition.may_have(file, self._may_read)]

    def _children(self, page: Page) -> tuple[Page, ...]:
        if page.path == "index":
            return self._edition.areas(self._may_read)
        return self._edition.children(page, self._may_read)

    def _section_links(self, page: Page) -> tuple[Link, ...]:
        if page.is_index or not folder_of(page.path):
            return ()
        pages = [one for one in self._edition.siblings(page, self._may_read) if not one.is_index]
        pages = [one for one in pages if one is page or one.meta.status is Status.CURRENT]
        return tuple(Link(one.meta.title, one.url, is_current=one is page) for one in pages)

    def _latest(self) -> tuple[Link, ...]:
        dated = [page for page in self._edition.readable_pages(self._may_read) if page.meta.last_reviewed]
        dated.sort(key=lambda page: (page.meta.last_reviewed, page.url), reverse=True)
        return self._links(dated[:LATEST_SHOWN])

    def _links(self, pages: Iterable[Page]) -> tuple[Link, ...]:
        return tuple(
            Link(
                title=page.meta.title,
                url=page.url,
                summary=page.meta.summary,
                audience_tag=audience_tag(page.requirement, self._edition.audiences),
                reviewed_on=page.meta.last_reviewed,
                status_tag=status_tag(page, self._today),
            )
            for page in pages
        )

    def _link(self, page: Page | None) -> Link | None:
        if page is None or not self._may_read(page.requirement):
            return None
        return Link(page.meta.title, page.url)

    def _source_line(self, reference: SourceReference) -> SourceLine:
        source = self._edition.sources.by_id.get(reference.source)
        if source is None:
            return SourceLine(reference.source, reference.part, "not in the register of sources", "", "dated", None)
        part = source.parts.get(reference.part) or reference.part.replace("-", " ").capitalize()
        return SourceLine(source.title, part, source.publisher, source.date_text, source.status, source.url)


def areas(edition: Edition, may_read: MayRead, *, url: str) -> tuple[Link, ...]:
    """Return the top-level folders that a reader may read, marking the one that holds the address."""
    return tuple(
        Link(area.meta.title, area.url, is_current=f"{url}/".startswith(f"{area.url}/"))
        for area in edition.areas(may_read)
    )


def first_of_each_letter(headings: Iterable[Heading]) -> tuple[Heading, ...]:
    """Return a letter for each initial of the headings, leading to the first heading that has it."""
    first: dict[str, Heading] = {}
    for heading in headings:
        letter = heading.text[0].upper()
        first.setdefault(letter, Heading(heading.level, heading.anchor, letter))
    return tuple(first.values())


def status_tag(page: Page, today: date) -> str | None:
    """Say why a page is not to be relied on, for a tag beside its title. None for a current one."""
    if page.meta.status is Status.SUPERSEDED:
        return "Superseded"
    return "Review overdue" if page.is_overdue(today) else None


def audience_tag(requirement: Requirement, audiences: Audiences) -> str | None:
    """Name the audiences that may read something, for a tag beside it. None for what is open."""
    if requirement.is_open:
        return None
    return " and ".join(sorted(audiences.title_of(name) for name in requirement.audiences))
