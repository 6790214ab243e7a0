"""Pull what others changed at a git remote, page by page, and push what was changed here. Never by force."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.audit.events import Actor
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.pulling import Pull, SyncRefusedError
from knowledge_base.publishing.recovery import make_ready_here
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError
from knowledge_base.repository.remote import NoRemoteError, Remote

MOST_TRIES = 5


@dataclass(frozen=True)
class Synced:
    """What came of it: the files that others changed, and whether anything was pushed."""

    remote: str
    pulled: tuple[str, ...]
    was_pushed: bool


def sync(
    store: ContentStore, *, remote: str | None = None, branch: str | None = None, actor: Actor, now: datetime
) -> Synced:
    """Bring the content and the remote's to the same state. Left out, the remote is the shared one or git's own.

    Raises EditConflictError, which names the files that both sides changed in the same place, SyncRefusedError or
    PublishingBusyError: nothing of what others changed is live then, and nothing was pushed.
    """
    with store.changing(undone="the two are not at the same state"):
        try:
            shared = store.shared if remote is None and branch is None else None
            where = shared or Remote.of(store.repository, name=remote, branch=branch)
            return sync_with(store, where, actor=actor, now=now)
        except NoRemoteError as error:
            raise SyncRefusedError(str(error)) from error


def sync_with(store: ContentStore, remote: Remote, *, actor: Actor, now: datetime) -> Synced:
    """Bring the content and one remote's to the same state. Raises GitError and OSError besides."""
    pulled: dict[str, None] = {}
    for number in range(1, MOST_TRIES + 1):
        theirs = remote.fetch()
        with store.locked_here():
            make_ready_here(store, now=now)
            head, changed = Pull(store, remote, actor, now).run(theirs)
        pulled |= dict.fromkeys(changed)
        if head == theirs:
            return Synced(remote.label, tuple(pulled), was_pushed=False)
        try:
            remote.push(head)
        except GitError as error:
            # Only worth another try when somebody else has pushed meanwhile.
            if number == MOST_TRIES or remote.newest() == theirs:
                raise _not_pushed(pulled, error) from error
            continue
        return Synced(remote.label, tuple(pulled), was_pushed=True)
    message = "Others push to the remote faster than we can."
    raise PublishingBusyError(message)


def _not_pushed(pulled: Collection[str], error: GitError) -> PublishingBusyError:
    what = f"{len(pulled)} files were pulled and are live, but nothing" if pulled else "Nothing"
    return PublishingBusyError(f"{what} was pushed: the remote refused it. {error}")
