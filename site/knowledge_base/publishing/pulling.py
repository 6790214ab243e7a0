"""Merge what a git remote has into the content here, page by page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.publishing import journal
from knowledge_base.publishing.bringing_in import keep_what_was_changed_by_hand, put_in_place
from knowledge_base.publishing.errors import PublishingBusyError, PublishingError
from knowledge_base.publishing.merge import merge_all
from knowledge_base.publishing.messages import publication_of
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.remote import Remote, changed_between, merge_base, messages_between
from knowledge_base.repository.repository import SITE_AUTHOR

MOST_TRIES = 5
MOST_NAMED = 20


class SyncRefusedError(PublishingError):
    """What is at the remote cannot be brought in. Nothing has changed."""


@dataclass(frozen=True)
class Pull:
    """What is brought in, in whose name. Only within the lock of the content here."""

    store: ContentStore
    remote: Remote
    actor: Actor
    now: datetime

    def run(self, theirs: str | None) -> tuple[str, list[str]]:
        """Merge a commit of the remote. Returns the newest commit here, and the files that changed by it.

        Raises EditConflictError, SyncRefusedError and PublishingBusyError, and GitError and OSError; nothing of it is
        live then.
        """
        repository = self.store.repository
        repository.check_free()
        for _ in range(MOST_TRIES):
            keep_what_was_changed_by_hand(self.store)
            head = repository.head() or ""
            base = merge_base(repository, head, theirs) if theirs else theirs
            if theirs is None or base == theirs:
                return head, []
            if base is None:
                message = "The remote's history has nothing in common with the content's. Is it the right remote?"
                raise SyncRefusedError(message)
            if (done := self._merge(base, head, theirs)) is not None:
                return done
        message = "The content's files change faster than they can be merged. Try again in a minute."
        raise PublishingBusyError(message)

    def _merge(self, base: str, head: str, theirs: str) -> tuple[str, list[str]] | None:
        repository = self.store.repository
        paths, others = changed_between(repository, base, theirs)
        if others:
            message = (
                f"The remote has changes of {_named(others)}, which are no content, or links. Pull those with git; "
                "then run this again."
            )
            raise SyncRefusedError(message)
        before = {path: repository.read(head, path) for path in paths}
        merged = merge_all(
            {path: (repository.read(base, path), before[path], repository.read(theirs, path)) for path in paths}
        )
        after = {path: content for path, content in merged.items() if content != before[path]}
        new = theirs if base == head else self._merge_commit(head, theirs, after)
        replaced = {path: before[path] for path in after}
        if not put_in_place(self.store, replaced, after, commit=lambda: repository.move_to(new, expected=head)):
            return None
        if after:
            self._record(base, theirs, list(after))
        return new, list(after)

    def _merge_commit(self, head: str, theirs: str, after: Mapping[str, bytes | None]) -> str:
        message = f"Bring in what others changed: {_named(after) or 'nothing that is not here'}\n"
        return self.store.repository.commit_after([head, theirs], after, author=SITE_AUTHOR, message=message)

    def _record(self, base: str, theirs: str, paths: Collection[str]) -> None:
        """Record what was changed with git, and what a node has published and could not record any more."""
        with_git = []
        for commit, message in messages_between(self.store.repository, base, theirs).items():
            name = publication_of(message)
            if name is None or journal.state_of(self.store, name) is None:
                with_git.append(commit)
            else:
                journal.finish(self.store, name, revision=commit, now=self.now)
        if with_git:
            subject = f"what others changed at {self.remote.label}: {_named(paths)}"
            event = Event(Kind.PAGE_PUBLISHED, self.actor, subject=subject, details={"note": "content sync"})
            journal.note_pulled(self.store, with_git[0], event, now=self.now)


def _named(paths: Collection[str]) -> str:
    more = len(paths) - MOST_NAMED
    return ", ".join(sorted(paths)[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
