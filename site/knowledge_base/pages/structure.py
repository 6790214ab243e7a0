"""Give rendered Markdown its structure: stable anchors, tables that scroll, and the sections that search finds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import html
from lxml.html import HtmlElement
from markdown.extensions.toc import slugify

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.page import Deadline, Heading, Section

HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 4}
SECTION_LEVELS = {2, 3}
ASKED_CLASS = "kb-asked"
# Identifiers of the page's frame. A heading with one of them would take the skip link, say, to the wrong place.
LONGEST_ANCHOR = 100
RESERVED_ANCHORS = frozenset({"main-content", "q", "search", "contents", "about-this-page", "top"})

_EXPLICIT_ANCHOR = re.compile(rf"\{{#([A-Za-z][\w-]{{,{LONGEST_ANCHOR - 1}}})\}}\Z")
_BLOCK_TAGS = frozenset(
    {
        "p",
        "li",
        "ul",
        "ol",
        "div",
        "table",
        "tr",
        "th",
        "td",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "details",
        "summary",
        "br",
    }
)
_NEVER_SHOWN = ("kb-myth", "footnote-ref", "footnote-backref", "kb-warning__icon", "govuk-visually-hidden")
# What a page says to those who look after it is no part of an answer.
_FOR_EDITORS = re.compile(r"\s?\((?:[^()]{0,40}; )?for the content owner to check\)", re.IGNORECASE)
# Who does a step, by when: in running text these need something between them.
_FACT = "kb-fact kb-fact--"


def parse(markup: str) -> HtmlElement:
    """Turn a fragment of HTML into a tree, under one `div`."""
    return html.fragment_fromstring(markup, create_parent="div")


def inner_html(elements: Iterable[HtmlElement]) -> str:
    """Write elements, and the text after each, as HTML."""
    return "".join(html.tostring(element, encoding="unicode") for element in elements)


class Labels:
    """Gives out every label once, with a number behind the words where they are taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        # How far each label has been counted: to count anew each time takes too long for thousands of equal ones.
        self._last: dict[str, int] = {}

    def take(self, words: str) -> str:
        """Return the words, or the words and the first number that is free."""
        label, number = words, self._last.get(words, 1)
        while label in self._taken:
            number += 1
            label = f"{words}-{number}"
        self._last[words] = number
        self._taken.add(label)
        return label


def add_anchors(tree: HtmlElement, *, anchors: Labels) -> tuple[Heading, ...]:
    """Give each heading an `id`: the one its author wrote, else one made of its words.

    A page has one main heading, from its header, so a level 1 heading in the body becomes level 2.
    """
    found = []
    for element in [one for one in tree.iter() if one.tag in HEADINGS]:
        level = HEADINGS[element.tag]
        element.tag = f"h{level}"
        explicit = _take_explicit_anchor(element)
        text = text_of(element)
        anchor = explicit or slugify(text, "-")[:LONGEST_ANCHOR].rstrip("-") or "section"
        anchor = anchors.take(f"{anchor}-section" if anchor in RESERVED_ANCHORS else anchor)
        element.set("id", anchor)
        found.append(Heading(level=level, anchor=anchor, text=text))
    return tuple(found)


def link_terms(tree: HtmlElement, headings: Iterable[Heading], *, elsewhere: str) -> None:
    """Name the "see also" links of a glossary by the terms they lead to; those of another page are at `elsewhere`."""
    words = {heading.anchor: heading.text for heading in headings}
    for link in tree.iter("a"):
        if link.get("class") != "kb-term__see":
            continue
        anchor = link.get("href", "").removeprefix("#")
        if anchor in words:
            link.text = words[anchor]
        else:
            link.set("href", f"{elsewhere}#{anchor}")


def make_tables_scroll(tree: HtmlElement, *, title: str) -> None:
    """Wrap each table in a region that a keyboard can reach, named after the heading above it."""
    heading = title
    labels = Labels()
    for element in list(tree.iter()):
        if element.tag in HEADINGS:
            heading = text_of(element)
        if alignment := element.attrib.pop("align", None):
            element.set("class", f"kb-align-{alignment}")
        if element.tag == "th" and not text_of(element):
            # A corner without words heads nothing.
            element.tag = "td"
        if element.tag == "table":
            label = labels.take(f"Table: {heading[:LONGEST_ANCHOR]}")
            region = html.Element("div", {"class": "kb-table", "role": "region", "tabindex": "0", "aria-label": label})
            region.tail, element.tail = element.tail, None
            element.getparent().replace(element, region)
            region.append(element)


