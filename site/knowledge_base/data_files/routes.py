"""The pages on which editors look after the data files."""

from contextlib import suppress
from urllib.parse import quote

from flask import Blueprint, current_app, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import NotFound, Unauthorized

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.approval.submissions import submit
from knowledge_base.data_files import entry_routes
from knowledge_base.data_files.confirming import confirmation, left_to_confirm, name_to_confirm
from knowledge_base.data_files.entries import NEW
from knowledge_base.data_files.entry_routes import DONE, show_form
from knowledge_base.data_files.forms import ConfirmForm
from knowledge_base.data_files.guards import file_of, keep_what_was_typed, work_of
from knowledge_base.data_files.kinds import FILES
from knowledge_base.db import london_today, utc_now
from knowledge_base.editing.presence import other_editors
from knowledge_base.pages.stand_ins import OUTCOME
from knowledge_base.publishing.errors import ApprovalNeededError, DataFileError, PublishingError
from knowledge_base.publishing.guards import content_store, contributor
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, can_change_data
from knowledge_base.publishing.publish import publish
from knowledge_base.web.errors import ask_to_sign_in, explain

ROLE = "confirms_as"
WITH_WORDS = frozenset({"data_files.entries.add", "data_files.entries.change_entry"})
NOT_SAVED = "The site cannot write at the moment, so nothing is saved. What you typed is here: try again in a minute."
STALE_FORM = "The page had been open for too long, so nothing is saved yet. What you typed is here: save it now."

blueprint = Blueprint("data_files", __name__)
blueprint.register_blueprint(entry_routes.blueprint)


@blueprint.get("/data")
@requires(EDITOR, PUBLISHER)
def show_files() -> str:
    """List the data files."""
    viewer = current_viewer()
    files = [file for file in FILES if can_change_data(viewer, file.path)]
    left = left_to_confirm(content_store().library.edition(), viewer)
    drafts = {file.name for file in files if work_of(file).draft}
    return render_template("data_files/files.html", files=files, left=left, drafts=drafts)


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
    store, viewer, now = content_store(), current_viewer(), utc_now()
    session[ROLE] = form.role.data
    if not form.entry.data:
        return redirect("/data/confirm", 303)
    try:
        change = confirmation(
            store,
            store.library.edition(),
            form.entry.data,
            role=form.role.data or "",
            today=london_today(),
            viewer=viewer,
        )
        try:
            publish(store, change, by=contributor(), now=now)
        except ApprovalNeededError:
            return redirect(f"/approvals/{submit(store, change, by=contributor(), now=now)}", 303)
    except PublishingError as error:
        return _confirm_page(form, problem=str(error)), 409
    flash(change.note, DONE)
    return redirect("/data/confirm", 303)


@blueprint.get("/data/<data_file>")
@requires(EDITOR, PUBLISHER)
def show_entries(data_file: str) -> str:
    """List a file's entries, those that the reader may know of, and what the person's draft makes of them."""
    file, edition = file_of(data_file), content_store().library.edition()
    work, problem = work_of(file), ""
    try:
        entries = work.entries.all()
    except DataFileError as error:
        entries, problem = (), str(error)
    return render_template(
        "data_files/entries.html",
        file=file,
        work=work,
        entries=entries,
        changed={entry.key: word for word, entry in work.changes},
        others=other_editors(content_store(), file.path, by=current_viewer(), now=utc_now()),
        problem=problem,
        is_last_good_live=any(one.path == file.path and OUTCOME in one.message for one in edition.faults),
    )


@blueprint.errorhandler(Unauthorized)
def explain_signed_out(error: Unauthorized) -> ResponseReturnValue:
    """Ask to sign in, as everywhere, but keep what was typed: the sign-in may have ended meanwhile."""
    values = request.view_args or {}
    name, key = values.get("data_file", ""), values.get("entry_key", NEW)
    if request.method == "POST" and request.endpoint in WITH_WORDS and keep_what_was_typed(name, key):
        return redirect(f"/login?next=/data/{name}/{quote(key)}", 303)
    return ask_to_sign_in(error)


@blueprint.errorhandler(CSRFError)
def explain_stale_form(error: CSRFError) -> ResponseReturnValue:
    """Give an entry's form back that came without a good token, with what was typed."""
    return (shown, 400) if (shown := _what_was_typed(STALE_FORM)) else explain(error)


@blueprint.errorhandler(OperationalError)
def explain_no_database(error: OperationalError) -> ResponseReturnValue:
    """Give a form back that could not be saved: the database is locked, or its disk is full."""
    current_app.logger.error("The database cannot be used.", exc_info=error)
    return _what_was_typed(NOT_SAVED) or render_template("errors/503.html"), 503


def _what_was_typed(problem: str) -> str | None:
    if request.endpoint not in WITH_WORDS:
        return None
    values = request.view_args or {}
    # Where there is no such entry any more, there is nothing to show.
    with suppress(NotFound):
        return show_form(values["data_file"], values.get("entry_key", NEW), problem=problem, is_sent=True)
    return None


def _confirm_page(form: ConfirmForm, *, problem: str = "") -> str:
    left = left_to_confirm(content_store().library.edition(), current_viewer())
    return render_template(
        "data_files/confirm.html", form=form, left=left, problem=problem, findings=(), name_of=name_to_confirm
    )
