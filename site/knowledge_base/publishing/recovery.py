"""Follow up what a killed process has left: finish a publication whose commit was made, abandon one whose was not."""

import logging
from datetime import datetime

from knowledge_base.publishing import journal
from knowledge_base.publishing.messages import PUBLICATION
from knowledge_base.publishing.sharing import bring_in
from knowledge_base.publishing.store import ContentStore

logger = logging.getLogger(__name__)


def catch_up(store: ContentStore, *, now: datetime) -> None:
    """Bring in what other nodes published, and follow up what was cut short on any of them. Only within the lock.

    Raises PublishingBusyError and EditConflictError, as `bring_in` does.
    """
    # First what this machine has in its history and not yet on its disk: else it would look like an edit by hand.
    recover(store, now=now, may_abandon=store.shared is None)
    if store.shared:
        bring_in(store, now=now)
        recover(store, now=now, may_abandon=True)


def recover(store: ContentStore, *, now: datetime, may_abandon: bool) -> int:
    """Finish every publication that is only begun, and abandon one that is not in the history here.

    Returns how many there were. It must not abandon any while another node may be about to push it, or has. Only within
    the lock.

    A file goes to its committed content only where it still is as it was before that commit: what somebody has saved
    since then stays, and the next publication keeps it.
    """
    left = journal.begun(store)
    for name in left:
        revision = store.repository.find_trailer(PUBLICATION, name)
        if revision is None:
            if not may_abandon:
                continue
            logger.warning("The publication %s was cut short before its commit. Nothing of it is live.", name)
            journal.abandon(store, name, now=now)
            continue
        logger.warning("The publication %s was cut short after its commit. It is finished now.", name)
        _put_files_in_place(store, revision)
        journal.finish(store, name, revision=revision, now=now)
    if left:
        store.files.remove_unfinished()
    return len(left)


def _put_files_in_place(store: ContentStore, revision: str) -> None:
    repository, head = store.repository, store.repository.head()
    before, after = {}, {}
    for path in repository.changed_by(revision):
        committed = repository.read(revision, path)
        if repository.read(head, path) == committed:
            before[path], after[path] = repository.read(f"{revision}~1", path), committed
    left = {path: content for path, content in after.items() if store.files.is_still(path, before[path])}
    with store.files.staged(left) as staged:
        for path, file in staged.items():
            file.put_in_place(expected=before[path])
    repository.refresh_index(before, after)
