"""Pull what others changed at a git remote, page by page, and push what was changed here. Never by force."""

from dataclasses import dataclass
from datetime import datetime

from knowledge_base.audit.events import Actor
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.pulling import Pull, SyncRefusedError
from knowledge_base.publishing.recovery import recover
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
    try:
        shared = store.shared if remote is None and branch is None else None
        return sync_with(store, shared or Remote.of(store.repository, name=remote, branch=branch), actor=actor, now=now)
    except NoRemoteError as error:
        raise SyncRefusedError(str(error)) from error
    except GitError as error:
        message = f"The remote or the content's history cannot be used. {error}"
        raise PublishingBusyError(message) from error
    except OSError as error:
        message = f"The content's files cannot be written: {error.strerror}."
        raise PublishingBusyError(message) from error
    finally:
        store.library.refresh()


def sync_with(store: ContentStore, remote: Remote, *, actor: Actor, now: datetime) -> Synced:
    """Bring the content and one remote's to the same state. Raises GitError and OSError besides."""
    pulled: dict[str, None] = {}
    for number in range(1, MOST_TRIES + 1):
        theirs = remote.fetch()
        with store.locked_here():
            recover(store, now=now, may_abandon=store.shared is None)
            head, changed = Pull(store, remote, actor, now).run(theirs)
        pulled |= dict.fromkeys(changed)
        if head == theirs:
            return Synced(remote.label, tuple(pulled), was_pushed=False)
        try:
            remote.push(head)
        except GitError:
            # Only worth another try when somebody else has pushed meanwhile.
            if number == MOST_TRIES or remote.newest() == theirs:
                raise
            continue
        return Synced(remote.label, tuple(pulled), was_pushed=True)
    message = "Others push to the remote faster than we can."
    raise PublishingBusyError(message)
