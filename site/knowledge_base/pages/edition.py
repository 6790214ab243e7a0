"""The content at one moment: every page that can be served, and what stands in the way of the others.

An edition never changes, so a request that holds one sees pages, folders and data that fit together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from knowledge_base.access.audiences import Audiences, Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.pages.attachments import Attachment
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import folder_of, folders_above, url_of
from knowledge_base.pages.glossary import Glossary, is_glossary, terms_of
from knowledge_base.pages.listing import Listing
from knowledge_base.pages.page import Document, MayRead, Page, Status
from knowledge_base.pages.pinned import Pinned
from knowledge_base.pages.reading import Files
from knowledge_base.pages.redirects import Gone
from knowledge_base.pages.rendering import Renderer
from knowledge_base.pages.sources import Sources
from knowledge_base.pages.synonyms import Synonyms
from knowledge_base.pages.values import LocalData


@dataclass(frozen=True)
class Edition:
    """All pages and attachments by address, the folders' requirements, the data, and the faults found on the way.

    `recorded` are the folders that ask to record who reads their pages, `two_person` those whose changes
    a second person must approve; each holds for the folders in them too. `redirects` say what became of old addresses.
    `files` is what the edition was made of.
    `version` is the same for equal content, in every process.
    """

    version: str
    pages: Mapping[str, Page]
    folders: Mapping[str, Requirement]
    recorded: frozenset[str]
    two_person: frozenset[str]
    audiences: Audiences
    data: LocalData
    sources: Sources
    synonyms: Synonyms
    pinned: Pinned
    redirects: Mapping[str, Gone]
    attachments: Mapping[str, Attachment]
    faults: tuple[Fault, ...]
    files: Files = field(repr=False, compare=False)
    _renderer: Renderer = field(repr=False)
    _glossaries: dict[frozenset[Requirement], Glossary] = field(default_factory=dict, repr=False, compare=False)
    _listings: dict[frozenset[Requirement], Listing] = field(default_factory=dict, repr=False, compare=False)

    def page(self, url: str) -> Page | None:
        """Return the page at an address, whoever may read it."""
        return self.pages.get(url)

    def document(self, page: Page) -> Document:
        """Return the page rendered. Rendering happens once for each version of the page."""
        return self._renderer.document(page, self.data)

    @cached_property
    def glossary(self) -> Glossary:
        """All terms, whoever may read them."""
        pages = [page for page in self.pages.values() if is_glossary(page)]
        return Glossary(term for page in pages for term in terms_of(page, self.document(page)))

    def glossary_for(self, may_read: MayRead) -> Glossary:
        """Return the terms a reader may read: the same object for all who may read the same."""
        readable = frozenset(filter(may_read, self.glossary.requirements))
        if readable not in self._glossaries:
            self._glossaries[readable] = self.glossary.readable(may_read)
        return self._glossaries[readable]

    def may_read(self, viewer: Viewer) -> MayRead:
        """Return the question "may this viewer read what has that requirement?"."""
        return cache(lambda requirement: can_read(viewer, requirement, audiences=self.audiences))

    def folder_requirement(self, url: str) -> Requirement:
        """Return what the nearest folder on the way to an address requires, the address's own folder included."""
        known = [self.folders[folder] for folder in folders_above(url.strip("/")) if folder in self.folders]
        return known[-1] if known else Requirement()

    @property
    def old_addresses(self) -> Collection[str]:
        """All addresses that `redirects.yml` names, whether or not there is a page again."""
        return self.files.data.redirects.entries.keys()

    def gone(self, url: str, may_read: MayRead) -> Gone | None:
        """Return what became of the page of an old address, for a reader who may know; None for everybody else.

        That is who may read what is in the old address's folder and, where the page has moved, the page that it is now.
        """
        gone = None if url in self.pages else self.redirects.get(url)
        if gone is None or not may_read(gone.requirement) or not may_read(self.folder_requirement(url)):
            return None
        if not gone.to:
            return gone
        target = self.pages.get(gone.to.partition("#")[0])
        return gone if target and may_read(target.requirement) else None

    def attachment_requirements(self, attachment: Attachment) -> tuple[Requirement, ...]:
        """Return what a file requires: a reader who meets any of these may have it.

        They are those of the parts of its own page that link to it or show it. One that its page does not use is for
        whoever may read the whole page; one whose page cannot be rendered is for nobody.
        """
        document = self.document(self.pages[url_of(attachment.page_path)])
        if document.fault:
            return ()
        using = {part.requirement: None for part in document.parts if part.uses(attachment.url)}
        return tuple(using) or (
            Requirement(frozenset().union(*(part.requirement.audiences for part in document.parts))),
        )

    def may_have(self, attachment: Attachment, may_read: MayRead) -> bool:
        """Say whether a reader may have a file."""
        page = self.pages[url_of(attachment.page_path)]
        return may_read(page.requirement) and any(map(may_read, self.attachment_requirements(attachment)))

    def records_reading(self, page: Page) -> bool:
        """Say whether the page's folder, or one above it, asks to record who reads the page. Never of an open page."""
        folders = folders_above(folder_of(page.path))
        return not page.requirement.is_open and any(folder in self.recorded for folder in folders)

    def readable_pages(self, may_read: MayRead) -> tuple[Page, ...]:
        """Return every page the reader may read, in reading order."""
        return self._listing(may_read).pages

    def siblings(self, page: Page, may_read: MayRead) -> tuple[Page, ...]:
        """Return the readable pages of the page's folder in order, its index first."""
        return self._listing(may_read).by_folder.get(folder_of(page.path), ())

    def children(self, page: Page, may_read: MayRead) -> tuple[Page, ...]:
        """Return what a folder's index leads to: the folder's other pages, then the indexes of the folders in it."""
        if not page.is_index:
            return ()
        pages = [one for one in self.siblings(page, may_read) if one is not page]
        below = self._listing(may_read).indexes_below.get(folder_of(page.path), ())
        return (*pages, *(one for one in below if one is not page))

    def areas(self, may_read: MayRead) -> tuple[Page, ...]:
        """Return the index pages of the top-level folders."""
        return self._listing(may_read).areas

    def breadcrumbs(self, page: Page, may_read: MayRead) -> tuple[Page, ...]:
        """Return the readable pages from the home page down to the folder the page stands in; not the page itself."""
        above = [url_of("index"), *(url_of(f"{folder}/index") for folder in folders_above(folder_of(page.path)))]
        found = [self.pages[url] for url in above if url in self.pages and url != page.url]
        return tuple(one for one in found if may_read(one.requirement))

    def neighbours(self, page: Page, may_read: MayRead) -> tuple[Page | None, Page | None]:
        """Return the pages before and after this one, where its folder is a guide."""
        pages = [one for one in self.siblings(page, may_read) if one is page or one.meta.status is Status.CURRENT]
        if not pages or not pages[0].meta.guide or page not in pages:
            return None, None
        place = pages.index(page)
        return (pages[place - 1] if place else None), (pages[place + 1] if place + 1 < len(pages) else None)

    def _listing(self, may_read: MayRead) -> Listing:
        """Return the pages a reader may read: the same object for all who may read the same."""
        readable = frozenset(one for one in self._requirements if may_read(one))
        if readable not in self._listings:
            self._listings[readable] = Listing.of(self.pages.values(), readable)
        return self._listings[readable]

    @cached_property
    def _requirements(self) -> frozenset[Requirement]:
        return frozenset(page.requirement for page in self.pages.values())


def reading_order(page: Page) -> tuple[str, bool, int, str]:
    """Sort pages by folder, the index first, then by `order` and title."""
    return folder_of(page.path), not page.is_index, page.meta.order, page.meta.title
