"""Bring in many files at once that were made elsewhere: by others at a git remote, or with a new release.

The files first and then the commit: whoever is killed in between leaves files that look as if they had been changed by
hand. The next publication, or doing the same again, keeps those and comes to the same end.
"""

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.audit.events import Event
from knowledge_base.publishing import journal
from knowledge_base.publishing.changes import FileChange, new_name
from knowledge_base.publishing.errors import ChangeRefusedError
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError
from knowledge_base.repository.repository import SITE_AUTHOR

logger = logging.getLogger(__name__)

MOST_NAMED = 20

Contents = Mapping[str, bytes | None]


def keep_what_was_changed_by_hand(store: ContentStore) -> list[str]:
    """Commit every page, file of a page and data file that is not as the history has it. Returns their paths.

    What a process that was killed here has left half written is removed before.
    """
    store.files.remove_unfinished()
    repository = store.repository
    head = repository.head() or ""
    on_disk = {path for path in store.files.paths() if _is_content(path)}
    gone = {path for path in repository.paths_in(head) if _is_content(path)} - on_disk
    paths = [*repository.differing(head, on_disk), *sorted(gone)]
    by_hand = {path: store.files.read(path) for path in paths}
    before = {path: repository.read(head, path) for path in paths}
    if by_hand:
        repository.commit(by_hand, author=SITE_AUTHOR, message=f"Keep what was changed by hand: {', '.join(by_hand)}\n")
        repository.refresh_index(before, by_hand)
    return list(by_hand)


@dataclass(frozen=True)
class Arrival:
    """What was made elsewhere: the commit that has it, the files that change here by it, and what the record is told.

    Without an event nothing is recorded. Of two arrivals of one name only the first is.
    """

    commit: str
    before: Contents
    after: Contents
    event: Event | None
    name: str = field(default_factory=new_name)


def bring_in(store: ContentStore, arrival: Arrival, *, head: str, now: datetime) -> bool:
    """Put the files where they belong, make the commit the newest one instead of `head`, and record it.

    Says whether that went well; if not, somebody has just saved one of the files or committed something, and it is to
    be done again. Raises OSError and GitError.
    """
    name = arrival.name if arrival.event else None
    if arrival.event:
        journal.begin_bringing_in(store, arrival.event, name=arrival.name, revision=arrival.commit, now=now)
    try:
        is_done = _are_in_place(store, arrival) and store.repository.move_to(arrival.commit, expected=head)
    except (GitError, OSError):
        _end(store, name, arrival.commit if store.repository.is_in_history(arrival.commit) else None, now=now)
        raise
    if is_done:
        store.repository.refresh_index(arrival.before, arrival.after)
    _end(store, name, arrival.commit if is_done else None, now=now)
    return is_done


def _are_in_place(store: ContentStore, arrival: Arrival) -> bool:
    with store.files.staged(arrival.after) as staged:
        return all(file.put_in_place(expected=arrival.before[path]) for path, file in staged.items())


def _end(store: ContentStore, name: str | None, commit: str | None, *, now: datetime) -> None:
    if name and commit:
        try:
            journal.finish(store, name, revision=commit, now=now)
        except SQLAlchemyError:
            # It is live and in the history. The next publication, or the next start, records it.
            logger.exception("What was brought in with %s could not be recorded yet.", commit)
    elif name:
        journal.abandon(store, name, now=now)


def named(paths: Collection[str]) -> str:
    """Name the files, and say how many more there are when they are many."""
    more = len(paths) - MOST_NAMED
    return ", ".join(sorted(paths)[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _is_content(path: str) -> bool:
    with suppress(ChangeRefusedError):
        return bool(FileChange(path, None, None).path)
    return False
