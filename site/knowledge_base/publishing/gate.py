"""The gate: what the checks say about a change before it is published."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from knowledge_base.access.policy import Viewer
from knowledge_base.pages.breakage import newly_broken
from knowledge_base.pages.checks import LEFT_OUT, check_pages, check_references
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.redirects import PATH
from knowledge_base.publishing.changes import Change
from knowledge_base.publishing.moves import moves_of


def examine(change: Change, *, before: Edition, after: Edition, viewer: Viewer, today: date) -> tuple[Finding, ...]:
    """Return what is wrong with the changed files, and what breaks elsewhere because of it. Errors come first.

    What the viewer may not read is not named, but counts all the same.
    """
    paths = {file.path for file in change.files}
    found = [*check_pages(after, paths, today=today, before=before), *newly_broken(before, after)]
    may_read = after.may_read(viewer)
    # Nothing is left out yet: what is wrong is enough.
    findings = {_without(LEFT_OUT, one.as_told_to(may_read)) for one in found}
    order = list(Severity)
    return tuple(sorted(findings, key=lambda one: (order.index(one.severity), *one.place)))


def examine_followers(
    paths: Collection[str], *, before: Edition, after: Edition, viewer: Viewer
) -> tuple[Finding, ...]:
    """Return what is newly wrong with the references of pages that the site itself changes, because others moved."""
    may_read = after.may_read(viewer)
    found = []
    for page in after.pages.values():
        if f"{page.path}.md" in paths:
            old = before.page(page.url)
            known = {(one.severity, one.message) for one in check_references(before, old)} if old else set()
            found += [one for one in check_references(after, page) if (one.severity, one.message) not in known]
    return tuple(one.as_told_to(may_read) for one in found)


def examine_old_addresses(change: Change, *, after: Edition) -> tuple[Finding, ...]:
    """Return which of the addresses that a change gives up would lead nowhere, for their list cannot be read."""
    remedy = "mend the file in a text editor, then do this again"
    return tuple(
        Finding(PATH, 0, Severity.ERROR, f"the list of old addresses cannot be used for {move.old}", remedy)
        for move in moves_of(change)
        if move.is_to_a_page and move.old not in after.redirects
    )


def errors_in(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those findings that stop a publication."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def warnings_in(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those findings that a person is told of, and that stop nothing."""
    return tuple(finding for finding in findings if finding.severity is Severity.WARNING)


def _without(words: str, finding: Finding) -> Finding:
    return replace(finding, message=finding.message.removeprefix(words))
