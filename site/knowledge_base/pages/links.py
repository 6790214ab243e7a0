"""The links and pictures of pages: where each leads, and which lead nowhere."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from knowledge_base.pages.attachments import ADDRESS, folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.page import Page, Part, Reference
from knowledge_base.pages.plain_english import doubt_about_link
from knowledge_base.pages.quotations import all_may_read

# Addresses that the program answers itself.
PROGRAM_ADDRESSES = frozenset({"/search", "/login", "/account", "/sitemap.xml"})

_NAME_OF_A_PICTURE = re.compile(r"\S+\.(?:png|jpe?g|gif|webp)", re.IGNORECASE)
_Said = tuple[Severity, str, str]


class Links:
    """Checks where the links and pictures of an edition's pages lead."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def check(self, page: Page) -> Iterator[Finding]:
        """Name the page's links that lead nowhere, and the pictures that cannot be shown."""
        for part in self._edition.document(page).parts:
            for reference in part.references:
                found = (
                    self._about_picture(page, reference) if reference.is_picture else self._about(page, part, reference)
                )
                if found:
                    severity, message, remedy = found
                    wanted = reference.address or reference.words
                    line = line_of(page, wanted)
                    yield Finding(f"{page.path}.md", line, severity, message, remedy, about=part.requirement)

    def leads_somewhere(self, address: str) -> bool:
        """Say whether there is a page at an address, and a heading if it names one."""
        url, _, anchor = address.partition("#")
        target = self._edition.page(url)
        return target is not None and (not anchor or self._has_anchor(target, anchor))

    def _about(self, page: Page, part: Part, link: Reference) -> _Said | None:
        if link.address is None:
            message = f"the link [{link.words}] leads nowhere: its kind of address is not allowed"
            return Severity.ERROR, message, "use an address of a page, or one that starts with https://"
        parts = urlsplit(link.address)
        if parts.scheme or parts.netloc:
            return None
        if parts.path.startswith(f"{ADDRESS}/"):
            return self._about_file(part, link, parts.path)
        return self._about_page(page, link, parts)

    def _about_page(self, page: Page, link: Reference, parts: SplitResult) -> _Said | None:
        if parts.path and not parts.path.startswith("/"):
            return _nowhere(link, "it is no whole address", "write the whole address, from its first /")
        target = self._edition.page(parts.path) if parts.path else page
        if target is None:
            return self._about_no_page(link, parts.path)
        if parts.fragment and not self._has_anchor(target, unquote(parts.fragment)):
            remedy = "link to one that is there, or give the heading this anchor: {#…}"
            return _nowhere(link, "the page has no such heading", remedy)
        return None

    def _about_no_page(self, link: Reference, url: str) -> _Said | None:
        gone = self._edition.redirects.get(url)
        if url in PROGRAM_ADDRESSES:
            return None
        if gone and gone.to:
            return Severity.WARNING, f"the link to {link.address} leads to an old address", f"link to {gone.to}"
        if gone:
            return _nowhere(link, "the page was withdrawn", "link to what holds now, or take the link out")
        return _nowhere(link, "there is no such page", "link to a page that is there, or take the link out")

    def _about_file(self, part: Part, link: Reference, url: str) -> _Said | None:
        file = self._edition.attachments.get(url)
        if file is None:
            return _nowhere(link, "there is no such file", "add the file to its page, or take the link out")
        alternatives = self._edition.attachment_requirements(file)
        if not any(all_may_read(part.requirement, one, self._edition.audiences) for one in alternatives):
            message = f"not everyone who reads this may have the file {url}"
            return Severity.ERROR, message, "add the file to this page as well, or link to the page it belongs to"
        return None

    def _about_picture(self, page: Page, picture: Reference) -> _Said | None:
        if not picture.is_shown:
            return Severity.ERROR, f"the picture {picture.address} cannot be shown", self._remedy_for(page, picture)
        if not picture.words or _NAME_OF_A_PICTURE.fullmatch(picture.words):
            message = f"the picture {picture.address} has no alternative text"
            return Severity.ERROR, message, "say between the square brackets what it tells, for those who do not see it"
        return None

    def _remedy_for(self, page: Page, picture: Reference) -> str:
        file = self._edition.attachments.get(picture.address or "")
        if file and not file.kind.is_picture:
            return "it is a document: link to it"
        if file:
            return "it belongs to another page: add the picture to this one as well"
        return f"put the picture into {folder_for(page.path)}/ and write its address under {ADDRESS}/"

    def _has_anchor(self, page: Page, anchor: str) -> bool:
        return any(anchor in part.anchors for part in self._edition.document(page).parts)


def check_link_words(edition: Edition, page: Page) -> Iterator[Finding]:
    """Name links whose words do not say where they lead."""
    for part in edition.document(page).parts:
        for reference in part.references:
            if not reference.is_picture and (doubt := doubt_about_link(reference.words)):
                line = line_of(page, f"[{reference.words}]") or line_of(page, reference.words)
                remedy = "link words that name what is there"
                yield Finding(f"{page.path}.md", line, Severity.WARNING, doubt, remedy)


def line_of(page: Page, words: str) -> int:
    """Return the line of the page's file on which the words stand, or 0 when they do not stand there as such."""
    place = page.body.find(words)
    return page.body_line + page.body.count("\n", 0, place) if place >= 0 else 0


def _nowhere(link: Reference, reason: str, remedy: str) -> _Said:
    return Severity.ERROR, f"the link to {link.address} leads nowhere: {reason}", remedy