def put_asked(tree: HtmlElement, mark: str, asked: Sequence[Sequence[str]]) -> bool:
    """Put what readers ask where the mark stands as a paragraph of its own. Says whether every place was found."""
    places = [element for element in tree if element.tag == "p" and element.text == mark]
    if len(places) != len(asked):
        return False
    for place, questions in zip(places, asked, strict=True):
        place.tag = "div"
        place.set("class", ASKED_CLASS)
        place.text = "\n".join(questions)
    return True


def is_asked(element: HtmlElement) -> bool:
    """Say whether an element holds what readers ask: it is for searches, and never for the page."""
    return bool(element.get("class") == ASKED_CLASS)


@dataclass
class _Draft:
    anchor: str
    heading: str
    shown: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)


def sections_of(
    elements: Iterable[HtmlElement], *, anchor: str, heading: str, requirement: Requirement
) -> tuple[Section, ...]:
    """Cut elements at their level 2 and 3 headings. `anchor` and `heading` belong to what stands before the first."""
    drafts = [_Draft(anchor, heading)]
    for element in elements:
        if HEADINGS.get(element.tag) in SECTION_LEVELS:
            drafts.append(_Draft(element.get("id", ""), text_of(element)))
            drafts[-1].shown.append(element.tail or "")
        elif is_asked(element):
            drafts[-1].asked += [question for question in (element.text or "").split("\n") if question]
        else:
            _collect(element, drafts[-1])
            drafts[-1].deadlines += _deadlines_of(element)
    return tuple(
        Section(
            anchor=draft.anchor,
            heading=draft.heading,
            text=_one_line(draft.shown),
            hidden_words=_one_line(draft.hidden),
            requirement=requirement,
            asked=tuple(draft.asked),
            deadlines=tuple(draft.deadlines),
        )
        for draft in drafts
        if _one_line(draft.shown) or _one_line(draft.hidden) or draft.asked or draft.anchor not in {"", anchor}
    )


def _collect(element: HtmlElement, draft: _Draft) -> None:
    """Add the element's words to the draft: those of a myth, and of a picture, to what is never shown."""
    css_class = element.get("class", "")
    if css_class.startswith(_NEVER_SHOWN):
        if css_class == "kb-myth":
            draft.hidden += [f" {quoted.text_content()} " for quoted in element.iter("blockquote")]
    elif element.tag == "img":
        # What a picture tells makes the section found; in an excerpt there is no picture.
        draft.hidden.append(f" {element.get('alt', '')} ")
    elif isinstance(element.tag, str):
        gap = "\n" if element.tag in _BLOCK_TAGS else ""
        draft.shown += ["· " if css_class.startswith(_FACT) else gap, element.text or ""]
        for child in element:
            _collect(child, draft)
        draft.shown.append(gap)
    draft.shown.append(element.tail or "")


def _deadlines_of(element: HtmlElement) -> Iterator[Deadline]:
    """Yield by when the steps in an element must be done."""
    for step in element.iter("li"):
        facts = [child for child in step.iter("span") if child.get("class", "").startswith(_FACT)]
        by = [fact for fact in facts if fact.get("class") == f"{_FACT}by"]
        if by and next(by[0].iterancestors("li")) is step:
            whole = text_of(step)
            for fact in facts:
                whole = whole.replace(text_of(fact), "")
            yield Deadline(what=_one_line([whole]), by=text_of(by[0]).partition(": ")[2])


def _one_line(pieces: list[str]) -> str:
    return " ".join(_FOR_EDITORS.sub("", " ".join("".join(pieces).split())).split())


def _take_explicit_anchor(heading: HtmlElement) -> str | None:
    """Cut `{#anchor}` off the end of a heading and return the anchor."""
    last = heading[-1] if len(heading) else None
    text = ((last.tail if last is not None else heading.text) or "").rstrip()
    found = _EXPLICIT_ANCHOR.search(text)
    if not found:
        return None
    rest = text[: found.start()].rstrip()
    if last is not None:
        last.tail = rest
    else:
        heading.text = rest
    return found[1]


def text_of(element: HtmlElement) -> str:
    """Return an element's words on one line."""
    return " ".join(element.text_content().split())
