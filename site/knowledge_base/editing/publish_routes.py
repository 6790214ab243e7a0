"""The last steps of a draft: published, brought together with what somebody else published, or discarded."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import london_today, utc_now
from knowledge_base.editing.conflict import combine, side_by_side
from knowledge_base.editing.draft import Draft, text_of
from knowledge_base.editing.drafts import discard_draft, rebase
from knowledge_base.editing.errors import DraftExistsError, NoSuchDraftError, StaleDraftError, TooLongError
from knowledge_base.editing.forms import PREFIX, MergeForm, PublishForm, typed_text
from knowledge_base.editing.guards import (
    content_store,
    contributor,
    holder_token,
    own_draft,
    save_what_was_sent,
    version_sent,
)
from knowledge_base.editing.outlook import DraftOutlook, look_at_draft
from knowledge_base.editing.page_routes import explain_stale
from knowledge_base.editing.publication import (
    ChangeNote,
    asks_for_second_person,
    go_on_with,
    is_live,
    number_of_submission,
    publish_draft,
    submit_draft,
    what_was_done,
)
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.changes import new_name
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    ChangeRefusedError,
    EditConflictError,
    GateError,
    NotAllowedError,
    PublishingError,
)
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

STATUSES: Mapping[type[PublishingError], int] = {
    NotAllowedError: 403,
    ApprovalNeededError: 409,
    ChangeRefusedError: 422,
}

blueprint = Blueprint("publication", __name__)


@blueprint.get("/drafts/<int:draft_id>/publish")
@requires(EDITOR, PUBLISHER)
def show(draft_id: int) -> str:
    """Show what the gate says of a draft, and ask what changed."""
    draft = own_draft(draft_id)
    outlook = _look_ahead(draft)
    form = PublishForm(formdata=None, name=new_name(), version=str(draft.version), warnings=outlook.warnings_digest)
    return _publish_page(draft, outlook, form)


@blueprint.post("/drafts/<int:draft_id>/publish")
@requires(EDITOR, PUBLISHER)
def publish(draft_id: int) -> ResponseReturnValue:
    """Publish a draft, or hand it to whoever approves it."""
    form = PublishForm()
    if is_live(content_store(), form.name.data):
        # The form was sent twice.
        return redirect(f"/drafts/published/{form.name.data}", 303)
    if number := number_of_submission(content_store(), form.name.data):
        return redirect(f"/approvals/{number}", 303)
    draft = own_draft(draft_id)
    outlook = _look_ahead(draft)
    is_valid = form.validate()
    if outlook.warnings and (not form.read_warnings.data or form.warnings.data != outlook.warnings_digest):
        form.read_warnings.errors = ["Look at the warnings, and tick that you have"]
        form.read_warnings.data, form.warnings.data, is_valid = False, outlook.warnings_digest, False
    if form.version.data != str(draft.version):
        form.note.errors = [*form.note.errors, "The draft was changed in another window meanwhile: look at it again"]
        form.version.data, is_valid = str(draft.version), False
    if not is_valid or outlook.errors:
        return _publish_page(draft, outlook, form), 422
    try:
        return _hand_in(draft, outlook, form)
    except NoSuchDraftError:
        # The form was sent twice, and the other of the two was a moment quicker.
        return redirect(f"/drafts/published/{form.name.data}", 303)


@blueprint.get("/drafts/published/<name>")
@requires(EDITOR, PUBLISHER)
def show_done(name: str) -> str:
    """Say what was published, and lead to it."""
    store, viewer = content_store(), current_viewer()
    done = what_was_done(store, name, by=viewer)
    if done is None:
        abort(404)
    page = store.library.edition().page(url_of(done.page_path))
    is_merged = "merged" in request.args
    return render_template("editing/published.html", done=done, page=page, is_merged=is_merged)


@blueprint.get("/drafts/<int:draft_id>/conflict")
@requires(EDITOR, PUBLISHER)
def show_conflict(draft_id: int) -> ResponseReturnValue:
    """Show what somebody else published beside the draft, and one text to go on with."""
    return _conflict_page(own_draft(draft_id))


@blueprint.post("/drafts/<int:draft_id>/conflict")
@requires(EDITOR, PUBLISHER)
def settle_conflict(draft_id: int) -> ResponseReturnValue:
    """Keep the text that was made of both as the draft, made from what is published now."""
    draft, store = own_draft(draft_id), content_store()
    if not typed_text("").strip():
        return _conflict_page(draft), 422
    try:
        draft = save_what_was_sent(draft)
    except StaleDraftError as error:
        return explain_stale(error.draft, draft)
    except TooLongError as error:
        return show_conflict_again(draft_id, problem=str(error)), 413
    theirs = store.files.read(draft.path)
    if request.form.get(f"{PREFIX}theirs") != _digest(theirs):
        # Published again since: what was typed is saved, and the newest is shown beside it.
        return _conflict_page(draft), 409
    rebase(store, draft, base=theirs, by=current_viewer())
    return redirect(f"/edit/{draft.page_path}?saved=1", 303)


def show_conflict_again(draft_id: int, *, problem: str) -> str:
    """Show the text that was made of two, unsaved."""
    return _conflict_page(replace(own_draft(draft_id), version=version_sent()), text=typed_text(""), problem=problem)


@blueprint.post("/drafts/of-submission/<int:number>")
@requires(EDITOR, PUBLISHER)
def take_up_again(number: int) -> ResponseReturnValue:
    """Make a draft of what the person handed in and what came back to them."""
    try:
        draft = go_on_with(content_store(), number, by=current_viewer(), now=utc_now())
    except NoSuchDraftError:
        abort(404)
    except DraftExistsError as error:
        flash(str(error), "editing")
        draft = error.draft
    return redirect(f"/edit/{draft.page_path}", 303)


@blueprint.get("/drafts/<int:draft_id>/discard")
@requires(EDITOR, PUBLISHER)
def ask_to_discard(draft_id: int) -> str:
    """Ask whether the draft is to go, showing what would be lost."""
    draft = own_draft(draft_id)
    pairs = side_by_side(draft.base_text, draft.text)
    return render_template("editing/discard.html", draft=draft, pairs=pairs)


@blueprint.post("/drafts/<int:draft_id>/discard")
@requires(EDITOR, PUBLISHER)
def discard(draft_id: int) -> ResponseReturnValue:
    """Let the draft go."""
    discard_draft(content_store(), own_draft(draft_id), by=current_viewer(), now=utc_now())
    return redirect("/edit", 303)


def _look_ahead(draft: Draft) -> DraftOutlook:
    return look_at_draft(content_store(), draft, viewer=current_viewer(), today=london_today())


def _hand_in(draft: Draft, outlook: DraftOutlook, form: PublishForm) -> ResponseReturnValue:
    store, now = content_store(), utc_now()
    note = ChangeNote(form.note.data or "", is_minor=bool(form.is_minor.data), name=form.name.data or new_name())
    try:
        if form.moment or asks_for_second_person(store, draft):
            number = submit_draft(store, draft, note, by=contributor(), publish_at=form.moment, now=now)
            return redirect(f"/approvals/{number}", 303)
        published = publish_draft(store, draft, note, by=contributor(), now=now)
    except EditConflictError:
        return redirect(f"/drafts/{draft.id}/conflict", 303)
    except GateError:
        # The page, or one that leads to it, was changed since the checks were made.
        return _publish_page(draft, _look_ahead(draft), form), 422
    except PublishingError as error:
        return _publish_page(draft, outlook, form, problem=str(error)), STATUSES.get(type(error), 503)
    if not is_live(store, note.name):
        return redirect(url_of(draft.page_path), 303)
    return redirect(f"/drafts/published/{note.name}{'?merged=1' if published.was_merged else ''}", 303)


def _publish_page(draft: Draft, outlook: DraftOutlook, form: PublishForm, *, problem: str = "") -> str:
    store = content_store()
    return render_template(
        "editing/publish.html",
        draft=draft,
        outlook=outlook,
        form=form,
        problem=problem,
        pairs=side_by_side(draft.base_text, draft.text),
        is_behind=store.files.read(draft.path) != draft.base,
        takes_two=asks_for_second_person(store, draft),
    )


def _conflict_page(draft: Draft, *, text: str | None = None, problem: str = "") -> str:
    theirs = content_store().files.read(draft.path)
    mine = draft.text if text is None else text.replace("\r\n", "\n")
    if text is None and theirs is not None and draft.base is not None:
        mine = combine(draft.base, mine, theirs)
    form = MergeForm(
        formdata=None,
        prefix=PREFIX,
        body=mine,
        theirs=_digest(theirs),
        version=str(draft.version),
        holder=holder_token(draft),
    )
    return render_template(
        "editing/conflict.html",
        draft=draft,
        form=form,
        problem=problem,
        is_gone=theirs is None,
        pairs=side_by_side(text_of(theirs or b""), mine),
    )


def _digest(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()
