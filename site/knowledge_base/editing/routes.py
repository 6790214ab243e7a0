"""The pages of editing, each kind in a module of its own: here they are put together, with what they share."""

from collections.abc import Callable
from contextlib import suppress

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, Unauthorized

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.editing import conflict_routes, file_routes, import_routes, link_routes, page_routes, publish_routes
from knowledge_base.editing.access import may_edit
from knowledge_base.editing.drafts import own_drafts
from knowledge_base.editing.errors import NoSuchDraftError
from knowledge_base.editing.guards import keep_note_typed, keep_what_was_typed, wants_json
from knowledge_base.editing.page_text import NoFieldsError, read_page_text
from knowledge_base.editing.publication import returned_to
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, can_write
from knowledge_base.web.errors import ask_to_sign_in, explain

# A page is 400 kB at most, but grows on its way. A file has 10 MB; the text that comes with a larger one is saved.
LARGEST_FORM = 2_000_000
LARGEST_REQUEST = 50_000_000
CONFLICT = "editing.conflict.settle"
PUBLISH = "editing.publication.publish"
WITH_TEXT = frozenset({"editing.page.save", "editing.files.change", CONFLICT})
NOT_SAVED = (
    "Your text could not be saved, because the site cannot write at the moment. It is here: try again in a minute."
)
STALE_FORM = "This is what you typed. It is not saved yet, because the page had been open for too long. Save it now."

blueprint = Blueprint("editing", __name__)
for pages in (page_routes, file_routes, import_routes, publish_routes, conflict_routes, link_routes):
    blueprint.register_blueprint(pages.blueprint)


@blueprint.url_value_preprocessor
def allow_large_forms(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let a whole page, and a file, come in. Nothing of it is read before it is known who sends it."""
    request.max_content_length = LARGEST_REQUEST
    request.max_form_memory_size = LARGEST_FORM


@blueprint.get("/edit")
@requires(EDITOR, PUBLISHER)
def show_work() -> str:
    """Show what the person is working on."""
    store, viewer = content_store(), current_viewer()
    drafts = [
        {
            "draft": draft,
            "title": draft.name if draft.is_data else _title_of(draft.text) or draft.page_path,
            "is_new": draft.base is None,
            "is_behind": store.files.read(draft.path) != draft.base,
        }
        for draft in own_drafts(store, by=viewer)
        if may_edit(store, draft.page_path, draft.base_text, viewer=viewer)
    ]
    return render_template("editing/work.html", drafts=drafts, returned=returned_to(store, viewer))


@blueprint.errorhandler(Unauthorized)
@blueprint.errorhandler(NotFound)
@blueprint.errorhandler(NoSuchDraftError)
def explain_refusal(error: Unauthorized | NotFound | NoSuchDraftError) -> ResponseReturnValue:
    """Answer whoever may not as everywhere, but keep what they typed.

    Their sign-in may have ended meanwhile, or the draft been published or discarded in another window.
    """
    kept = keep_what_was_typed() if request.method == "POST" and request.endpoint in WITH_TEXT else None
    if isinstance(error, Unauthorized):
        if wants_json():
            return jsonify({"error": "signed-out"}), 401
        if request.endpoint == PUBLISH and request.method == "POST" and keep_note_typed():
            return redirect(f"/login?next={request.path}", 303)
        return redirect(f"/login?next=/edit/{kept}", 303) if kept else ask_to_sign_in(error)
    if kept and not wants_json() and (request.endpoint == CONFLICT or isinstance(error, NoSuchDraftError)):
        return redirect(f"/edit/{kept}", 303)
    return explain(error if isinstance(error, NotFound) else NotFound())


@blueprint.errorhandler(CSRFError)
def explain_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """Give a form back that came without a good token, with what was typed. A script gets a good one."""
    if wants_json():
        return jsonify({"error": "stale-form", "csrf_token": generate_csrf()}), 400
    # Where the page may not be edited any more, there is nothing to show.
    with suppress(NotFound):
        if shown := _what_was_typed(STALE_FORM):
            return shown, 400
    return render_template("editing/stale_form.html", path=(request.view_args or {}).get("path")), 400


@blueprint.errorhandler(OperationalError)
def explain_no_database(error: OperationalError) -> ResponseReturnValue:
    """Give a form back that could not be saved: the database is locked, or its disk is full."""
    current_app.logger.error("The database cannot be used.", exc_info=error)
    if wants_json():
        return jsonify({"error": "not-saved"}), 503
    return _what_was_typed(NOT_SAVED) or render_template("errors/503.html"), 503


@blueprint.errorhandler(RequestEntityTooLarge)
def explain_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how large a file may be."""
    return render_template("editing/too_large.html"), 413


@blueprint.app_context_processor
def add_edit_link() -> dict[str, Callable[[], str | None] | bool]:
    """Let the templates lead whoever writes to their work, and whoever may change a page to its editor."""
    return {"edit_url": _edit_url, "may_write": can_write(current_viewer())}


@blueprint.after_request
def forbid_storing(response: Response) -> Response:
    """Keep drafts out of every cache, and of what search engines list."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _what_was_typed(problem: str) -> str | None:
    """Return the page that was sent, with what was typed and not saved. None where nothing is typed."""
    values = request.view_args or {}
    if request.endpoint == PUBLISH:
        return publish_routes.show_publish_again(values["draft_id"], problem=problem)
    if request.endpoint not in WITH_TEXT:
        return None
    if request.endpoint == CONFLICT:
        return conflict_routes.show_again(values["draft_id"], problem=problem)
    return page_routes.show_again(values["path"], problem=problem)


def _edit_url() -> str | None:
    """Return where the page that is being shown can be changed, or None for who may not."""
    viewer = current_viewer()
    if not can_write(viewer):
        return None
    try:
        page = content_store().library.edition().page(request.path)
        may = page is not None and may_edit(content_store(), page.path, viewer=viewer)
    except OSError:
        # The page is shown as it was last read, and nobody can change it now.
        return None
    return f"/edit/{page.path}" if page and may else None


def _title_of(text: str) -> str:
    try:
        return read_page_text(text).fields.get("title", "")
    except NoFieldsError:
        return ""
