"""Pull what others changed at a git remote, page by page, and push what was changed here. Never by force."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.publishing.bringing_in import Arrival, bring_in, keep_what_was_changed_by_hand, named
from knowledge_base.publishing.errors import PublishingBusyError, PublishingError
from knowledge_base.publishing.merge import merge_all
from knowledge_base.publishing.recovery import make_ready
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError
from knowledge_base.repository.remote import NoRemoteError, Remote, changed_between, merge_base
from knowledge_base.repository.repository import SITE_AUTHOR

MOST_TRIES = 5


class SyncRefusedError(PublishingError):
    """What is at the remote cannot be brought in. Nothing has changed."""


@dataclass(frozen=True)
class Synced:
    """What came of it: the files that others changed, and whether anything was pushed."""

    remote: str
    pulled: tuple[str, ...]
    was_pushed: bool


def sync(
    store: ContentStore, *, remote: str | None = None, branch: str | None = None, actor: Actor, now: datetime
) -> Synced:
    """Bring the content and the remote's to the same state.

    Raises EditConflictError, which names the files that both sides changed in the same place, SyncRefusedError or
    PublishingBusyError: nothing of what others changed is live then, and nothing was pushed.
    """
    with store.changing(undone="the two are not at the same state"):
        try:
            return _Sync(store, Remote.of(store.repository, name=remote, branch=branch), actor, now).run()
        except NoRemoteError as error:
            raise SyncRefusedError(str(error)) from error


@dataclass
class _Sync:
    store: ContentStore
    remote: Remote
    actor: Actor
    now: datetime

    def run(self) -> Synced:
        pulled: dict[str, None] = {}
        for number in range(1, MOST_TRIES + 1):
            theirs = self.remote.fetch()
            head, changed = self._pull(theirs)
            pulled |= dict.fromkeys(changed)
            if head == theirs:
                return Synced(self.remote.name, tuple(pulled), was_pushed=False)
            try:
                self.remote.push(head)
            except GitError as error:
                # Only worth another try when somebody else has pushed meanwhile.
                if number == MOST_TRIES or self.remote.fetch() == theirs:
                    raise _not_pushed(pulled, error) from error
                continue
            return Synced(self.remote.name, tuple(pulled), was_pushed=True)
        message = "Others push to the remote faster than we can."
        raise PublishingBusyError(message)

    def _pull(self, theirs: str | None) -> tuple[str, list[str]]:
        """Merge what the remote has. Returns the newest commit here, and the files that changed by it."""
        store = self.store
        with store.locked():
            make_ready(store, now=self.now)
            for _ in range(MOST_TRIES):
                keep_what_was_changed_by_hand(store)
                head = store.repository.head() or ""
                base = merge_base(store.repository, head, theirs) if theirs else theirs
                if theirs is None or base == theirs:
                    return head, []
                if base is None:
                    message = "The remote's history has nothing in common with the content's. Is it the right remote?"
                    raise SyncRefusedError(message)
                if (commit := self._merge(base, head, theirs)) is not None:
                    return commit
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
        # Also what is here already: whoever was killed before the commit had put the files in place.
        event = self._event(paths) if paths else None
        arrival = Arrival(new, {path: before[path] for path in after}, after, event)
        return (new, list(after)) if bring_in(self.store, arrival, head=head, now=self.now) else None

    def _merge_commit(self, head: str, theirs: str, after: Mapping[str, bytes | None]) -> str:
        message = f"Bring in what others changed: {named(after) or 'nothing that is not here'}\n"
        return self.store.repository.commit_after([head, theirs], after, author=SITE_AUTHOR, message=message)

    def _event(self, paths: Collection[str]) -> Event:
        subject = f"what others changed at {self.remote.name}: {named(paths)}"
        return Event(Kind.PAGE_PUBLISHED, self.actor, subject=subject, details={"note": "content sync"})


def _not_pushed(pulled: Collection[str], error: GitError) -> PublishingBusyError:
    what = f"{len(pulled)} files were pulled and are live, but nothing" if pulled else "Nothing"
    return PublishingBusyError(f"{what} was pushed: the remote refused it. {error}")
