"""The last steps of a draft: published, handed in, gone on with, or discarded."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import london_today, utc_now
from knowledge_base.editing.data_routes import entries_changed, pairs_of, up_to_date
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.drafts import discard_draft
from knowledge_base.editing.errors import DraftExistsError, NoSuchDraftError
from knowledge_base.editing.forms import PublishForm
from knowledge_base.editing.guards import holder_token, own_draft
from knowledge_base.editing.outlook import DraftOutlook, look_at_draft
from knowledge_base.editing.page_files import State, page_files
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
from knowledge_base.editing.publish_notes import keep_note
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
from knowledge_base.publishing.guards import content_store, contributor
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

STATUSES: Mapping[type[PublishingError], int] = {
    NotAllowedError: 403,
    ApprovalNeededError: 409,
    ChangeRefusedError: 422,
}

_CHANGED = "The draft was changed in another window meanwhile, or somebody else published: look at it again"

blueprint = Blueprint("publication", __name__)


@blueprint.get("/drafts/<int:draft_id>/publish")
@requires(EDITOR, PUBLISHER)
def show(draft_id: int) -> str:
    """Show what the gate says of a draft, and ask what changed."""
    draft = up_to_date(own_draft(draft_id))
    outlook = _look_ahead(draft)
    return _publish_page(draft, outlook, _form_of(draft, outlook))


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
    draft = up_to_date(own_draft(draft_id))
    keep_note(content_store(), draft, form.typed, by=current_viewer())
    outlook = _look_ahead(draft)
    is_valid = form.validate()
    if outlook.warnings and (not form.read_warnings.data or form.warnings.data != outlook.warnings_digest):
        form.read_warnings.errors = ["Look at the warnings, and tick that you have"]
        form.read_warnings.data, form.warnings.data, is_valid = False, outlook.warnings_digest, False
    if form.version.data != str(draft.version):
        form.note.errors = [*form.note.errors, _CHANGED]
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
    return redirect(draft.address, 303)


@blueprint.get("/drafts/<int:draft_id>/discard")
@requires(EDITOR, PUBLISHER)
def ask_to_discard(draft_id: int) -> str:
    """Ask whether the draft is to go, showing what would be lost."""
    draft = own_draft(draft_id)
    return render_template("editing/discard.html", draft=draft, pairs=pairs_of(draft))


@blueprint.post("/drafts/<int:draft_id>/discard")
@requires(EDITOR, PUBLISHER)
def discard(draft_id: int) -> ResponseReturnValue:
    """Let the draft go."""
    draft = own_draft(draft_id)
    discard_draft(content_store(), draft, by=current_viewer(), now=utc_now())
    return redirect(draft.address if draft.is_data else "/edit", 303)


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
        return redirect(draft.address if draft.is_data else url_of(draft.page_path), 303)
    return redirect(f"/drafts/published/{note.name}{'?merged=1' if published.was_merged else ''}", 303)


def show_publish_again(draft_id: int, *, problem: str) -> str:
    """Show the form with what was typed, of which nothing was done."""
    draft = own_draft(draft_id)
    return _publish_page(draft, _look_ahead(draft), PublishForm(), problem=problem)


def _form_of(draft: Draft, outlook: DraftOutlook) -> PublishForm:
    """Return the form with what was typed into it before, such as on the way to a conflict."""
    kept, digest = draft.publish_note, outlook.warnings_digest
    return PublishForm(
        formdata=None,
        name=new_name(),
        version=str(draft.version),
        warnings=digest,
        note=kept.get("note", ""),
        is_minor="is_minor" in kept,
        read_warnings=kept.get("warnings") == digest,
        day=kept.get("day", ""),
        time=kept.get("time", ""),
    )


def _publish_page(draft: Draft, outlook: DraftOutlook, form: PublishForm, *, problem: str = "") -> str:
    store = content_store()
    form.holder.data = holder_token(draft)
    return render_template(
        "editing/publish.html",
        draft=draft,
        outlook=outlook,
        form=form,
        problem=problem,
        files=[file for file in page_files(store, draft, outlook.before) if file.state is not State.STAYS],
        pairs=pairs_of(draft),
        entries=entries_changed(draft),
        is_behind=store.files.read(draft.path) != draft.base,
        takes_two=asks_for_second_person(store, draft),
    )
