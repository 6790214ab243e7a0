"""The gate: what the checks say about a change before it is published."""

from datetime import date

from knowledge_base.pages.breakage import newly_broken
from knowledge_base.pages.checks import check_pages
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.publishing.changes import Change


def examine(change: Change, *, before: Edition, after: Edition, today: date) -> tuple[Finding, ...]:
    """Return what is wrong with the changed files, and what breaks elsewhere because of it. Errors come first."""
    paths = {file.path for file in change.files}
    findings = {*check_pages(after, paths, today=today), *newly_broken(before, after)}
    order = list(Severity)
    return tuple(sorted(findings, key=lambda one: (order.index(one.severity), one.path, one.line, one.message)))


def errors_in(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those findings that stop a publication."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
