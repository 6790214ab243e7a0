"""What a submitted change would do to the site as it is now, and who may know of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Actor
from knowledge_base.db import LONDON
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.findings import Finding
from knowledge_base.publishing import gate
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.errors import ApprovalNeededError, EditConflictError, GateError, NotAllowedError
from knowledge_base.publishing.merge import merge
from knowledge_base.publishing.moves import what_follows
from knowledge_base.publishing.permission import check_permission
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author

Contents = Mapping[str, bytes | None]


@dataclass(frozen=True)
class Outlook:
    """The site before and after a change, and its files. `is_conflict` means that they do not go together by now.

    `digest` changes with anything of these files: whoever decides says by it what they have looked at.
    """

    before: Edition
    after: Edition
    theirs: Contents
    merged: Contents
    is_conflict: bool

    @property
    def digest(self) -> str:
        """One word for what would change into what."""
        return hashlib.sha256(repr((sorted(self.theirs.items()), sorted(self.merged.items()))).encode()).hexdigest()


def look_ahead(store: ContentStore, change: Change, *, as_it_is: bool = False) -> Outlook:
    """Return what a change would do if it were published now: brought together with what others changed meanwhile.

    `as_it_is`: what it would do without that, as its author sees what they write.
    """
    before = store.library.refresh()
    theirs = {file.path: store.files.read(file.path) for file in change.files}
    merged, is_conflict = (_contents(change), False) if as_it_is else _merged(change, theirs)
    # What the site itself changes with it counts, and is no part of what anybody is shown.
    after = store.library.edition_with({**merged, **what_follows(store, change, merged)})
    return Outlook(before, after, theirs, merged, is_conflict)


def findings_of(change: Change, outlook: Outlook, *, viewer: Viewer, today: date) -> tuple[Finding, ...]:
    """Return what the gate says of a change to this person."""
    return gate.examine(
        _as_it_would_be(change, outlook),
        before=outlook.before,
        after=outlook.after,
        viewer=viewer,
        today=today,
    )


def check_gate(change: Change, outlook: Outlook, *, viewer: Viewer, now: datetime) -> None:
    """Raise GateError when the checks find an error."""
    today = now.astimezone(LONDON).date()
    if errors := gate.errors_in(findings_of(change, outlook, viewer=viewer, today=today)):
        raise GateError(errors)


def check_author(change: Change, outlook: Outlook, by: Contributor) -> bool:
    """Raise NotAllowedError unless a person may make a change. Says whether a second person must approve it."""
    try:
        check_permission(
            _as_it_would_be(change, outlook), before=outlook.before, after=outlook.after, by=by, approved_by=None
        )
    except ApprovalNeededError:
        return True
    return False


def check_approver(change: Change, outlook: Outlook, *, by: Contributor, approved_by: Contributor) -> None:
    """Raise NotAllowedError unless a person may approve what another wrote."""
    check_permission(
        _as_it_would_be(change, outlook), before=outlook.before, after=outlook.after, by=by, approved_by=approved_by
    )


def may_see(store: ContentStore, change: Change, viewer: Viewer, *, before: Edition) -> bool:
    """Say whether a person may know of a submitted change: they write, and may read all of what it changes.

    That is as it is, and as it would be; where the two do not go together, as its author wrote it. It holds for its
    author too, whose access may have been taken away since. `before` is the site as it is. Makes no edition of the
    whole site, so that it can be asked of hundreds.
    """
    # What a picture or document holds does not matter, only of which page it is.
    files = (one if is_text(one.path) else FileChange(one.path, None, None) for one in change.files)
    change = replace(change, files=tuple(files))
    theirs = {one.path: store.files.read(one.path) if is_text(one.path) else None for one in change.files}
    merged, is_conflict = _merged(change, theirs)
    outlook = Outlook(before, store.library.changed_pages_with(merged), theirs, merged, is_conflict)
    who = Contributor(viewer, Author(viewer.name, ""), Actor.of(viewer))
    try:
        check_author(change, outlook, who)
    except NotAllowedError:
        return False
    return True


def is_text(path: str) -> bool:
    """Say whether a file is a page or a data file, and no picture or document."""
    return path.endswith((".md", ".yml"))


def title_of(change: Change, outlook: Outlook) -> str:
    """Return what people call the subject of a change."""
    for edition in (outlook.after, outlook.before):
        if page := edition.page(url_of(change.subject)):
            return f"{page.meta.title} ({page.url})"
    return change.subject


def _merged(change: Change, theirs: Contents) -> tuple[Contents, bool]:
    """Return the files as they would be, and whether that leaves out what others changed."""
    try:
        return merge(change.files, theirs), False
    except EditConflictError:
        return _contents(change), True


def _contents(change: Change) -> Contents:
    return {file.path: file.content for file in change.files}


def _as_it_would_be(change: Change, outlook: Outlook) -> Change:
    return change.with_contents(outlook.merged, bases=outlook.theirs)
