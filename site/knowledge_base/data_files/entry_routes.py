"""The forms of one entry: added, changed or removed in the person's own draft of its file."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.data_files.drafting import NOTHING_DIFFERENT, Work, change_draft
from knowledge_base.data_files.entries import NEW, DataEntries, Entry
from knowledge_base.data_files.forms import EntryForm, digest_of, entry_form, typed_fields
from knowledge_base.data_files.guards import (
    audiences_to_choose,
    entry_of,
    file_of,
    forget_words,
    holder_of,
    kept_words,
    work_of,
)
from knowledge_base.data_files.kinds import DataFile
from knowledge_base.db import utc_now
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

DONE = "data-files"
PUBLISH = "publish"
SAVED = "It is in your draft of this file. Readers get it when the draft is published."
KEPT = "This is what you typed before you were signed out. It is not in your draft yet."

blueprint = Blueprint("entries", __name__)


@blueprint.get("/data/<data_file>/new")
@requires(EDITOR, PUBLISHER)
def show_new(data_file: str) -> str:
    """Ask for a new entry."""
    return show_form(data_file, NEW)


@blueprint.post("/data/<data_file>/new")
@requires(EDITOR, PUBLISHER)
def add(data_file: str) -> ResponseReturnValue:
    """Add it to the draft."""
    file = file_of(data_file)
    form = entry_form(file, None, audiences=audiences_to_choose())

    def change(entries: DataEntries) -> str:
        key = form["key"].data if file.has_keys else None
        return entries.add(key, typed_fields(form, file))

    return _act(form, file, None, change)


@blueprint.get("/data/<data_file>/<entry_key>")
@requires(EDITOR, PUBLISHER)
def show_entry(data_file: str, entry_key: str) -> str:
    """Show an entry's form."""
    return show_form(data_file, entry_key)


@blueprint.post("/data/<data_file>/<entry_key>")
@requires(EDITOR, PUBLISHER)
def change_entry(data_file: str, entry_key: str) -> ResponseReturnValue:
    """Change an entry in the draft."""
    file, _, entry = entry_of(data_file, entry_key)
    form = entry_form(file, entry.fields, audiences=audiences_to_choose())

    def change(entries: DataEntries) -> str:
        fields = typed_fields(form, file)
        now = _as_it_was(form, entries, entry, is_done=lambda one: entries.change(one, fields) == entries.text)
        return entries.change(now, fields)

    return _act(form, file, entry, change)


@blueprint.get("/data/<data_file>/<entry_key>/remove")
@requires(EDITOR, PUBLISHER)
def ask_to_remove(data_file: str, entry_key: str) -> str:
    """Ask whether an entry is to go."""
    file, _, entry = entry_of(data_file, entry_key)
    return _page(EntryForm(formdata=None, was=digest_of(entry.fields)), file, entry, template="data_files/remove.html")


@blueprint.post("/data/<data_file>/<entry_key>/remove")
@requires(EDITOR, PUBLISHER)
def remove(data_file: str, entry_key: str) -> ResponseReturnValue:
    """Remove an entry in the draft."""
    file, _, entry = entry_of(data_file, entry_key)
    form = EntryForm()

    def change(entries: DataEntries) -> str:
        return entries.remove(_as_it_was(form, entries, entry))

    return _act(form, file, entry, change, template="data_files/remove.html")


def show_form(data_file: str, entry_key: str, *, problem: str = "", is_sent: bool = False) -> str:
    """Show an entry's form, with what was sent for it if that is not saved."""
    file, entry = file_of(data_file), None
    if entry_key != NEW:
        _, _, entry = entry_of(data_file, entry_key)
    typed = request.form if is_sent else kept_words(file, entry_key)
    form = entry_form(file, entry.fields if entry else None, audiences=audiences_to_choose(), typed=typed)
    return _page(form, file, entry, problem=problem, is_kept=typed is not None and not is_sent)


def _act(
    form: EntryForm,
    file: DataFile,
    entry: Entry | None,
    change: Callable[[DataEntries], str],
    *,
    template: str = "data_files/entry.html",
) -> ResponseReturnValue:
    if not form.validate():
        return _page(form, file, entry, template=template), 422
    then = request.form.get("then")
    try:
        draft = change_draft(content_store(), file, change, by=current_viewer(), now=utc_now())
    except DataFileError as error:
        work = work_of(file)
        is_saved = entry and form.was.data != digest_of(entry.fields)
        if str(error) == NOTHING_DIFFERENT and work.draft and (then == PUBLISH or is_saved):
            # What is asked for is in the draft already.
            return redirect(f"/drafts/{work.draft.id}/publish" if then == PUBLISH else work.draft.address, 303)
        return _page(form, file, entry, template=template, problem=str(error)), 409
    forget_words(file, entry.key if entry else NEW)
    if then == PUBLISH:
        return redirect(f"/drafts/{draft.id}/publish", 303)
    flash(SAVED, DONE)
    return redirect(draft.address, 303)


def _as_it_was(
    form: EntryForm, entries: DataEntries, entry: Entry, *, is_done: Callable[[Entry], bool] = lambda _entry: False
) -> Entry:
    """Return the entry as it is in the draft now. Raises DataFileError when the form was filled with something else."""
    now = entries.get(entry.key)
    if now and is_done(now):
        # The form was sent twice: what it asks for is there.
        return now
    if now is None or form.was.data != digest_of(now.fields):
        form.was.data = digest_of(now.fields if now else None)
        message = "Somebody else changed this meanwhile, or you in another window. Look at the list, then go on."
        raise DataFileError(message)
    return now


def _page(  # noqa: PLR0913 - what is shown, and what stands in the way
    form: EntryForm,
    file: DataFile,
    entry: Entry | None,
    *,
    template: str = "data_files/entry.html",
    problem: str = "",
    is_kept: bool = False,
) -> str:
    work: Work = work_of(file)
    return render_template(
        template,
        form=form,
        file=file,
        entry=entry,
        work=work,
        problem=problem,
        findings=(),
        is_kept=is_kept,
        kept_words=KEPT,
        holder=holder_of(file, entry.key if entry else NEW),
    )
