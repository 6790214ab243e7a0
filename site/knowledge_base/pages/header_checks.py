"""What is checked of a page's header: how far readers can trust the page, and where its references lead."""

from collections.abc import Iterator
from datetime import date

from knowledge_base.access.audiences import OPEN
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.page import Page, Status

_EXPECTED = {
    "owner": "name the role that answers for it",
    "last_reviewed": "give the day on which somebody last checked it",
    "review_by": "give the day by which somebody must check it again",
}
# Pages about the site itself rest on no document.
_WITHOUT_SOURCES = {"", "about"}


def check_header(page: Page, *, today: date) -> Iterator[Finding]:
    """Check what a header says of the page itself."""
    name, meta = f"{page.path}.md", page.meta
    for key, remedy in _EXPECTED.items():
        if getattr(meta, key) is None:
            message = f"'{key}' is missing, so readers cannot see how far to trust the page"
            yield Finding(name, 0, Severity.WARNING, message, remedy)
    if page.is_overdue(today):
        message = f"the review was due by {meta.review_by}"
        yield Finding(name, 0, Severity.WARNING, message, "check every fact, then set 'last_reviewed' and 'review_by'")
    if not meta.sources and page.url.split("/")[1] not in _WITHOUT_SOURCES:
        message = "no source is given, so nobody can check the page"
        yield Finding(name, 0, Severity.WARNING, message, "name what it rests on under 'sources'")
    if meta.audience == OPEN and not page.requirement.is_open:
        message = "'audience: open' changes nothing, because the folder is not open"
        remedy = "a page can only be narrower than its folder, so leave 'audience' out or move the page"
        yield Finding(name, 0, Severity.WARNING, message, remedy)
    if meta.status is Status.SUPERSEDED and not meta.superseded_by:
        yield Finding(name, 0, Severity.WARNING, "'superseded_by' is missing", "say what replaced the page")


def check_header_references(edition: Edition, page: Page) -> Iterator[Finding]:
    """Check what a header leads to: the page that replaced this one, and its sources."""
    name, meta = f"{page.path}.md", page.meta
    if meta.superseded_by and meta.superseded_by.partition("#")[0] not in edition.pages:
        message = f"'superseded_by': there is no page {meta.superseded_by}"
        yield Finding(name, 0, Severity.ERROR, message, "give the address of the page that replaced this one")
    for reference in meta.sources:
        source = edition.sources.by_id.get(reference.source)
        if source is None:
            message = f"'sources': '{reference.source}' is not in the register of sources"
            yield Finding(name, 0, Severity.ERROR, message, "use a name of the register, or add it to sources.yml")
        elif reference.part and reference.part not in source.parts:
            message = f"'sources': the register has no part '{reference.part}' of '{reference.source}'"
            yield Finding(name, 0, Severity.WARNING, message, "add the part to sources.yml, or use one that is there")
