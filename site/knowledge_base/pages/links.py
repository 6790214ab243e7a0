"""The links between pages: where each leads, and which lead nowhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from knowledge_base.pages import structure
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import Page

# Addresses that the program answers itself.
PROGRAM_ADDRESSES = frozenset({"/search", "/login", "/account", "/sitemap.xml"})


@dataclass(frozen=True)
class BrokenLink:
    """A link of a page that leads nowhere, and why. `href` is its text in brackets where it has lost its address."""

    page: Page
    href: str
    reason: str


class LinkGraph:
    """The links and anchors of an edition. Each page is parsed once."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._trees: dict[str, HtmlElement] = {}
        self._anchors: dict[str, frozenset[str]] = {}

    def broken_links(self, page: Page) -> Iterator[BrokenLink]:
        """Yield the page's links within the site that lead nowhere."""
        for link in self._tree(page).iter("a"):
            href = link.get("href")
            reason = "its kind of address is not allowed" if href is None else self._fault_of(page, href)
            if reason:
                yield BrokenLink(page, href or f"[{link.text_content()}]", reason)

    def _fault_of(self, page: Page, href: str) -> str | None:
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return None
        if parts.path and not parts.path.startswith("/"):
            return "write the whole address, from its first /"
        target = self._edition.page(parts.path) if parts.path else page
        if target is None:
            return None if parts.path in PROGRAM_ADDRESSES else "there is no such page"
        if parts.fragment and unquote(parts.fragment) not in self._anchors_of(target):
            return "the page has no such heading"
        return None

    def _anchors_of(self, page: Page) -> frozenset[str]:
        if page.url not in self._anchors:
            self._anchors[page.url] = frozenset(self._tree(page).xpath("//@id"))
        return self._anchors[page.url]

    def _tree(self, page: Page) -> HtmlElement:
        if page.url not in self._trees:
            html = self._edition.document(page).html_for(lambda _requirement: True)
            self._trees[page.url] = structure.parse(html)
        return self._trees[page.url]


def line_of(page: Page, words: str) -> int:
    """Return the line of the page's file on which the words stand, or 0 when they do not stand there as such."""
    found = re.search(re.escape(words), page.body)
    return page.body_line + page.body.count("\n", 0, found.start()) if found else 0
