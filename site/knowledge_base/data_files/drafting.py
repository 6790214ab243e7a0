"""What somebody has of a data file before them: their draft where they have changed something, else what is live."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.access.policy import Viewer
from knowledge_base.data_files.entries import DataEntries, Entry
from knowledge_base.data_files.kinds import DataFile
from knowledge_base.editing.data_draft import catch_up
from knowledge_base.editing.draft import Draft, text_of
from knowledge_base.editing.drafts import begin_draft, find_draft, open_draft, save_draft
from knowledge_base.editing.errors import (
    DraftExistsError,
    NoSuchDraftError,
    NoSuchPageError,
    StaleDraftError,
    TooLongError,
)
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.permission import sees_entry
from knowledge_base.publishing.store import ContentStore

ATTEMPTS = 5
NOTHING_DIFFERENT = "Nothing is different from what it was."


@dataclass(frozen=True)
class Work:
    """A data file as somebody has it before them. `draft` is theirs, if it has changes; `changes` are its."""

    entries: DataEntries
    draft: Draft | None
    is_behind: bool = False

    @property
    def changes(self) -> tuple[tuple[str, Entry], ...]:
        """What the draft changes. Nothing where that cannot be told."""
        try:
            return self.entries.changes_since(self.draft.base_text) if self.draft else ()
        except DataFileError:
            return ()


def work_on(store: ContentStore, file: DataFile, *, viewer: Viewer, now: datetime) -> Work:
    """Return a data file as its editor sees it, with what others published since they began."""
    draft = find_draft(store, file.path, by=viewer)
    if draft and draft.is_changed:
        try:
            draft = catch_up(store, draft, by=viewer, now=now)
        except NoSuchDraftError:
            # Another window let it go in this very moment.
            draft = None
    content = store.files.read(file.path)
    if draft is None or not draft.is_changed:
        return Work(_entries(store, file, text_of(content or b""), viewer), None)
    return Work(_entries(store, file, draft.text, viewer), draft, is_behind=draft.base != content)


def change_draft(
    store: ContentStore, file: DataFile, change: Callable[[DataEntries], str], *, by: Viewer, now: datetime
) -> Draft:
    """Put a change of an entry into the person's draft of a file, begun if need be. Raises DataFileError.

    Two windows that change two entries at once both get in: `change` is asked again with what the other made of it.
    """
    for _ in range(ATTEMPTS):
        work = work_on(store, file, viewer=by, now=now)
        text = change(work.entries)
        if text == work.entries.text:
            raise DataFileError(NOTHING_DIFFERENT)
        try:
            draft = open_draft(store, file.path, by=by, now=now)
            if draft.text == work.entries.text:
                return save_draft(store, draft, text=text, version=draft.version, by=by, now=now)
        except NoSuchPageError:
            return begin_draft(store, file.path, by=by, text=text, now=now)
        except (StaleDraftError, DraftExistsError, NoSuchDraftError):
            continue
        except TooLongError as error:
            message = "The file would be longer than it may be. Take out what nobody needs."
            raise DataFileError(message) from error
    message = "You changed this file in several windows at once. Try again."
    raise DataFileError(message)


def _entries(store: ContentStore, file: DataFile, text: str, viewer: Viewer) -> DataEntries:
    return DataEntries(file, text, sees_entry(viewer, store.library.edition()))
