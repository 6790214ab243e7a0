"""What is checked of a page's Markdown line by line: slips, wordings to avoid, and details of people."""

import re
from collections.abc import Iterator

from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.page import Page
from knowledge_base.pages.personal_data import known_addresses, personal_data_in
from knowledge_base.pages.plain_english import wordings_to_mend
from knowledge_base.pages.text_checks import lists_without_a_line_before, prose, stray_braces, uneven_rows

_RAW_HTML = re.compile(r"</?[a-zA-Z][^<>\n]*>")
_AUTOLINK = re.compile(r"<(?=[^\s<>.@]+[.@])[^\s<>]+>")
_TOP_HEADING = re.compile(r"^#\s")


def check_body(page: Page) -> Iterator[Finding]:
    """Check the text of a page."""
    name = f"{page.path}.md"
    for stretch in split_by_audience(page.body):
        text, first = prose(stretch.markdown), page.body_line + stretch.line - 1
        for number, slip, remedy in (*stray_braces(text), *uneven_rows(text), *lists_without_a_line_before(text)):
            yield Finding(name, first + number, Severity.WARNING, slip, remedy)
        for number, line in enumerate(text.split("\n"), start=first):
            for message, remedy in _check_line(line):
                yield Finding(name, number, Severity.WARNING, message, remedy)


def check_personal_data(edition: Edition, page: Page) -> Iterator[Finding]:
    """Name the addresses and numbers of people that a page prints."""
    known = known_addresses(edition.data, page.requirement)
    header = f"{page.meta.title} {page.meta.summary} {page.meta.owner}"
    for message, remedy in personal_data_in(header, known):
        yield Finding(f"{page.path}.md", 0, Severity.ERROR, message, remedy)
    for stretch in split_by_audience(page.body):
        known = known_addresses(edition.data, page.requirement.narrowed_by(stretch.audience))
        lines = stretch.markdown.split("\n")
        for number, line in enumerate(lines, start=page.body_line + stretch.line - 1):
            for message, remedy in personal_data_in(line, known):
                yield Finding(f"{page.path}.md", number, Severity.ERROR, message, remedy)


def _check_line(line: str) -> Iterator[tuple[str, str]]:
    if "<" in line and _RAW_HTML.search(_AUTOLINK.sub("", line)):
        yield "HTML is shown to readers as text", "use Markdown"
    yield from wordings_to_mend(line)
    if _TOP_HEADING.match(line):
        yield "the page's title is its only main heading", "use ## here"
