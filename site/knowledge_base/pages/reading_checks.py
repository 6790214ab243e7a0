"""What is checked of a page as readers get it: its headings, how hard it is to read, abbreviations."""

import re
from collections.abc import Iterator

from knowledge_base.pages import structure
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.links import line_of
from knowledge_base.pages.page import Page
from knowledge_base.pages.plain_english import HARDEST_GRADE, reading_grade, unexplained_abbreviations

HIGHEST_HEADING = 2
_BLOCKS = ("h2", "h3", "h4", "p", "li", "dt", "dd", "summary", "blockquote", "div")
_SPACES = re.compile(r"\s+")


def check_reading(edition: Edition, page: Page) -> Iterator[Finding]:
    """Check what readers would stumble over.

    The highest reading grade is that of a reader of 14, the upper end of what docs/writing.md asks. GOV.UK aims at a
    reading age of 9: https://www.gov.uk/guidance/content-design/writing-for-gov-uk.
    """
    name = f"{page.path}.md"
    grade = reading_grade(_running_text(edition, page))
    if grade is not None and grade > HARDEST_GRADE:
        message = f"the reading grade is {grade}, where {HARDEST_GRADE:.0f} is the highest that most readers can follow"
        yield Finding(name, 0, Severity.WARNING, message, "make sentences shorter, and use everyday words")
    words = "\n".join(f"{section.heading}.\n{section.text}" for section in edition.document(page).sections)
    if unexplained := unexplained_abbreviations(words, edition.glossary.by_form):
        message = f"nothing explains {', '.join(unexplained)}"
        yield Finding(name, 0, Severity.NOTE, message, "spell out, or add to the glossary")
    yield from _check_headings(edition, page)


def reading_grades(edition: Edition) -> dict[str, float]:
    """Return the reading grade of each page that has enough words for one, by the page's path."""
    grades = {page.path: reading_grade(_running_text(edition, page)) for page in edition.pages.values()}
    return {path: grade for path, grade in grades.items() if grade is not None}


def _check_headings(edition: Edition, page: Page) -> Iterator[Finding]:
    level = HIGHEST_HEADING - 1
    for heading in edition.document(page).headings_for(lambda _requirement: True):
        if heading.level > level + 1:
            message = f"the heading '{heading.text}' skips a level"
            yield Finding(
                path=f"{page.path}.md",
                line=line_of(page, heading.text),
                severity=Severity.WARNING,
                message=message,
                remedy=f"start it with {'#' * (level + 1)}",
            )
        level = heading.level


def _running_text(edition: Edition, page: Page) -> str:
    """Return what is read as sentences, each heading, paragraph and point on a line. The cells of a table are not."""
    tree = structure.parse(edition.document(page).html_for(lambda _requirement: True))
    for table in list(tree.iter("table", "pre")):
        table.drop_tree()
    for element in tree.iter():
        end = "\n" if element.tag in _BLOCKS else ""
        element.text = end + _SPACES.sub(" ", element.text or "")
        element.tail = end + _SPACES.sub(" ", element.tail or "")
    return str(tree.text_content())
