"""What is checked of the local values and contacts that a page uses."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.inline import CONTACT_BLOCK, PLACEHOLDER, look_up, may_use, placeholders
from knowledge_base.pages.page import Page
from knowledge_base.pages.text_checks import prose
from knowledge_base.pages.values import LocalData

_Said = tuple[Severity, str, str]

_CONFIRM = "confirm it for this council in the data file"
_SET = "give it a value in the data file"


def check_values(edition: Edition, page: Page) -> Iterator[Finding]:
    """Check every placeholder and every block of contacts of a page."""
    for stretch in split_by_audience(page.body):
        requirement = page.requirement.narrowed_by(stretch.audience)
        lines = prose(stretch.markdown).split("\n")
        for number, line in enumerate(lines, start=page.body_line + stretch.line - 1):
            for severity, message, remedy in _check_line(line, edition.data, requirement):
                yield Finding(f"{page.path}.md", number, severity, message, remedy, about=requirement)


def _check_line(line: str, data: LocalData, requirement: Requirement) -> Iterator[_Said]:
    if "{{" in line:
        for placeholder in re.finditer(PLACEHOLDER, line):
            yield from _check_placeholder(placeholder[1], data, requirement)
    if "//" in line and (block := CONTACT_BLOCK.match(line)):
        yield from _check_contact(block["key"], data, requirement)


def _check_placeholder(name: str, data: LocalData, requirement: Requirement) -> Iterator[_Said]:
    found = look_up(name, data, requirement)
    if found is None:
        message = f"{{{{ {name} }}}} is no value of the data files that everyone who reads this may have"
        usable = [one for one in placeholders(data) if look_up(one, data, requirement)]
        yield Severity.ERROR, message, _meant(name, usable) or "use one that is there, or add it to the data files"
    elif found.text is None:
        yield Severity.NOTE, f"{{{{ {name} }}}} is not set yet", _SET
    elif found.provenance:
        yield Severity.NOTE, f"{{{{ {name} }}}} is {found.provenance}", _CONFIRM


def _check_contact(key: str, data: LocalData, requirement: Requirement) -> Iterator[_Said]:
    contacts = [data.contacts[key]] if key in data.contacts else [contact for _, contact in data.contacts_in(key)]
    if not contacts:
        usable = {key: one for key, one in data.contacts.items() if may_use(one, requirement)}
        known = [*usable, *{one.group for one in usable.values() if one.group}]
        message = f"there is no contact or group of contacts '{key}'"
        yield Severity.ERROR, message, _meant(key, sorted(known)) or "use one of contacts.yml, or add it there"
    for contact in contacts:
        if not may_use(contact, requirement):
            message = f"the contact '{contact.name}' is not for everyone who reads this"
            yield Severity.ERROR, message, "put the block where only those may read it, or use another contact"
        elif not contact.phone and not contact.email:
            yield Severity.NOTE, f"the contact '{contact.name}' has no phone or email yet", _SET
        elif contact.provenance:
            yield Severity.NOTE, f"the contact '{contact.name}' is {contact.provenance}", _CONFIRM


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"did you mean '{close[0]}'?" if close else ""
