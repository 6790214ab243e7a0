"""Publish a change: one operation that owns the check, the commit, the files and the record.

The order is the promise. The journal first; then one commit, which is the moment of truth; then the files, whose
content was on the disk before; then the record. Whatever a crash leaves is finished or undone by `recovery`.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.db import LONDON
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.findings import Finding
from knowledge_base.publishing import gate, journal
from knowledge_base.publishing.changes import Change, Contributor, new_name
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    ChangeRefusedError,
    EditConflictError,
    GateError,
    PublishingBusyError,
)
from knowledge_base.publishing.measuring import measured
from knowledge_base.publishing.merge import merge
from knowledge_base.publishing.messages import APPROVED_BY, commit_message
from knowledge_base.publishing.models import State
from knowledge_base.publishing.moves import followers
from knowledge_base.publishing.permission import check_permission
from knowledge_base.publishing.recovery import make_ready, recover
from knowledge_base.publishing.sharing import commit, move_to, pull_shared
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError
from knowledge_base.repository.repository import SITE_AUTHOR
from knowledge_base.repository.working_files import Staged

logger = logging.getLogger(__name__)

# The trailer that names the entry of a data file which a change is about.
ENTRY = "Entry"

Contents = Mapping[str, bytes | None]


@dataclass(frozen=True)
class Published:
    """What came of it: the commit, and whether changes of others were merged in.

    `is_new` is false when everything was live already, as after a form was sent twice; no commit is made then.
    `warnings` are what the checks found and did not stop it.
    """

    revision: str
    was_merged: bool
    is_new: bool
    warnings: tuple[Finding, ...] = ()


@measured
def publish(
    store: ContentStore,
    change: Change,
    *,
    by: Contributor,
    approved_by: Contributor | None = None,
    now: datetime,
) -> Published:
    """Make the change live. When this returns it is in git, on the disk and in the record.

    Raises NotAllowedError, ApprovalNeededError, EditConflictError, GateError or PublishingBusyError; nothing has
    changed then. A file that somebody saves by hand meanwhile is kept: in the history, and merged where that can be.
    """
    if approved_by is not None:
        change = replace(change, trailers={**change.trailers, APPROVED_BY: str(approved_by.author)})
    with store.changing(undone="nothing was published"):
        # Whoever has just started reads all pages now, while others may publish.
        store.library.edition()
        with store.locked():
            make_ready(store, now=now)
            return _Operation(store, change, by, approved_by, now).run()


@dataclass
class _Operation:
    store: ContentStore
    change: Change
    by: Contributor
    approved_by: Contributor | None
    now: datetime
    warnings: tuple[Finding, ...] = ()

    def run(self) -> Published:
        was_merged = False
        while True:
            theirs: Contents = {file.path: self.store.files.read(file.path) for file in self.change.files}
            merged = self._merged(theirs)
            was_merged = was_merged or any(merged[file.path] != file.content for file in self.change.files)
            theirs, merged = self._with_what_follows(theirs, merged)
            title = self._check(theirs, merged)
            self._keep_what_was_changed_by_hand(theirs)
            if merged == theirs:
                return Published(self._revision(), was_merged, is_new=False, warnings=self.warnings)
            if revision := self._commit(title, theirs, merged):
                return Published(revision, was_merged, is_new=True, warnings=self.warnings)
            # Somebody saved one of the files in this very moment, or published elsewhere: merge with theirs.
            self.change = self.change.with_contents(merged, bases=theirs)

    def _merged(self, theirs: Contents) -> Contents:
        try:
            return merge(self.change.files, theirs)
        except EditConflictError:
            # It holds what others wrote, which the person may not be allowed to read by now.
            edition, as_it_is = self.store.library.refresh(), self.change.with_contents(theirs, bases=theirs)
            with suppress(ApprovalNeededError):
                check_permission(as_it_is, before=edition, after=edition, by=self.by, approved_by=None)
            raise

    def _with_what_follows(self, theirs: Contents, merged: Contents) -> tuple[Contents, Contents]:
        """Add the files that the site itself changes, because addresses are given up."""
        found = followers(self.store, self.change, merged)
        others = {path: old for path, (old, _) in found.items() if path not in theirs}
        return {**theirs, **others}, {**merged, **{path: new for path, (_, new) in found.items()}}

    def _check(self, theirs: Contents, merged: Contents) -> str:
        """Check the change as it would go live. Returns the title of what it is about."""
        before = self.store.library.refresh()
        if (trouble := self.store.library.trouble) and trouble.is_older_shown:
            # What is shown now is not what stands on the disk, so nobody can tell what the site would be.
            message = (
                "Files of the content folder cannot be read on the server, so nothing was published. Whoever looks "
                "after it finds in its log which."
            )
            raise PublishingBusyError(message)
        after = self.store.library.edition_with(merged)
        change = self.change.with_contents(merged, bases=theirs)
        check_permission(change, before=before, after=after, by=self.by, approved_by=self.approved_by)
        today = self.now.astimezone(LONDON).date()
        followed = merged.keys() - {file.path for file in change.files}
        findings = (
            *gate.examine(change, before=before, after=after, viewer=self.by.viewer, today=today),
            *gate.examine_followers(followed, before=before, after=after, viewer=self.by.viewer),
            *gate.examine_old_addresses(change, after=after),
        )
        if errors := gate.errors_in(findings):
            raise GateError(errors)
        self.warnings = gate.warnings_in(findings)
        return _title(change, after, before)

    def _keep_what_was_changed_by_hand(self, theirs: Contents) -> None:
        """Commit what stands on the disk and not in the history, so that it can be brought back."""
        repository = self.store.repository
        head = repository.head()
        known = {path: repository.read(head, path) for path in theirs}
        by_hand = {path: content for path, content in theirs.items() if content != known[path]}
        if by_hand:
            names = ", ".join(sorted(by_hand))
            repository.commit(by_hand, author=SITE_AUTHOR, message=f"Keep what was changed by hand: {names}\n")
            repository.refresh_index({path: known[path] for path in by_hand}, by_hand)

    def _commit(self, title: str, theirs: Contents, merged: Contents) -> str | None:
        """Commit, put the files in place and record it. Returns None when somebody else was faster."""
        if any(self.store.files.read(path) != content for path, content in theirs.items()):
            # The checks took their time. Later it is noticed too, but then a commit is made in vain.
            return None
        changed = {path: content for path, content in merged.items() if content != theirs[path]}
        self._take_a_name_of_its_own()
        name = self.change.name
        journal.begin(self.store, self.change, by=self.by, title=title, now=self.now)
        try:
            with self.store.files.staged(changed) as staged:
                message = commit_message(self.change, title=title, by=self.by)
                revision = commit(self.store, changed, author=self.by.author, message=message)
                is_in_place = _put_in_place(staged, theirs) if revision else []
                if revision:
                    move_to(self.store, revision)
        except (GitError, OSError):
            self._end_what_was_begun()
            raise
        if revision is None:
            journal.abandon(self.store, name, now=self.now)
            pull_shared(self.store, now=self.now)
            return None
        self.store.repository.refresh_index({path: theirs[path] for path in changed}, changed)
        if not all(is_in_place):
            journal.abandon(self.store, name, now=self.now)
            return None
        try:
            journal.finish(self.store, name, revision=revision, now=self.now)
        except SQLAlchemyError:
            # It is live and in the history. The next publication, or the next start, records it.
            logger.exception("The publication %s is live but could not be recorded yet.", name)
        return revision

    def _take_a_name_of_its_own(self) -> None:
        """Raise ChangeRefusedError where the name is that of something else that went live, as from an old window."""
        state = journal.state_of(self.store, self.change.name)
        if state is State.DONE:
            message = (
                "This was published already, and what you send now is something else. "
                "Open the page again as it is now, then make the change there."
            )
            raise ChangeRefusedError(message)
        if state is not None:
            # Of an attempt that failed.
            self.change = replace(self.change, name=new_name())

    def _end_what_was_begun(self) -> None:
        """Abandon it, or finish it if it is in the history all the same. What cannot be done now the next one does."""
        try:
            recover(self.store, now=self.now, may_abandon=True)
        except (GitError, OSError, SQLAlchemyError):
            logger.exception("The publication %s could not be followed up yet.", self.change.name)

    def _revision(self) -> str:
        paths = [file.path for file in self.change.files]
        return self.store.repository.revision_of(paths[0]) or self.store.repository.head() or ""


def _put_in_place(staged: Mapping[str, Staged], theirs: Contents) -> list[bool]:
    try:
        return [file.put_in_place(expected=theirs[path]) for path, file in staged.items()]
    except OSError as error:
        message = (
            "The change is in the history but its file cannot be put in place "
            f"({error.strerror}). It goes live by itself with the next publication or restart."
        )
        raise PublishingBusyError(message) from error


def _title(change: Change, *editions: Edition) -> str:
    """Return what the record and the commit call the subject: the page's title and address, or the file's name."""
    for edition in editions:
        if page := edition.page(url_of(change.subject)):
            return f"{page.meta.title} ({page.url})"
    return f"{entry} ({change.subject})" if (entry := change.trailers.get(ENTRY)) else change.subject
