"""Everything an author is told about the content: what is left out and why, and what readers would stumble over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.inline import CONTACT_BLOCK, PLACEHOLDER, look_up, may_use, placeholders
from knowledge_base.pages.links import LinkGraph, line_of
from knowledge_base.pages.page import Page, Status
from knowledge_base.pages.plain_english import reading_grade, unexplained_abbreviations, wordings_to_mend
from knowledge_base.pages.rendering import RenderingError, render_page
from knowledge_base.pages.text_checks import prose, stray_braces, uneven_rows
from knowledge_base.pages.values import LocalData

_RAW_HTML = re.compile(r"</?[a-zA-Z][^<>\n]*>")
_AUTOLINK = re.compile(r"<(?=[^\s<>.@]+[.@])[^\s<>]+>")
_IMAGE = re.compile(r"!\[[^\]]*\]\(")
_TOP_HEADING = re.compile(r"^#\s")
HIGHEST_HEADING = 2


class Severity(StrEnum):
    """How much a finding matters. An error makes the check fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing an author should know. `path` is under `content/`; `line` is 0 for the whole file."""

    path: str
    line: int
    severity: Severity
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.severity}: {self.message}"


def check_content(edition: Edition, *, today: date) -> tuple[Finding, ...]:
    """Check every page and data file. Findings come in the order of their files."""
    links = LinkGraph(edition)
    findings = [
        Finding(fault.path, fault.line, Severity.ERROR, f"left out: {fault.message}") for fault in edition.faults
    ]
    findings += _check_questions(edition)
    for page in edition.pages.values():
        findings += _check_header(edition, page, today)
        findings += _check_body(edition, page)
        findings += _check_rendered(edition, page, links)
    return tuple(sorted(findings, key=lambda one: (one.path, one.line, one.message)))


def _check_questions(edition: Edition) -> Iterator[Finding]:
    """Name each question that stands under two sections: a search then cannot tell which one answers it."""
    first: dict[str, tuple[str, str]] = {}
    for page in edition.pages.values():
        for section in edition.document(page).sections:
            place = (page.url, section.anchor)
            for question in section.asked:
                known = first.setdefault(" ".join(question.casefold().split()), place)
                if known != place:
                    message = f"'{question}' is asked under {'#'.join(known)} too: keep it where the answer is"
                    yield Finding(f"{page.path}.md", line_of(page, question), Severity.WARNING, message)


def _check_header(edition: Edition, page: Page, today: date) -> Iterator[Finding]:
    name, meta = f"{page.path}.md", page.meta
    for key in ("owner", "last_reviewed", "review_by"):
        if getattr(meta, key) is None:
            yield Finding(
                name, 0, Severity.WARNING, f"'{key}' is missing, so readers cannot see how far to trust the page"
            )
    if page.is_overdue(today):
        yield Finding(name, 0, Severity.WARNING, f"the review was due by {meta.review_by}")
    if meta.audience == OPEN and not page.requirement.is_open:
        message = "'audience: open' changes nothing: the folder is not open, and a page can only be narrower than it"
        yield Finding(name, 0, Severity.WARNING, message)
    if meta.status is Status.SUPERSEDED and not meta.superseded_by:
        yield Finding(name, 0, Severity.WARNING, "'superseded_by' is missing: say what replaced the page")
    if meta.superseded_by and meta.superseded_by.partition("#")[0] not in edition.pages:
        yield Finding(name, 0, Severity.ERROR, f"'superseded_by': there is no page {meta.superseded_by}")
    for reference in meta.sources:
        source = edition.sources.by_id.get(reference.source)
        if source is None:
            message = f"'{reference.source}' is not in the register of sources"
            yield Finding(name, 0, Severity.ERROR, message)
        elif reference.part and reference.part not in source.parts:
            message = f"the register of sources has no part '{reference.part}' of '{reference.source}'"
            yield Finding(name, 0, Severity.WARNING, message)


def _check_body(edition: Edition, page: Page) -> Iterator[Finding]:
    for stretch in split_by_audience(page.body):
        requirement = page.requirement.narrowed_by(stretch.audience)
        text, first = prose(stretch.markdown), page.body_line + stretch.line - 1
        for number, slip in (*stray_braces(text), *uneven_rows(text)):
            yield Finding(f"{page.path}.md", first + number, Severity.WARNING, slip)
        for number, line in enumerate(text.split("\n"), start=first):
            for severity, message in _check_line(line, edition.data, requirement):
                yield Finding(f"{page.path}.md", number, severity, message)


def reading_grades(edition: Edition) -> dict[str, float]:
    """Return the reading grade of each page that has enough words for one, by the page's path."""
    grades = {page.path: reading_grade(_words_of(edition, page)) for page in edition.pages.values()}
    return {path: grade for path, grade in grades.items() if grade is not None}


