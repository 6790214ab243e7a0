"""Lead from the words of a page to the glossary: each term once, where it first stands."""

import hashlib
import re
import zlib
from weakref import WeakKeyDictionary

from lxml import html as lxml_html
from lxml.html import HtmlElement

from knowledge_base.pages import structure
from knowledge_base.pages.glossary import Glossary, Term
from knowledge_base.pages.markdown import sanitise

# Within these a link would be out of place, or would stand in another link.
_LEFT_ALONE = frozenset({"a", "h2", "h3", "h4", "code", "pre", "summary", "blockquote", "th", "dt"})
_LEFT_ALONE_CLASSES = ("kb-contact", "kb-fact__label", "kb-staff-only__label", "kb-myth", "kb-provenance", "kb-unset")
# For each glossary, packed: 3 kB a page, where the text itself, before and after, takes ten times that.
PAGES_KEPT = 5_000
_LEVEL = 1
# A full name within so many characters explains an abbreviation too.
SOON = 120


# By the glossary: what was made for an edition, of a change that somebody only thinks of, say, goes with it.
_kept: WeakKeyDictionary[Glossary, dict[bytes, bytes]] = WeakKeyDictionary()


def link_terms(html: str, glossary: Glossary) -> str:
    """Return the HTML with the first use of each term linked, and an abbreviation that comes unexplained explained."""
    kept = _kept.setdefault(glossary, {})
    key = hashlib.sha256(html.encode()).digest()
    if packed := kept.get(key):
        return zlib.decompress(packed).decode()
    tree = structure.parse(html)
    _Linker(glossary).visit(tree)
    linked = sanitise(tree)
    if len(kept) >= PAGES_KEPT:
        kept.clear()
    kept[key] = zlib.compress(linked.encode(), _LEVEL)
    return linked


class _Linker:
    """One walk over a page, in reading order."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self._linked: set[Term] = set()
        self._read = ""

    def visit(self, element: HtmlElement) -> None:
        """Link the terms in an element and in all below it."""
        if not isinstance(element.tag, str) or element.tag in _LEFT_ALONE or _is_left_alone(element):
            self._read += f" {element.text_content()}" if isinstance(element.tag, str) else ""
            return
        element.text = self._replace(element, element.text, place=0)
        for child in list(element):
            self.visit(child)
            child.tail = self._replace(element, child.tail, place=element.index(child) + 1)

    def _replace(self, parent: HtmlElement, text: str | None, *, place: int) -> str | None:
        """Put links into a stretch of text and return what stands before the first of them."""
        if not text or text.isspace():
            return text
        pieces: list[tuple[str, HtmlElement]] = []
        end = 0
        for found in self._glossary.pattern.finditer(text):
            term = self._glossary.by_form[found["form"]]
            if term in self._linked:
                continue
            self._linked.add(term)
            self._read += text[end : found.start()]
            link = lxml_html.Element("a", {"href": term.url, "class": "kb-term-link"})
            link.text = found[0]
            link.tail = self._explanation(term, found["form"], text[found.end() :])
            pieces.append((text[end : found.start()], link))
            end = found.end()
        self._read += text[end:]
        return _insert(parent, pieces, text[end:], place=place)

    def _explanation(self, term: Term, form: str, rest: str) -> str:
        """Return an abbreviation's full name in brackets, unless the page gives it before or right here."""
        if form not in term.short_forms or re.match(r"\W{0,2}\(", rest):
            return ""
        near = " ".join(f"{self._read} {rest[:SOON]}".split()).lower()
        is_known = any(known.lower() in near for known in (term.name, *term.other_names))
        return "" if is_known else f" ({self._glossary.within_a_sentence(term)})"


def _insert(parent: HtmlElement, pieces: list[tuple[str, HtmlElement]], rest: str, *, place: int) -> str | None:
    if not pieces:
        return rest
    for number, (_, link) in enumerate(pieces):
        following = pieces[number + 1][0] if number + 1 < len(pieces) else rest
        link.tail = f"{link.tail or ''}{following}"
        parent.insert(place + number, link)
    return pieces[0][0]


def _is_left_alone(element: HtmlElement) -> bool:
    css_class: str = element.get("class", "")
    return css_class.startswith(_LEFT_ALONE_CLASSES)
