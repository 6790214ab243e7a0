"""The fields of the index, and how a section of a page becomes a document of it."""

import hashlib
from collections.abc import Iterator, Mapping

from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.scoring import BM25F

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.page import Document, Page, Section
from knowledge_base.search.words import EVERY_WORD, TELLING_WORDS

# Raise it whenever anything here or in words.py changes: an index made otherwise is then built anew.
SCHEMA_VERSION = "3"

SCHEMA = Schema(
    page=ID(stored=True),
    revision=ID(stored=True),
    audience=ID(stored=True),
    area=ID(stored=True),
    anchor=STORED,
    title=TEXT(analyzer=EVERY_WORD, stored=True),
    heading=TEXT(analyzer=EVERY_WORD, stored=True),
    body=TEXT(analyzer=TELLING_WORDS, stored=True, chars=True),
    # Searched and never shown: the header's keywords, and the words that a section hides (a myth's own). Stored only
    # because ranking.py looks at them.
    keywords=TEXT(analyzer=EVERY_WORD, stored=True),
    # The header's keywords alone, which a correction of the spelling may offer. Those that a section hides it may not.
    reader_words=STORED,
    summary=STORED,
    status=STORED,
)

BOOSTS = {"title": 1.5, "heading": 1.2, "body": 1.0, "keywords": 1.2}
# The fields that keep common words.
SHORT_FIELDS = ("title", "heading", "keywords")
# A page with many keywords is no worse an answer for it, so their number does not count.
WEIGHTING = BM25F(keywords_B=0.0)


def revision_of(page: Page) -> str:
    """Return one word for the page as it stands: who may read it, and everything they would see."""
    parts = (page.url, page.fingerprint, *sorted(page.requirement.audiences))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def section_url(document: Mapping[str, str]) -> str:
    """Return the address of a section, from what is stored of it."""
    return f"{document['page']}#{document['anchor']}" if document["anchor"] else document["page"]


def area_of(url: str) -> str:
    """Return the first part of a page's address: empty for the home page."""
    return url.split("/")[1]


def documents_for(page: Page, document: Document) -> Iterator[dict[str, str]]:
    """Yield the page's sections as the index keeps them.

    Every page has one for its opening, even when nothing stands before its first heading: its title has to be found.
    """
    sections = document.sections
    if all(section.anchor for section in sections):
        sections = (Section("", page.meta.title, "", "", page.requirement), *sections)
    for section in sections:
        requirement = Requirement(page.requirement.audiences | section.requirement.audiences)
        yield _document(page, section, requirement.key)


def _document(page: Page, section: Section, audience: str) -> dict[str, str]:
    reader_words = ", ".join(page.meta.keywords)
    return {
        "page": page.url,
        "revision": revision_of(page),
        "audience": audience,
        "area": area_of(page.url),
        "anchor": section.anchor,
        "title": page.meta.title,
        "heading": section.heading,
        "body": section.text,
        "keywords": f"{reader_words}, {section.hidden_words}",
        "reader_words": reader_words,
        "summary": page.meta.summary,
        "status": page.meta.status.value,
    }
