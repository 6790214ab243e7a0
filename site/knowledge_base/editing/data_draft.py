"""A draft of a data file: what of it is for its author's eyes, and what others published since, entry by entry."""

from collections.abc import Mapping
from datetime import datetime

from knowledge_base.access.policy import Viewer
from knowledge_base.editing.draft import Draft, text_of
from knowledge_base.editing.drafts import get_draft, rebase, save_draft
from knowledge_base.editing.errors import StaleDraftError
from knowledge_base.pages.edition import Edition
from knowledge_base.publishing.entry_merge import EntriesConflictError, EntryConflict, merge_entries
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.merge import merge_lines
from knowledge_base.publishing.permission import text_seen
from knowledge_base.publishing.store import ContentStore


def catch_up(store: ContentStore, draft: Draft, *, by: Viewer, now: datetime) -> Draft:
    """Return the draft with what others published since in it. As it is where the two do not go together."""
    try:
        return settle(store, draft, {}, by=by, now=now)
    except (EntriesConflictError, DataFileError):
        return draft


def settle(store: ContentStore, draft: Draft, keep_mine: Mapping[str, bool], *, by: Viewer, now: datetime) -> Draft:
    """Bring the draft up to date. `keep_mine` decides about the entries that both changed, by the conflict's names.

    Raises EntriesConflictError, and DataFileError when a file cannot be read entry by entry.
    """
    theirs = store.files.read(draft.path)
    if draft.base is None or theirs is None or theirs == draft.base:
        return draft
    text = merge_entries(draft.base_text, draft.text, text_of(theirs), merge_lines=merge_lines, keep_mine=keep_mine)
    try:
        draft = save_draft(store, draft, text=text, version=draft.version, by=by, now=now)
    except StaleDraftError as error:
        # Another window was quicker. It is brought up to date the next time.
        return error.draft
    rebase(store, draft, base=theirs, by=by)
    return get_draft(store, draft.id, by=by)


def conflicts_of(store: ContentStore, draft: Draft) -> tuple[EntryConflict, ...]:
    """Return the entries that the draft and somebody else changed. Raises DataFileError when that cannot be told."""
    theirs = store.files.read(draft.path)
    if draft.base is None or theirs is None:
        return ()
    try:
        merge_entries(draft.base_text, draft.text, text_of(theirs), merge_lines=merge_lines)
    except EntriesConflictError as error:
        return error.conflicts
    return ()


def texts_seen(draft: Draft, *, edition: Edition, viewer: Viewer) -> tuple[str, str]:
    """Return the text that the draft began with and the draft's own, as far as they are for its author."""
    base, text = (text_seen(one, viewer=viewer, edition=edition) for one in (draft.base_text, draft.text))
    return base, text