def _words_of(edition: Edition, page: Page) -> str:
    return "\n".join(f"{section.heading}.\n{section.text}" for section in edition.document(page).sections)


def _check_line(text: str, data: LocalData, requirement: Requirement) -> Iterator[tuple[Severity, str]]:
    for placeholder in re.finditer(PLACEHOLDER, text):
        yield from _check_placeholder(placeholder[1], data, requirement)
    if block := CONTACT_BLOCK.match(text):
        yield from _check_contact(block["key"], data, requirement)
    if _RAW_HTML.search(_AUTOLINK.sub("", text)):
        yield Severity.WARNING, "HTML is shown to readers as text: use Markdown"
    if _IMAGE.search(text):
        yield Severity.ERROR, "images cannot be shown"
    yield from ((Severity.WARNING, advice) for advice in wordings_to_mend(text))
    if _TOP_HEADING.match(text):
        yield Severity.WARNING, "the page's title is its only main heading: use ## here"


def _check_placeholder(name: str, data: LocalData, requirement: Requirement) -> Iterator[tuple[Severity, str]]:
    found = look_up(name, data, requirement)
    if found is None:
        message = f"{{{{ {name} }}}} is no value of the data files that everyone who reads this may have"
        usable = [one for one in placeholders(data) if look_up(one, data, requirement)]
        yield Severity.ERROR, message + _meant(name, usable)
    elif found.text is None:
        yield Severity.NOTE, f"{{{{ {name} }}}} is not set yet"
    elif found.provenance:
        yield Severity.NOTE, f"{{{{ {name} }}}} is {found.provenance}"


def _check_contact(key: str, data: LocalData, requirement: Requirement) -> Iterator[tuple[Severity, str]]:
    contacts = [data.contacts[key]] if key in data.contacts else [contact for _, contact in data.contacts_in(key)]
    if not contacts:
        usable = [*data.contacts, *{one.group for one in data.contacts.values() if one.group}]
        yield Severity.ERROR, f"there is no contact or group of contacts '{key}'" + _meant(key, sorted(usable))
    for contact in contacts:
        if not may_use(contact, requirement):
            yield Severity.ERROR, f"the contact '{contact.name}' is not for everyone who reads this"
        elif not contact.phone and not contact.email:
            yield Severity.NOTE, f"the contact '{contact.name}' has no phone or email yet"
        elif contact.provenance:
            yield Severity.NOTE, f"the contact '{contact.name}' is {contact.provenance}"


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f": did you mean '{close[0]}'?" if close else ""


def _check_rendered(edition: Edition, page: Page, links: LinkGraph) -> Iterator[Finding]:
    name = f"{page.path}.md"
    try:
        document = render_page(page, edition.data)
    except RenderingError as error:
        yield Finding(name, 0, Severity.ERROR, str(error))
        return
    for broken in links.broken_links(page):
        message = f"the link to {broken.href} leads nowhere: {broken.reason}"
        yield Finding(name, line_of(page, broken.href), Severity.ERROR, message)
    if unexplained := unexplained_abbreviations(_words_of(edition, page), edition.glossary.by_form):
        message = f"nothing explains {', '.join(unexplained)}: spell out, or add to the glossary"
        yield Finding(name, 0, Severity.NOTE, message)
    level = HIGHEST_HEADING - 1
    for heading in document.headings_for(lambda _requirement: True):
        if heading.level > level + 1:
            message = f"the heading '{heading.text}' skips a level"
            yield Finding(name, line_of(page, heading.text), Severity.WARNING, message)
        level = heading.level
