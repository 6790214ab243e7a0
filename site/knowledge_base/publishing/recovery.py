"""Follow up what a killed process has left: finish a publication whose commit was made, abandon one whose was not."""

import logging
from datetime import datetime

from knowledge_base.publishing import journal
from knowledge_base.publishing.messages import PUBLICATION
from knowledge_base.publishing.store import ContentStore

logger = logging.getLogger(__name__)


def recover(store: ContentStore, *, now: datetime) -> int:
    """Finish or abandon every publication that is only begun. Returns how many there were. Only within the lock.

    A file goes to its committed content only where it still is as it was before that commit: what somebody has saved
    since then stays, and the next publication keeps it.
    """
    left = journal.begun(store)
    for name in left:
        revision = store.repository.find_trailer(PUBLICATION, name)
        if revision is None:
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
