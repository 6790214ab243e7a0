"""What somebody else published beside a draft, where both changed the same lines, and one text to go on with."""

import hashlib
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import utc_now
from knowledge_base.editing.conflict import combine, side_by_side
from knowledge_base.editing.data_routes import settle_data_conflict, show_data_conflict
from knowledge_base.editing.draft import Draft, text_of
from knowledge_base.editing.draft_files import DraftFile, accept_published_files, address_of, files_of, published_digest
from knowledge_base.editing.drafts import rebase
from knowledge_base.editing.errors import DraftExistsError, StaleDraftError, TooLongError
from knowledge_base.editing.following import follow, new_place
from knowledge_base.editing.forms import PREFIX, MergeForm, typed_text
from knowledge_base.editing.guards import holder_token, own_draft, save_what_was_sent, version_sent
from knowledge_base.editing.page_routes import explain_stale
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

blueprint = Blueprint("conflict", __name__)


@blueprint.get("/drafts/<int:draft_id>/conflict")
@requires(EDITOR, PUBLISHER)
def show(draft_id: int) -> ResponseReturnValue:
    """Show what somebody else published beside the draft, and one text to go on with."""
    draft = own_draft(draft_id)
    return show_data_conflict(draft) if draft.is_data else _page(draft)


@blueprint.post("/drafts/<int:draft_id>/conflict")
@requires(EDITOR, PUBLISHER)
def settle(draft_id: int) -> ResponseReturnValue:
    """Keep the text that was made of both as the draft, made from what is published now."""
    draft, store = own_draft(draft_id), content_store()
    if draft.is_data:
        return settle_data_conflict(draft)
    if not typed_text("").strip():
        return _page(draft), 422
    try:
        draft = save_what_was_sent(draft)
    except StaleDraftError as error:
        return explain_stale(error.draft, draft)
    except TooLongError as error:
        return show_again(draft_id, problem=str(error)), 413
    theirs = store.files.read(draft.path)
    if request.form.get(f"{PREFIX}theirs") != _digest(draft):
        # Published again since: what was typed is saved, and the newest is shown beside it.
        return _page(draft), 409
    rebase(store, draft, base=theirs, by=current_viewer())
    accept_published_files(store, draft)
    return redirect(f"/edit/{draft.page_path}?saved=1", 303)


@blueprint.post("/drafts/<int:draft_id>/follow")
@requires(EDITOR, PUBLISHER)
def follow_page(draft_id: int) -> ResponseReturnValue:
    """Go on with a draft where its page was moved to."""
    draft, store, viewer = own_draft(draft_id), content_store(), current_viewer()
    to = new_place(store, draft, viewer=viewer)
    if to is None:
        abort(404)
    try:
        follow(store, draft, to, by=viewer, now=utc_now())
    except DraftExistsError:
        flash(f"You have a draft of {url_of(to)} already. Publish or discard that first.", "editing")
        return redirect(f"/edit/{draft.page_path}", 303)
    return redirect(f"/edit/{to}", 303)


def show_again(draft_id: int, *, problem: str) -> str:
    """Show the text that was made of two, unsaved."""
    return _page(replace(own_draft(draft_id), version=version_sent()), text=typed_text(""), problem=problem)


def _page(draft: Draft, *, text: str | None = None, problem: str = "") -> str:
    theirs = content_store().files.read(draft.path)
    mine = draft.text if text is None else text.replace("\r\n", "\n")
    if text is None and theirs is not None and draft.base is not None:
        mine = combine(draft.base, mine, theirs)
    form = MergeForm(
        formdata=None,
        prefix=PREFIX,
        body=mine,
        theirs=_digest(draft),
        version=str(draft.version),
        holder=holder_token(draft),
    )
    return render_template(
        "editing/conflict.html",
        draft=draft,
        form=form,
        problem=problem,
        is_gone=theirs is None,
        moved_to=new_place(content_store(), draft, viewer=current_viewer()),
        address_of=address_of,
        files=[file for file, is_same in _files(draft) if not is_same],
        pairs=side_by_side(text_of(theirs or b""), mine),
    )


def _files(draft: Draft) -> list[tuple[DraftFile, bool]]:
    """Return the draft's files, each with whether what is published under its name is what its author saw."""
    files = files_of(content_store(), draft)
    return [(file, published_digest(content_store(), draft, file.name) == file.base_digest) for file in files]


def _digest(draft: Draft) -> str:
    """Return one word for all that is published of what the draft changes."""
    store = content_store()
    files = sorted((file.name, published_digest(store, draft, file.name)) for file in files_of(store, draft))
    return hashlib.sha256(repr((store.files.read(draft.path), files)).encode()).hexdigest()
