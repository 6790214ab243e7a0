"""Everything an author is told about the content: what is left out and why, and what readers would stumble over."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date

from knowledge_base.pages.body_checks import check_body, check_personal_data
from knowledge_base.pages.data_checks import (
    CONTACTS,
    PINNED,
    REDIRECTS,
    check_contacts,
    check_pins,
    check_questions,
    check_redirects,
)
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.header_checks import check_header, check_header_references
from knowledge_base.pages.links import Links, check_link_words
from knowledge_base.pages.page import Page
from knowledge_base.pages.quotations import GatedWords
from knowledge_base.pages.reading_checks import check_reading
from knowledge_base.pages.value_checks import check_values

LEFT_OUT = "left out: "
_OF_DATA_FILES = {CONTACTS: check_contacts, PINNED: check_pins, REDIRECTS: check_redirects}


def check_content(edition: Edition, *, today: date) -> tuple[Finding, ...]:
    """Check every page and data file. Findings come in the order of their files."""
    findings = [*_left_out(edition), *check_questions(edition)]
    for check in _OF_DATA_FILES.values():
        findings += check(edition)
    findings += _check_all(edition, edition.pages.values(), today=today)
    return _sorted(findings)


def check_pages(
    edition: Edition, paths: Collection[str], *, today: date, before: Edition | None = None
) -> tuple[Finding, ...]:
    """Check single files, named by their paths under `content/`, by the rules of `check_content`.

    Where one of them and another page do not go together, the finding is of the file named here. Words for fewer people
    that the page repeated `before` the change, too, are a warning: they are out already, and must not hold up a
    correction. The findings may speak of pages that not every editor may read: see `Finding.as_told_to`.
    """
    pages = [page for page in edition.pages.values() if f"{page.path}.md" in paths]
    findings = [one for one in _left_out(edition) if one.path in paths]
    findings += check_questions(edition, paths) if pages else ()
    for name, check in _OF_DATA_FILES.items():
        findings += check(edition) if name in paths else ()
    known = _quoted_before(before, pages) if before else frozenset()
    for one in _check_all(edition, pages, today=today):
        findings.append(replace(one, severity=Severity.WARNING) if one.message in known else one)
    return _sorted(findings)


def _quoted_before(before: Edition, pages: Iterable[Page]) -> frozenset[str]:
    old = [page for page in (before.pages.get(page.url) for page in pages) if page]
    gated = GatedWords(before, old)
    return frozenset(one.message for page in old for one in gated.quoted_in(page))


def check_references(edition: Edition, page: Page) -> Iterator[Finding]:
    """Check what of a page another file can break: where it leads, its values, its sources."""
    yield from check_where_it_leads(edition, page)
    yield from check_values(edition, page)


def check_where_it_leads(edition: Edition, page: Page) -> Iterator[Finding]:
    """Check what a page leads to: its links and pictures, the page that replaced it, its sources."""
    yield from check_header_references(edition, page)
    yield from Links(edition).check(page)


def _check_all(edition: Edition, pages: Collection[Page], *, today: date) -> Iterator[Finding]:
    gated = GatedWords(edition, pages)
    for page in pages:
        yield from check_references(edition, page)
        yield from check_header(page, today=today)
        yield from check_body(page)
        yield from check_personal_data(edition, page)
        yield from gated.quoted_in(page)
        if fault := edition.document(page).fault:
            remedy = "mend the block, and look at the page"
            yield Finding(f"{page.path}.md", 0, Severity.ERROR, fault, remedy)
        else:
            yield from check_link_words(edition, page)
            yield from check_reading(edition, page)


def _left_out(edition: Edition) -> Iterator[Finding]:
    for fault in edition.faults:
        yield Finding(fault.path, fault.line, Severity.ERROR, f"{LEFT_OUT}{fault.message}")


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: one.place))
