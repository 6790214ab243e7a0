"""The blocks an author can write: warning, inset, details, steps, contact, myth and term.

`fences.py` has already cut out the staff-only and asked blocks and refused every block that is not well formed.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension, BlocksProcessor
from pymdownx.blocks.block import Block, type_string, type_string_in

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.fences import BlockError
from knowledge_base.pages.inline import Found, may_use, show
from knowledge_base.pages.options import LINKED
from knowledge_base.pages.values import CONTACT_FIELDS, NOT_SET, Contact, LocalData

# Far above the paragraphs that the blocks of a page hold.
MOST_TURNS = 2_000
CONTACT_LABELS = {"phone": "Phone", "email": "Email", "hours": "Hours", "address": "Address"}


class _Turns:
    """Counts how often the blocks of a page are given something: some nestings make the library go on for ever."""

    def __init__(self) -> None:
        self._left = MOST_TURNS

    def take(self) -> None:
        """Count one. Raises BlockError when it is one too many."""
        self._left -= 1
        if self._left < 0:
            message = "blocks and lists are nested so that they cannot be read: put an empty line before and after each"
            raise BlockError(1, message)


class _OurBlock(Block):
    def on_init(self) -> None:
        # The library lets an author set any block's class and id. options.py refuses it; should it slip past there,
        # the block is shown as text.
        self.option_spec["attrs"] = ({}, _refused)

    def on_add(self, block: ET.Element) -> ET.Element:
        self.config["turns"].take()
        return self.inside(block)

    def inside(self, block: ET.Element) -> ET.Element:
        """Return the element that holds what the author writes."""
        return block


class _WarningBlock(_OurBlock):
    NAME = "warning"

    def on_create(self, parent: ET.Element) -> ET.Element:
        outer = ET.SubElement(parent, "div", {"class": "kb-warning"})
        icon = ET.SubElement(outer, "span", {"class": "kb-warning__icon", "aria-hidden": "true"})
        icon.text = AtomicString("!")
        inner = ET.SubElement(outer, "div", {"class": "kb-warning__text"})
        said = ET.SubElement(inner, "span", {"class": "govuk-visually-hidden"})
        said.text = AtomicString("Warning")
        return outer

    def inside(self, block: ET.Element) -> ET.Element:
        return block[1]


class _InsetBlock(_OurBlock):
    NAME = "inset"

    def on_create(self, parent: ET.Element) -> ET.Element:
        return ET.SubElement(parent, "div", {"class": "kb-inset"})


class _StepsBlock(_OurBlock):
    NAME = "steps"

    def on_create(self, parent: ET.Element) -> ET.Element:
        return ET.SubElement(parent, "div", {"class": "kb-steps"})


class _DetailsBlock(_OurBlock):
    NAME = "details"
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        details = ET.SubElement(parent, "details", {"class": "kb-details"})
        summary = ET.SubElement(details, "summary")
        summary.text = self.argument
        return details


class _MythBlock(_OurBlock):
    NAME = "myth"

    def on_create(self, parent: ET.Element) -> ET.Element:
        outer = ET.SubElement(parent, "div", {"class": "kb-myth"})
        label = ET.SubElement(outer, "p", {"class": "kb-myth__label"})
        label.text = AtomicString("The myth, which is not true")
        ET.SubElement(outer, "blockquote")
        return outer

    def inside(self, block: ET.Element) -> ET.Element:
        return block[1]


def _refused(_value: object) -> None:
    raise ValueError


def _texts(value: object) -> list[str]:
    return [type_string(one) for one in value] if isinstance(value, list) else [type_string(value)]


class _TermBlock(_OurBlock):
    NAME = "term"
    OPTIONS = {  # noqa: RUF012 - the library reads a plain dict
        "short": [[], _texts],
        "also": [[], _texts],
        "see": [[], _texts],
        "link": ["", type_string_in(list(LINKED))],
    }

    def on_create(self, parent: ET.Element) -> ET.Element:
        linked = self.options["link"]
        outer = ET.SubElement(parent, "div", {"class": f"kb-term kb-term--{linked}" if linked else "kb-term"})
        for option, label in (("short", "Short form"), ("also", "Also called")):
            if self.options[option]:
                _labelled(outer, label, [_named(text, f"kb-term__{option}") for text in self.options[option]])
        if self.options["see"]:
            _labelled(outer, "See also", map(_link_to_term, self.options["see"]))
        return outer


class _ContactBlock(_OurBlock):
    NAME = "contact"
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        outer = ET.SubElement(parent, "div", {"class": "kb-contacts"})
        data, requirement = self.config["data"], self.config["requirement"]
        contact = data.contacts.get(self.argument)
        if contact is None or not may_use(contact, requirement):
            _unset(outer)
        else:
            _card(outer, contact)
        return outer


class _ContactsBlock(_OurBlock):
    NAME = "contacts"
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        outer = ET.SubElement(parent, "ol", {"class": "kb-contacts kb-contacts--in-order"})
        data, requirement = self.config["data"], self.config["requirement"]
        contacts = [contact for _, contact in data.contacts_in(self.argument) if may_use(contact, requirement)]
        for contact in contacts:
            _card(ET.SubElement(outer, "li"), contact)
        if not contacts:
            _unset(ET.SubElement(outer, "li"))
        return outer


_BLOCKS = (
    _WarningBlock,
    _InsetBlock,
    _StepsBlock,
    _DetailsBlock,
    _MythBlock,
    _TermBlock,
    _ContactBlock,
    _ContactsBlock,
)


class KnowledgeBaseBlocks(BlocksExtension):
    """Teach Markdown our blocks, with the local data that one page may use."""

    def __init__(self, data: LocalData, requirement: Requirement) -> None:
        super().__init__()
        self._config = {"data": data, "requirement": requirement, "turns": _Turns()}

    def extendMarkdownBlocks(self, md: object, block_mgr: BlocksProcessor) -> None:  # noqa: ARG002, N802 - as the library
        """Register each block."""
        for block in _BLOCKS:
            block_mgr.register(block, self._config)


def _card(parent: ET.Element, contact: Contact) -> None:
    card = ET.SubElement(parent, "div", {"class": "kb-contact"})
    name = ET.SubElement(card, "p", {"class": "kb-contact__name"})
    name.text = AtomicString(contact.name)
    if contact.purpose:
        _paragraph(card, "kb-contact__purpose", contact.purpose)
    filled = [(field, getattr(contact, field)) for field in CONTACT_FIELDS if getattr(contact, field)]
    if not any(field in {"phone", "email"} for field, _ in filled):
        _unset(card, contact.if_unset)
    elif contact.provenance:
        _paragraph(card, "kb-provenance", contact.provenance)
    if filled:
        rows = ET.SubElement(card, "dl")
        for field, text in filled:
            ET.SubElement(rows, "dt").text = AtomicString(CONTACT_LABELS[field])
            ET.SubElement(rows, "dd").append(show(Found(text, field)))
    if contact.note:
        _paragraph(card, "kb-contact__note", contact.note)


def _unset(parent: ET.Element, words: str = NOT_SET) -> None:
    _paragraph(parent, "kb-unset", words)


def _paragraph(parent: ET.Element, css_class: str, text: str) -> None:
    ET.SubElement(parent, "p", {"class": css_class}).text = AtomicString(text)


def _labelled(parent: ET.Element, label: str, content: Iterable[ET.Element]) -> None:
    """Add a paragraph of a bold label and elements with commas between."""
    paragraph = ET.SubElement(parent, "p")
    strong = ET.SubElement(paragraph, "strong")
    strong.text, strong.tail = AtomicString(f"{label}:"), " "
    for number, element in enumerate(content):
        if number:
            paragraph[-1].tail = ", "
        paragraph.append(element)


def _named(text: str, css_class: str) -> ET.Element:
    element = ET.Element("span", {"class": css_class})
    element.text = AtomicString(text)
    return element


def _link_to_term(anchor: str) -> ET.Element:
    # The heading's words are not known here: structure.py puts them in for the links it finds.
    element = ET.Element("a", {"href": f"#{anchor}", "class": "kb-term__see"})
    element.text = AtomicString(anchor.replace("-", " "))
    return element
