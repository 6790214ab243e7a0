"""The glossary's terms: every level 2 heading of a page of the glossary, with the forms its `term` block gives."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml.html import HtmlElement

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages import structure
from knowledge_base.pages.page import Document, MayRead, Page

AREA = "/glossary"

Forms = tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """A term and where it is explained. `short_forms` are abbreviations, `other_names` what else people call it.

    `definition` is the first paragraph of the explanation. `linked` says how other pages lead to it: wherever it is,
    only when written `exact`ly so, or `never`.
    """

    name: str
    url: str
    requirement: Requirement
    short_forms: Forms = ()
    other_names: Forms = ()
    definition: str = ""
    linked: str = ""


class Glossary:
    """The terms that one kind of reader may read. Compared by identity, so that it can be the key of a cache."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)

    @cached_property
    def requirements(self) -> frozenset[Requirement]:
        """Those of the terms, each once."""
        return frozenset(term.requirement for term in self.terms)

    @cached_property
    def by_form(self) -> dict[str, Term]:
        """Each way in which a page may write a term, and the term. The first term to claim a form has it."""
        forms: dict[str, Term] = {}
        for term in self.terms:
            if term.linked != "never":
                for form in (*_spellings(term), *term.short_forms):
                    forms.setdefault(form, term)
        return forms

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds any form in running text: the longest first, whole words, with or without a plural s."""
        forms = sorted(self.by_form, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, forms)) or r"(?!)"
        return re.compile(rf"(?<![\w-])(?P<form>{alternatives})(?:s|’s|'s)?(?![\w-])")

    def within_a_sentence(self, term: Term) -> str:
        """Return the term with a small first letter, unless it is a name: in capitals, or of an exact term."""
        first, _, rest = term.name.partition(" ")
        return term.name if first in self._names or rest != rest.lower() else _spellings(term)[-1]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(term.name for term in self.terms if term.linked == "exact")

    def readable(self, may_read: MayRead) -> "Glossary":
        """Return the glossary of a reader."""
        return Glossary(term for term in self.terms if may_read(term.requirement))


def is_glossary(page: Page) -> bool:
    """Say whether a page explains terms."""
    return f"{page.url}/".startswith(f"{AREA}/")


def terms_of(page: Page, document: Document) -> Iterator[Term]:
    """Yield the terms that a page of the glossary explains."""
    for part in document.parts:
        tree = structure.parse(part.html)
        for heading in tree.iter("h2"):
            if not heading.text_content().strip():
                continue
            block = heading.getnext()
            block = block if block is not None and block.get("class", "").startswith("kb-term") else None
            yield Term(
                name=" ".join(heading.text_content().split()),
                url=f"{page.url}#{heading.get('id')}",
                requirement=part.requirement,
                short_forms=_forms(block, "kb-term__short"),
                other_names=_forms(block, "kb-term__also"),
                definition=_definition(heading),
                linked=block.get("class", "").partition("kb-term--")[2] if block is not None else "",
            )


def _definition(heading: HtmlElement) -> str:
    """Return the words of the first paragraph under the heading."""
    for element in heading.itersiblings():
        if element.tag in structure.HEADINGS:
            return ""
        if element.tag == "p":
            return structure.text_of(element)
    return ""


def _forms(block: HtmlElement | None, css_class: str) -> Forms:
    if block is None:
        return ()
    return tuple(one.text_content() for one in block.iter("span") if one.get("class") == css_class)


def _spellings(term: Term) -> Forms:
    """Return the term as its heading has it, and with a small first letter unless it is a name."""
    first = term.name.partition(" ")[0]
    if term.linked == "exact" or any(letter.isupper() or letter.isdigit() for letter in first[1:]):
        return (term.name,)
    return (term.name, term.name[0].lower() + term.name[1:])
