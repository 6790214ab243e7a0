"""Share a draft by a link, and look at one that was shared."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, public, requires
from knowledge_base.db import london_today, utc_now
from knowledge_base.editing.draft import Draft, text_of
from knowledge_base.editing.draft_files import files_of
from knowledge_base.editing.draft_links import (
    LASTS,
    SharedDraft,
    draft_behind,
    links_of,
    make_link,
    revoke_link,
    words_let_out,
)
from knowledge_base.editing.errors import LinkRefusedError
from knowledge_base.editing.file_routes import answer_with
from knowledge_base.editing.forms import LinkForm
from knowledge_base.editing.guards import LARGEST_NUMBER, own_draft
from knowledge_base.editing.outlook import change_of, draft_urls
from knowledge_base.editing.preview import Preview, Reader, preview
from knowledge_base.pages.attachments import folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

blueprint = Blueprint("links", __name__)


@blueprint.get("/drafts/<int:draft_id>/links")
@requires(EDITOR, PUBLISHER)
def show(draft_id: int) -> str:
    """Show the links to a draft, and offer to make one."""
    return _page(_own_page_draft(draft_id), LinkForm(sent=False))


@blueprint.post("/drafts/<int:draft_id>/links")
@requires(EDITOR, PUBLISHER)
def make(draft_id: int) -> ResponseReturnValue:
    """Make a link and show it, this once."""
    draft, form = _own_page_draft(draft_id), LinkForm(sent=True)
    if not form.validate():
        return _page(draft, form), 422
    token = make_link(content_store(), draft, lasts=LASTS[form.lasts.data], by=current_viewer(), now=utc_now())
    address = f"{current_app.extensions['settings'].base_url}/drafts/{token}"
    return _page(draft, LinkForm(sent=False), address=address)


@blueprint.post("/drafts/<int:draft_id>/links/<int:link_id>/revoke")
@requires(EDITOR, PUBLISHER)
def revoke(draft_id: int, link_id: int) -> ResponseReturnValue:
    """Let a link work no more."""
    draft = _own_page_draft(draft_id)
    try:
        revoke_link(content_store(), draft, min(link_id, LARGEST_NUMBER), by=current_viewer(), now=utc_now())
    except LinkRefusedError:
        abort(404)
    return redirect(f"/drafts/{draft_id}/links", 303)


@blueprint.get("/drafts/<token>")
@public
def look(token: str) -> str:
    """Show a draft to whoever has the link: what they may read of it."""
    shared, shown, _ = _shared(token)
    return render_template("editing/shared.html", draft=shared.draft, author=shared.author, preview=shown)


@blueprint.get("/drafts/<token>/files/<name>")
@public
def look_at_file(token: str, name: str) -> Response:
    """Send a file of a shared draft to whoever may read what uses it."""
    shared, _, after = _shared(token)
    path = f"{folder_for(shared.draft.page_path)}/{name}"
    found = next((one for one in after.attachments.values() if one.path == path), None)
    if found is None or not after.may_have(found, after.may_read(current_viewer())):
        abort(404)
    files = files_of(content_store(), shared.draft)
    return answer_with(next((file for file in files if file.name == name), None))


def _own_page_draft(draft_id: int) -> Draft:
    """Return a draft of a page. One of a data file has nothing that could be looked at as a page."""
    draft = own_draft(draft_id)
    return abort(404) if draft.is_data else draft


def _shared(token: str) -> tuple[SharedDraft, Preview, Edition]:
    """Return what a link shows to who asks. Answers 404 for a link that does not work, or asks them to sign in."""
    store, viewer = content_store(), current_viewer()
    try:
        shared = draft_behind(store, token, now=utc_now())
    except LinkRefusedError:
        abort(404)
    draft, before = shared.draft, store.library.edition()
    change = change_of(store, draft, note="A draft")
    after = store.library.edition_with({file.path: file.content for file in change.files})
    needed = [words_let_out(draft, text_of(store.files.read(draft.path) or b""))]
    needed += [page.requirement for edition in (before, after) if (page := edition.page(url_of(draft.page_path)))]
    needed.append(before.folder_requirement(url_of(draft.page_path)))
    if not all(map(before.may_read(viewer), needed)):
        abort(404 if viewer.is_signed_in else 401)
    shown = preview(
        after,
        draft.page_path,
        Reader("reviewer", "", viewer),
        today=london_today(),
        base_url=current_app.extensions["settings"].base_url,
        files=draft_urls(draft, files_of(store, draft), after, prefix=f"/drafts/{token}/files"),
    )
    return shared, shown, after


def _page(draft: Draft, form: LinkForm, *, address: str = "") -> str:
    links = links_of(content_store(), draft, now=utc_now())
    return render_template("editing/links.html", draft=draft, form=form, links=links, address=address)
