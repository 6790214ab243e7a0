"""The pages on which editors move, withdraw, delete and bring back pages."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.moving import merge_routes, new_routes
from knowledge_base.moving.done import what_was_done
from knowledge_base.moving.forms import ActForm, MoveForm, WithdrawForm
from knowledge_base.moving.guards import act, form_page, free_name, lead_to_what_was_done, page_to_change, plans
from knowledge_base.moving.places import FIXED, path_at
from knowledge_base.moving.taken_away import TakenAway, find_taken_away, list_taken_away
from knowledge_base.publishing.errors import GateError
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, can_edit_page, can_write

blueprint = Blueprint("moving", __name__)
blueprint.register_blueprint(merge_routes.blueprint)
blueprint.register_blueprint(new_routes.blueprint)


@blueprint.get("/move/<path:path>")
@requires(EDITOR, PUBLISHER)
def show_move(path: str) -> str:
    """Ask where a page, or a folder with all that is in it, is to be."""
    page = page_to_change(path)
    return form_page("moving/move.html", MoveForm(formdata=None, to=page.url, name=free_name()), page)


@blueprint.post("/move/<path:path>")
@requires(EDITOR, PUBLISHER)
def move(path: str) -> ResponseReturnValue:
    """Move it."""
    form = MoveForm()
    page = page_to_change(path, sent=form.name.data)
    return act(
        form,
        lambda: plans().move(page, path_at(form.to.data or ""), note=form.note.data or "", name=free_name(form)),
        lambda **more: form_page("moving/move.html", form, page, **more),
    )


@blueprint.get("/withdraw/<path:path>")
@requires(EDITOR, PUBLISHER)
def show_withdrawal(path: str) -> str:
    """Ask why a page is to go."""
    page = page_to_change(path)
    return form_page("moving/withdraw.html", WithdrawForm(formdata=None, name=free_name()), page)


@blueprint.post("/withdraw/<path:path>")
@requires(EDITOR, PUBLISHER)
def withdraw(path: str) -> ResponseReturnValue:
    """Withdraw it."""
    form = WithdrawForm()
    page = page_to_change(path, sent=form.name.data)
    return act(
        form,
        lambda: plans().withdraw(page, reason=form.reason.data or "", note=form.note.data or "", name=free_name(form)),
        lambda **more: form_page("moving/withdraw.html", form, page, **more),
    )


@blueprint.get("/delete/<path:path>")
@requires(EDITOR, PUBLISHER)
def show_deletion(path: str) -> str:
    """Ask whether a page is to be deleted."""
    page = page_to_change(path)
    return form_page("moving/delete.html", ActForm(formdata=None, name=free_name()), page)


@blueprint.post("/delete/<path:path>")
@requires(EDITOR, PUBLISHER)
def delete(path: str) -> ResponseReturnValue:
    """Delete it."""
    form = ActForm()
    page = page_to_change(path, sent=form.name.data)
    return act(
        form,
        lambda: plans().delete(page, note=form.note.data or "", name=free_name(form)),
        lambda **more: form_page("moving/delete.html", form, page, **more),
    )


@blueprint.get("/bring-back")
@requires(EDITOR, PUBLISHER)
def show_taken_away() -> str:
    """List the pages that were deleted or withdrawn."""
    store = content_store()
    pages = list_taken_away(store, store.library.edition(), viewer=current_viewer())
    return render_template("moving/taken_away.html", pages=pages)


@blueprint.get("/bring-back/<path:path>")
@requires(EDITOR, PUBLISHER)
def show_return(path: str) -> str:
    """Ask whether a page is to come back."""
    gone = _taken_away(path)
    return _return_page(ActForm(formdata=None, name=free_name()), gone)


@blueprint.post("/bring-back/<path:path>")
@requires(EDITOR, PUBLISHER)
def bring_back(path: str) -> ResponseReturnValue:
    """Bring it back."""
    form = ActForm()
    gone = _taken_away(path, sent=form.name.data)
    return act(
        form,
        lambda: plans().bring_back(gone, note=form.note.data or "", name=free_name(form)),
        lambda **more: _return_page(form, gone, **more),
    )


@blueprint.get("/moved/<name>")
@requires(EDITOR, PUBLISHER)
def show_done(name: str) -> str:
    """Say what was done, to whoever did it."""
    done = what_was_done(content_store(), name, by=current_viewer())
    if done is None:
        abort(404)
    return render_template("moving/done.html", done=done)


@blueprint.app_context_processor
def add_link() -> dict[str, object]:
    """Let the foot of a page lead editors here."""
    return {"move_url": _move_url}


def _move_url() -> str | None:
    viewer = current_viewer()
    if not can_write(viewer):
        return None
    edition = content_store().library.edition()
    page = edition.page(request.path)
    if page is None or page.url in FIXED or not can_edit_page(viewer, edition, page.path):
        return None
    return f"/move/{page.path}"


def _taken_away(path: str, *, sent: str | None = None) -> TakenAway:
    lead_to_what_was_done(sent)
    store = content_store()
    found = find_taken_away(store, store.library.edition(), path, viewer=current_viewer())
    return found or abort(404)


def _return_page(form: ActForm, gone: TakenAway, *, problem: str = "", findings: GateError | None = None) -> str:
    found = findings.findings if findings else ()
    return render_template("moving/bring_back.html", form=form, gone=gone, problem=problem, findings=found)
