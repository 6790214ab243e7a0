"""The fields of the index, and how a section of a page becomes a document of it."""

import hashlib
from collections.abc import Iterator, Mapping

from whoosh.fields import ID, KEYWORD, STORED, Schema

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.page import Document, Page, Section
from knowledge_base.search.words import COMMON_STEMS, stems_of, words_of

# Raise it whenever anything here or in words.py changes: an index made otherwise is then built anew.
SCHEMA_VERSION = "6"

# All that can be found stands in one field, as stems: the fewer lists of postings a search reads, the faster it is.
# ranking.py tells titles from bodies afterwards, by the stored stems.
SCHEMA = Schema(
    page=ID(stored=True),
    revision=ID(stored=True),
    audience=ID(stored=True),
    area=ID(stored=True),
    words=KEYWORD(scorable=True),
    # The words as they are written, without those that a section hides: what a correction may offer.
    spellings=KEYWORD(scorable=True),
    anchor=STORED,
    title=STORED,
    heading=STORED,
    body=STORED,
    summary=STORED,
    asked=STORED,
    deadlines=STORED,
    stems=STORED,
)

# How often the index counts a word of a title or a heading: only the choice of candidates depends on it.
_TITLE_COUNTS = 2


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


def documents_for(page: Page, document: Document) -> Iterator[dict[str, object]]:
    """Yield the page's sections as the index keeps them.

    Every page has one for its opening, even when nothing stands before its first heading: its title has to be found.
    """
    sections = document.sections
    if all(section.anchor for section in sections):
        sections = (Section("", page.meta.title, "", "", page.requirement), *sections)
    for section in sections:
        requirement = Requirement(page.requirement.audiences | section.requirement.audiences)
        yield _document(page, section, requirement.key)


def _document(page: Page, section: Section, audience: str) -> dict[str, object]:
    reader_words = ", ".join(page.meta.keywords)
    stems: dict[str, str | tuple[str, ...]] = {
        "title": _stems(page.meta.title),
        "heading": _stems(section.heading),
        "body": _stems(section.text),
        "keywords": _stems(f"{reader_words}, {section.hidden_words}"),
        "asked": tuple(map(_stems, section.asked)),
    }
    readable = " ".join([page.meta.title, section.heading, section.text, reader_words, *section.asked])
    return {
        "page": page.url,
        "revision": revision_of(page),
        "audience": audience,
        "area": area_of(page.url),
        "words": _words(stems),
        "spellings": " ".join(dict.fromkeys(words_of(readable))),
        "anchor": section.anchor,
        "title": page.meta.title,
        "heading": section.heading,
        "body": section.text,
        "summary": page.meta.summary,
        "asked": section.asked,
        "deadlines": tuple((one.what, one.by) for one in section.deadlines),
        "stems": stems,
    }


def _stems(text: str) -> str:
    return " ".join(stems_of(text))


def _words(stems: Mapping[str, str | tuple[str, ...]]) -> str:
    """Put together what finds a section. Common words ("who do I tell") count only where they are not running text."""
    body = (stem for stem in str(stems["body"]).split() if stem not in COMMON_STEMS)
    headed = f"{stems['title']} {stems['heading']}"
    return " ".join([*[headed] * _TITLE_COUNTS, *body, str(stems["keywords"]), *stems["asked"]])
