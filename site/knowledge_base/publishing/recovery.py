"""Follow up what a killed process has left: finish a publication whose commit was made, abandon one whose was not."""

import logging
from datetime import datetime

from knowledge_base.publishing import journal
from knowledge_base.publishing.messages import PUBLICATION
from knowledge_base.publishing.sharing import pull_shared
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.readiness import check_free

logger = logging.getLogger(__name__)


def make_ready(store: ContentStore, *, now: datetime) -> None:
    """Do what has to be done before the content may be changed. Only within the lock.

    Raises RepositoryBusyError while somebody is in the middle of something with git.
    """
    make_ready_here(store, now=now)
    if store.shared:
        pull_shared(store, now=now)
        recover(store, now=now, may_abandon=True)


def make_ready_here(store: ContentStore, *, now: datetime) -> None:
    """Do the same for this machine alone. Only within the lock of what is here.

    What is in its history and not yet on its disk comes first: else it would look as if somebody had undone it by hand.
    """
    check_free(store.repository.git)
    recover(store, now=now, may_abandon=store.shared is None)
    store.begin_history_if_there_is_none()


def recover(store: ContentStore, *, now: datetime, may_abandon: bool) -> int:
    """Finish every publication that is only begun, and abandon one that is not in the history here.

    Returns how many there were. It must not abandon any while another node may be about to push it, or has. Only within
    the lock.

    A file goes to its committed content only where it still is as it was before that commit: what somebody has saved
    since then stays, and the next publication keeps it.
    """
    left = journal.begun(store)
    for one in left:
        revision = _commit_of(store, one)
        if revision is None:
            if not may_abandon:
                continue
            logger.warning("The publication %s was cut short before its commit. Nothing of it is live.", one.name)
            journal.abandon(store, one.name, now=now)
            continue
        logger.warning("The publication %s was cut short after its commit. It is finished now.", one.name)
        if one.brought_in is None:
            _put_files_in_place(store, revision)
        journal.finish(store, one.name, revision=revision, now=now)
    if left:
        store.files.remove_unfinished()
    return len(left)


def _commit_of(store: ContentStore, one: journal.Begun) -> str | None:
    """Return the commit, if it was made. What was made elsewhere had its files in place before."""
    if one.brought_in is None:
        return store.repository.find_trailer(PUBLICATION, one.name)
    return one.brought_in if store.repository.is_in_history(one.brought_in) else None


def _put_files_in_place(store: ContentStore, revision: str) -> None:
    repository, head = store.repository, store.repository.head()
    has_parent = repository.git.succeeds("rev-parse", "--verify", "--quiet", f"{revision}~1")
    parent = f"{revision}~1" if has_parent else None
    before, after = {}, {}
    for path in repository.changed_by(revision):
        committed = repository.read(revision, path)
        if repository.read(head, path) == committed:
            before[path], after[path] = repository.read(parent, path), committed
    left = {path: content for path, content in after.items() if store.files.is_still(path, before[path])}
    with store.files.staged(left) as staged:
        for path, file in staged.items():
            file.put_in_place(expected=before[path])
    repository.refresh_index(before, after)
