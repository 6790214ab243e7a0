"""Merge what a git remote has into the content here, page by page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.publishing import journal
from knowledge_base.publishing.bringing_in import Arrival, bring_in, keep_what_was_changed_by_hand, named
from knowledge_base.publishing.changes import new_name
from knowledge_base.publishing.errors import PublishingBusyError, PublishingError
from knowledge_base.publishing.merge import merge_all
from knowledge_base.publishing.messages import is_of_a_release, publication_of
from knowledge_base.publishing.models import LONGEST_NAME, State
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.remote import Remote, changed_between, merge_base, messages_between
from knowledge_base.repository.repository import SITE_AUTHOR

MOST_TRIES = 5


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
                f"The remote has changes of {named(others)}, which are no content, or links. Pull those with git; "
                "then run this again."
            )
            raise SyncRefusedError(message)
        before = {path: repository.read(head, path) for path in paths}
        merged = merge_all(
            {path: (repository.read(base, path), before[path], repository.read(theirs, path)) for path in paths}
        )
        after = {path: content for path, content in merged.items() if content != before[path]}
        new = theirs if base == head else self._merge_commit(head, theirs, after)
        made_with_git = self._newest_made_with_git(base, theirs)
        # Also what is here already: whoever was killed before the commit had put the files in place.
        event = self._event(paths) if paths and made_with_git else None
        name = made_with_git[:LONGEST_NAME] if made_with_git else new_name()
        arrival = Arrival(new, {path: before[path] for path in after}, after, event, name)
        return (new, list(after)) if bring_in(self.store, arrival, head=head, now=self.now) else None

    def _merge_commit(self, head: str, theirs: str, after: Mapping[str, bytes | None]) -> str:
        message = f"Bring in what others changed: {named(after) or 'nothing that is not here'}\n"
        return self.store.repository.commit_after([head, theirs], after, author=SITE_AUTHOR, message=message)

    def _newest_made_with_git(self, base: str, theirs: str) -> str | None:
        """Return the newest commit that no node has published, or None. Records what a node could not any more.

        One that somebody made of a published commit, as with `git cherry-pick`, has the same name in its message.
        """
        newest = None
        for commit, message in messages_between(self.store.repository, base, theirs).items():
            name = publication_of(message)
            if is_of_a_release(message) and journal.state_of(self.store, commit[:LONGEST_NAME]) is State.DONE:
                continue  # The node where it was brought in has recorded it.
            if name is None or journal.is_of_another_commit(self.store, name, commit):
                newest = newest or commit
            else:
                journal.finish(self.store, name, revision=commit, now=self.now)
        return newest

    def _event(self, paths: Collection[str]) -> Event:
        subject = f"what others changed at {self.remote.label}: {named(paths)}"
        return Event(Kind.PAGE_PUBLISHED, self.actor, subject=subject, details={"note": "content sync"})
