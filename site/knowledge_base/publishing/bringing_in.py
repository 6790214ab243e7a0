"""Bring in many files at once that were made elsewhere: by others at a git remote, or with a new release.

The files first and then the commit: whoever is killed in between leaves files that look as if they had been changed by
hand. The next publication, or doing the same again, keeps those and comes to the same end.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress

from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.errors import ChangeRefusedError
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import SITE_AUTHOR

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


def put_in_place(store: ContentStore, before: Contents, after: Contents, *, commit: Callable[[], bool]) -> bool:
    """Put files where they belong, then have them committed.

    Says whether both went well; if not, somebody has just saved one of them or committed something, and it is to be
    done again. Raises OSError and GitError.
    """
    with store.files.staged(after) as staged:
        are_in_place = [file.put_in_place(expected=before[path]) for path, file in staged.items()]
    if not all(are_in_place) or not commit():
        return False
    store.repository.refresh_index(before, after)
    return True


def _is_content(path: str) -> bool:
    with suppress(ChangeRefusedError):
        return bool(FileChange(path, None, None).path)
    return False
