"""What the last steps of a draft are for a data file: up to date, for its author's eyes, and out of conflict."""

from collections.abc import Iterable, Mapping

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer
from knowledge_base.db import utc_now
from knowledge_base.editing.conflict import Pair, side_by_side
from knowledge_base.editing.data_draft import catch_up, conflicts_of, settle, texts_seen
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.drafts import rebase
from knowledge_base.publishing.entry_merge import EntriesConflictError, EntryConflict, changed_entries
from knowledge_base.publishing.entry_text import Fields
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import sees_entry

MINE, THEIRS = "mine", "theirs"


def up_to_date(draft: Draft) -> Draft:
    """Return a draft of a data file with what others published since. A page's author brings that together."""
    return catch_up(content_store(), draft, by=current_viewer(), now=utc_now()) if draft.is_data else draft


def pairs_of(draft: Draft) -> tuple[Pair, ...]:
    """Return what a draft changes, side by side: of a data file the entries that its author may know of."""
    texts = draft.base_text, draft.text
    if draft.is_data:
        texts = texts_seen(draft, edition=content_store().library.edition(), viewer=current_viewer())
    return side_by_side(*texts)


def entries_changed(draft: Draft) -> tuple[str, ...]:
    """Name what a draft of a data file changes, as far as its author may know of it."""
    if not draft.is_data:
        return ()
    sees = sees_entry(current_viewer(), content_store().library.edition())
    try:
        changes = changed_entries(draft.base_text, draft.text)
    except DataFileError:
        return ()
    return tuple(
        _name(one.after or one.before or {})
        for one in changes
        if all(sees(fields) for fields in (one.before, one.after) if fields is not None)
    )


def show_data_conflict(draft: Draft) -> ResponseReturnValue:
    """Show each entry that both changed, or why the two cannot be brought together at all."""
    try:
        conflicts = conflicts_of(content_store(), draft)
    except DataFileError as error:
        return render_template("editing/data_conflict.html", draft=draft, unreadable=str(error), entries=(), problem="")
    if not conflicts:
        return redirect(f"/drafts/{draft.id}/publish", 303)
    return _conflict_page(draft, conflicts)


def settle_data_conflict(draft: Draft) -> ResponseReturnValue:
    """Keep of each entry what was chosen, in the draft."""
    store, viewer = content_store(), current_viewer()
    try:
        conflicts = conflicts_of(store, draft)
    except DataFileError:
        # What stands there cannot be read. Publishing keeps it in the history.
        rebase(store, draft, base=store.files.read(draft.path), by=viewer)
        return redirect(f"/drafts/{draft.id}/publish", 303)
    chosen = {one.name: request.form.get(f"entry-{number}", "") for number, one in enumerate(conflicts)}
    if not {MINE, THEIRS}.issuperset(chosen.values()):
        return _conflict_page(draft, conflicts, problem="Choose one of the two for each entry."), 422
    try:
        settle(store, draft, {name: side == MINE for name, side in chosen.items()}, by=viewer, now=utc_now())
    except (EntriesConflictError, DataFileError):
        # Somebody published the file again in this very moment.
        return redirect(f"/drafts/{draft.id}/conflict", 303)
    return redirect(draft.address, 303)


def _conflict_page(draft: Draft, conflicts: Iterable[EntryConflict], *, problem: str = "") -> str:
    entries = [_shown(number, conflict) for number, conflict in enumerate(conflicts)]
    return render_template("editing/data_conflict.html", draft=draft, entries=entries, problem=problem, unreadable="")


def _shown(number: int, conflict: EntryConflict) -> Mapping[str, object]:
    sees = sees_entry(current_viewer(), content_store().library.edition())
    is_for_them = conflict.theirs is None or sees(conflict.theirs)
    pairs: tuple[Pair, ...] = side_by_side(_lines(conflict.theirs) if is_for_them else "", _lines(conflict.mine))
    return {
        "field": f"entry-{number}",
        "name": _name(conflict.mine or (conflict.theirs if is_for_them else None) or {}),
        "pairs": pairs,
        "is_for_them": is_for_them,
        "is_gone": conflict.theirs is None,
        "goes": conflict.mine is None,
    }


def _name(fields: Fields) -> str:
    named = ("name", "label", "title", "leads_to", "same", "words")
    return next((_words(fields[key]) for key in named if fields.get(key)), "An entry")


def _lines(fields: Fields | None) -> str:
    return "\n".join(f"{name}: {_words(value)}" for name, value in (fields or {}).items() if value)


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
