"""The pages on which editors look after the data files."""

from collections.abc import Callable

from flask import Blueprint, abort, current_app, flash, redirect, render_template, session
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.accounts.guards import current_session
from knowledge_base.approval.submissions import submit
from knowledge_base.audit.events import Actor
from knowledge_base.data_files.confirming import confirmation, left_to_confirm
from knowledge_base.data_files.entries import DataEntries, Entry
from knowledge_base.data_files.errors import DataFileError
from knowledge_base.data_files.forms import ConfirmForm, NoteForm, digest_of, entry_form, typed_fields
from knowledge_base.data_files.kinds import BY_NAME, FILES, DataFile
from knowledge_base.db import london_today, utc_now
from knowledge_base.pages.findings import Finding
from knowledge_base.publishing.changes import Change, Contributor, new_name
from knowledge_base.publishing.errors import ApprovalNeededError, GateError, PublishingError
from knowledge_base.publishing.permission import ADMINISTRATOR, EDITOR, PUBLISHER
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author

ROLE = "confirms_as"
DONE = "data-files"

blueprint = Blueprint("data_files", __name__)


@blueprint.get("/data")
@requires(EDITOR, PUBLISHER)
def show_files() -> str:
    """List the data files."""
    left = left_to_confirm(_store().library.edition(), current_viewer())
    return render_template("data_files/files.html", files=[file for file in FILES if _may_use(file)], left=left)


@blueprint.get("/data/confirm")
@requires(EDITOR, PUBLISHER)
def show_unconfirmed() -> str:
    """List what is left to confirm for this council, with a button for each."""
    return _confirm_page(ConfirmForm(formdata=None, role=session.get(ROLE, "")))


@blueprint.post("/data/confirm")
@requires(EDITOR, PUBLISHER)
def confirm() -> ResponseReturnValue:
    """Confirm one value."""
    form = ConfirmForm()
    if not form.validate():
        return _confirm_page(form), 422
    store, viewer = _store(), current_viewer()
    session[ROLE] = form.role.data
    if not form.entry.data:
        return redirect("/data/confirm", 303)
    try:
        change = confirmation(
            store,
            store.library.edition(),
            form.entry.data or "",
            role=form.role.data or "",
            today=london_today(),
            viewer=viewer,
        )
        publish(store, change, by=_contributor(), now=utc_now())
    except (DataFileError, PublishingError) as error:
        return _confirm_page(form, problem=_said(error)), 409
    flash(change.note, DONE)
    return redirect("/data/confirm", 303)


@blueprint.get("/data/<data_file>")
@requires(EDITOR, PUBLISHER)
def show_entries(data_file: str) -> str:
    """List a file's entries, those that the reader may know of."""
    found = _file(data_file)
    try:
        return render_template("data_files/entries.html", file=found, entries=_entries(found).all(), problem="")
    except DataFileError as error:
        return render_template("data_files/entries.html", file=found, entries=(), problem=str(error))


@blueprint.get("/data/<data_file>/new")
@requires(EDITOR, PUBLISHER)
def show_new(data_file: str) -> str:
    """Ask for a new entry."""
    found = _file(data_file)
    return _entry_page(entry_form(found, None, name=new_name()), found, None)


@blueprint.post("/data/<data_file>/new")
@requires(EDITOR, PUBLISHER)
def add(data_file: str) -> ResponseReturnValue:
    """Add it."""
    found = _file(data_file)
    form = entry_form(found, None)

    def change() -> Change:
        key = (form["key"].data or "").strip() if found.has_keys else None
        return _entries(found).add(key, typed_fields(form, found), note=form.note.data or "", name=new_name())

    return _act(form, found, None, change)


@blueprint.get("/data/<data_file>/<entry_key>")
@requires(EDITOR, PUBLISHER)
def show_entry(data_file: str, entry_key: str) -> str:
    """Show an entry's form."""
    found, entry = _entry(data_file, entry_key)
    return _entry_page(entry_form(found, entry.fields, name=new_name()), found, entry)


