"""What an author can write within a line besides Markdown: placeholders, and who does a step by when."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.pages.values import CONTACT_FIELDS, NOT_SET, Contact, LocalData, Value

PLACEHOLDER = r"\{\{[ \t]{0,9}([\w.-]{0,100})[ \t]{0,9}\}\}"
FACT = r"\{(who|by|on|record):[ \t]{0,9}((?:[^{}]|\{\{[^{}]*\}\})+)\}"
CONTACT_BLOCK = re.compile(r"^[ \t]*/{3,}[ \t]*contacts?[ \t]*\|[ \t]*(?P<key>.*?)[ \t]*$", re.MULTILINE)
FACT_LABELS = {"who": "Who", "by": "By", "on": "On", "record": "Record"}

# Below backslash escapes and `code`, above links, so that both can still be written about.
PLACEHOLDER_PRIORITY = 178
FACT_PRIORITY = 176


@dataclass(frozen=True)
class Found:
    """What a placeholder stands for: text to show (None: not set), its kind, and where the value comes from."""

    text: str | None
    kind: str
    provenance: str = ""
    if_unset: str = NOT_SET


def entries_used(body: str, data: LocalData) -> list[Value | Contact]:
    """Return the values and contacts that a body names, so that a page changes when one of them does."""
    found: list[Value | Contact | None] = []
    for placeholder in re.finditer(PLACEHOLDER, body) if "{{" in body else ():
        kind, _, rest = placeholder[1].partition(".")
        key = rest.partition(".")[0]
        found.append(data.values.get(key) if kind == "council" else data.contacts.get(key))
    # The search for blocks looks at each line, and most pages have none.
    for block in CONTACT_BLOCK.finditer(body) if "contact" in body else ():
        found += [data.contacts.get(block["key"]), *(contact for _, contact in data.contacts_in(block["key"]))]
    return [entry for entry in found if entry is not None]


def look_up(name: str, data: LocalData, requirement: Requirement) -> Found | None:
    """Return what the placeholder `council.key` or `contact.key.field` stands for.

    None means that there is no such value, or that readers of a page with this requirement may not have it.
    """
    kind, _, rest = name.partition(".")
    key, _, wanted = rest.partition(".")
    if kind == "council" and not wanted:
        value = data.values.get(key)
        if value is None or not may_use(value, requirement):
            return None
        return Found(value.value, "text", value.provenance, value.if_unset)
    contact = data.contacts.get(key) if kind == "contact" else None
    if contact is None or wanted not in {"name", *CONTACT_FIELDS} or not may_use(contact, requirement):
        return None
    provenance = "" if wanted == "name" else contact.provenance
    return Found(getattr(contact, wanted), wanted, provenance, contact.if_unset)


def placeholders(data: LocalData) -> list[str]:
    """Return every name that a placeholder can have."""
    contacts = [f"contact.{key}.{field}" for key in data.contacts for field in ("name", *CONTACT_FIELDS)]
    return [*(f"council.{key}" for key in data.values), *contacts]


def may_use(value: Value | Contact, requirement: Requirement) -> bool:
    """Say whether everyone who may read a page with this requirement may have the value."""
    return value.audience == OPEN or value.audience in requirement.audiences


def show(found: Found | None) -> ET.Element:
    """Build the element that shows a value, with where it is from when this council has not confirmed it."""
    element = ET.Element("span", {"class": "kb-value"})
    if found is None or found.text is None:
        element.set("class", "kb-unset")
        element.text = AtomicString(found.if_unset if found else NOT_SET)
        return element
    element.append(_linked(found.text, found.kind))
    if found.provenance:
        element[-1].tail = " "
        note = ET.SubElement(element, "span", {"class": "kb-provenance"})
        note.text = AtomicString(f"({found.provenance})")
    return element


def _linked(text: str, kind: str) -> ET.Element:
    if kind == "email":
        element = ET.Element("a", {"href": f"mailto:{text}"})
    elif kind == "phone" and (number := re.match(r"[+\d][\d ]+", text)):
        element = ET.Element("a", {"href": f"tel:{number[0].replace(' ', '')}"})
    else:
        element = ET.Element("span")
    element.text = AtomicString(text)
    return element


class _PlaceholderProcessor(InlineProcessor):
    def __init__(self, md: Markdown, data: LocalData, requirement: Requirement) -> None:
        super().__init__(PLACEHOLDER, md)
        self._data = data
        self._requirement = requirement

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown names it
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[ET.Element, int, int]:
        return show(look_up(m[1], self._data, self._requirement)), m.start(0), m.end(0)


class _FactProcessor(InlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown names it
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[ET.Element, int, int]:
        element = ET.Element("span", {"class": f"kb-fact kb-fact--{m[1]}"})
        label = ET.SubElement(element, "strong", {"class": "kb-fact__label"})
        label.text = AtomicString(f"{FACT_LABELS[m[1]]}:")
        label.tail = " "
        words = ET.SubElement(element, "span", {"class": "kb-fact__words"})
        words.text = m[2].strip()
        return element, m.start(0), m.end(0)


class InlineExtension(Extension):
    """Teach Markdown the placeholders and facts of one page."""

    def __init__(self, data: LocalData, requirement: Requirement) -> None:
        super().__init__()
        self._data = data
        self._requirement = requirement

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown names it
        """Register both patterns."""
        placeholder = _PlaceholderProcessor(md, self._data, self._requirement)
        md.inlinePatterns.register(placeholder, "kb-placeholder", PLACEHOLDER_PRIORITY)
        md.inlinePatterns.register(_FactProcessor(FACT, md), "kb-fact", FACT_PRIORITY)
