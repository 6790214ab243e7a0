"""What a change breaks elsewhere: pages whose own files stay as they are."""

from collections.abc import Collection, Iterable, Iterator

from knowledge_base.access.audiences import Audiences, Requirement
from knowledge_base.pages.checks import check_references, check_where_it_leads
from knowledge_base.pages.data_checks import check_pins, check_redirects
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import DATA_FOLDER, url_of
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.page import Page
from knowledge_base.pages.reading import Files

AUDIENCES = f"{DATA_FOLDER}/audiences.yml"


def newly_broken(before: Edition, after: Edition) -> tuple[Finding, ...]:
    """Return what the change between two editions breaks in files that it does not touch.

    That are links, anchors, `superseded_by`, sources, contacts and values, pins and old addresses, pages and
    folders that would be left out, and (warnings) pages that other people than before could read and audiences of other
    groups. What was broken
    before is not named. What the findings tell may not be for everyone who edits: see `Finding.as_told_to`. Only
    pages that use something that changes are checked, so this is quick once both are rendered.
    """
    touched = _touched(before.files, after.files)
    moved = _addresses_that_change(before, after)
    findings = [*_left_out(before, after, touched), *_found_by_others(before, after)]
    findings += [*_broken_data(before, after), *_of_other_groups(before, after)]
    for page in after.pages.values():
        old = before.pages.get(page.url)
        if f"{page.path}.md" in touched or old is None:
            continue
        if old.fingerprint != page.fingerprint:
            broken = _new(check_references(before, old), check_references(after, page))
        elif _uses(after, page, moved):
            broken = _new(check_where_it_leads(before, old), check_where_it_leads(after, page))
        else:
            continue
        findings += [one.also_about(old.requirement) for one in broken]
    return tuple(sorted(findings, key=lambda one: one.place))


def _new(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    known = {one.place for one in before}
    return [one for one in after if one.place not in known and one.severity is not Severity.NOTE]


def _touched(before: Files, after: Files) -> frozenset[str]:
    pages = {f"{path}.md" for path in {*before.pages, *after.pages} if before.pages.get(path) != after.pages.get(path)}
    attached = {*before.attachments, *after.attachments}
    return frozenset(pages | {path for path in attached if before.attachments.get(path) != after.attachments.get(path)})


def _addresses_that_change(before: Edition, after: Edition) -> frozenset[str]:
    """Return the addresses at which there is something else than before: a page, a file, a way to a new address."""
    changed: set[str] = set()
    for url in before.pages.keys() | after.pages.keys():
        old, new = before.pages.get(url), after.pages.get(url)
        if old is None or new is None or old.fingerprint != new.fingerprint:
            files = [file.url for page in (old, new) if page for file in page.files]
            changed.update([url, *files])
    for old_address in before.redirects.keys() | after.redirects.keys():
        if before.redirects.get(old_address) != after.redirects.get(old_address):
            changed.add(old_address)
    return frozenset(changed)


def _uses(edition: Edition, page: Page, addresses: Collection[str]) -> bool:
    if (page.meta.superseded_by or "").partition("#")[0] in addresses:
        return True
    if not _may_lead_to(page.body, addresses):
        return False
    references = (one for part in edition.document(page).parts for one in part.references if one.address)
    return any((one.address or "").partition("#")[0].partition("?")[0] in addresses for one in references)


def _may_lead_to(body: str, addresses: Collection[str]) -> bool:
    """Say whether a text can have a link to one of the addresses: to render all pages in order to know takes seconds.

    With an & or a backslash an address can be written in another way.
    """
    return any(sign in body for sign in ("&", "\\", *addresses))


def _left_out(before: Edition, after: Edition, touched: Collection[str]) -> Iterator[Finding]:
    known = set(before.faults)
    data_changed = before.files.data.faults != after.files.data.faults
    for fault in after.faults:
        of_data = data_changed and fault in after.files.data.faults
        if fault not in known and fault.path not in touched and not of_data:
            yield Finding(
                path=fault.path,
                line=fault.line,
                severity=Severity.ERROR,
                message=f"would be left out: {fault.message}",
                about=_requirement_before(before, fault.path),
            )


def _requirement_before(before: Edition, path: str) -> Requirement:
    url = url_of(path.removesuffix(".md").rstrip("/"))
    page = before.pages.get(url)
    return page.requirement if page else before.folder_requirement(url)


def _found_by_others(before: Edition, after: Edition) -> Iterator[Finding]:
    """Name pages that would have other readers because a folder, or what an audience is, changes."""
    touched = _touched(before.files, after.files)
    for page in after.pages.values():
        old = before.pages.get(page.url)
        if old is None or f"{page.path}.md" in touched or old.requirement == page.requirement:
            continue
        message = (
            f"{_readers(old.requirement, before.audiences)} could read this page before, "
            f"and {_readers(page.requirement, after.audiences)} could then"
        )
        remedy = "go on only if that is meant; else give the page or its folder the right 'audience'"
        yield Finding(f"{page.path}.md", 0, Severity.WARNING, message, remedy, about=old.requirement)


def _of_other_groups(before: Edition, after: Edition) -> Iterator[Finding]:
    """Name audiences that would have other groups: one wrong letter, and pages are lost to those who need them."""
    for name in before.audiences.by_name:
        old, new = (sorted(edition.audiences.groups_of(name)) for edition in (before, after))
        if old != new:
            message = f"'{name}' is for {_in_words(old)} and would be for {_in_words(new)}"
            remedy = "go on only if that is meant: it decides who may read each page and entry for it"
            yield Finding(AUDIENCES, 0, Severity.WARNING, message, remedy)


def _in_words(groups: Collection[str]) -> str:
    return f"the group{'s' if len(groups) > 1 else ''} {', '.join(groups)}" if groups else "nobody"


def _broken_data(before: Edition, after: Edition) -> Iterator[Finding]:
    if before.pinned == after.pinned:
        yield from _new(check_pins(before), check_pins(after))
    if before.files.data.redirects == after.files.data.redirects:
        yield from _new(check_redirects(before), check_redirects(after))


def _readers(requirement: Requirement, audiences: Audiences) -> str:
    if requirement.is_open:
        return "everyone"
    return " and ".join(sorted(audiences.title_of(name) or "nobody" for name in requirement.audiences))