@blueprint.post("/data/<data_file>/<entry_key>")
@requires(EDITOR, PUBLISHER)
def change_entry(data_file: str, entry_key: str) -> ResponseReturnValue:
    """Change an entry."""
    found, entry = _entry(data_file, entry_key)
    form = entry_form(found, entry.fields)

    def change() -> Change:
        _check_as_it_was(form, entry)
        fields = typed_fields(form, found)
        return _entries(found).change(entry, fields, note=form.note.data or "", name=new_name())

    return _act(form, found, entry, change)


@blueprint.get("/data/<data_file>/<entry_key>/remove")
@requires(EDITOR, PUBLISHER)
def ask_to_remove(data_file: str, entry_key: str) -> str:
    """Ask whether an entry is to go."""
    found, entry = _entry(data_file, entry_key)
    form = NoteForm(formdata=None, was=digest_of(entry.fields))
    return _entry_page(form, found, entry, template="data_files/remove.html")


@blueprint.post("/data/<data_file>/<entry_key>/remove")
@requires(EDITOR, PUBLISHER)
def remove(data_file: str, entry_key: str) -> ResponseReturnValue:
    """Remove an entry."""
    found, entry = _entry(data_file, entry_key)
    form = NoteForm()

    def change() -> Change:
        _check_as_it_was(form, entry)
        return _entries(found).remove(entry, note=form.note.data or "", name=new_name())

    return _act(form, found, entry, change, template="data_files/remove.html")


def _act(
    form: NoteForm,
    file: DataFile,
    entry: Entry | None,
    change: Callable[[], Change],
    *,
    template: str = "data_files/entry.html",
) -> ResponseReturnValue:
    if not form.validate():
        return _entry_page(form, file, entry, template=template), 422
    try:
        made = change()
        publish(_store(), made, by=_contributor(), now=utc_now())
    except ApprovalNeededError:
        return redirect(f"/approvals/{submit(_store(), change(), by=_contributor(), now=utc_now())}", 303)
    except GateError as error:
        page = _entry_page(form, file, entry, template=template, problem=str(error), findings=error.findings)
        return page, 422
    except (DataFileError, PublishingError) as error:
        return _entry_page(form, file, entry, template=template, problem=_said(error)), 409
    flash(made.note, DONE)
    return redirect(f"/data/{file.name}", 303)


def _said(error: Exception) -> str:
    return f"{str(error).rstrip('.')}."


def _check_as_it_was(form: NoteForm, entry: Entry) -> None:
    if form.was.data != digest_of(entry.fields):
        form.was.data = digest_of(entry.fields)
        message = "Somebody else changed this meanwhile. Look at the list, then change it again"
        raise DataFileError(message)


def _entry_page(  # noqa: PLR0913 - what is shown, and what stands in the way
    form: NoteForm,
    file: DataFile,
    entry: Entry | None,
    *,
    template: str = "data_files/entry.html",
    problem: str = "",
    findings: tuple[Finding, ...] = (),
) -> str:
    return render_template(template, form=form, file=file, entry=entry, problem=problem, findings=findings)


def _confirm_page(form: ConfirmForm, *, problem: str = "") -> str:
    left = left_to_confirm(_store().library.edition(), current_viewer())
    return render_template("data_files/confirm.html", form=form, left=left, problem=problem, findings=())


def _file(name: str) -> DataFile:
    file = BY_NAME.get(name)
    return file if file and _may_use(file) else abort(404)


def _entry(name: str, key: str) -> tuple[DataFile, Entry]:
    file = _file(name)
    try:
        entry = _entries(file).get(key)
    except DataFileError:
        entry = None
    return (file, entry) if entry else abort(404)


def _entries(file: DataFile) -> DataEntries:
    edition = _store().library.edition()
    return DataEntries.of(_store(), file, edition, edition.may_read(current_viewer()))


def _may_use(file: DataFile) -> bool:
    return not file.is_for_administrators or ADMINISTRATOR in current_viewer().roles


def _contributor() -> Contributor:
    person = current_session().person
    return Contributor(person.viewer, Author(person.name, person.email), Actor.of(person.viewer))


def _store() -> ContentStore:
    store: ContentStore = current_app.extensions["content_store"]
    return store
