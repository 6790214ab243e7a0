"""The editor of a page: its fields, its text, what it will look like and what is to be mended."""

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.audiences import OPEN
from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.access.policy import audiences_of
from knowledge_base.db import LONDON, london_today, utc_now
from knowledge_base.editing.conflict import side_by_side
from knowledge_base.editing.draft import Draft, plain_text
from knowledge_base.editing.draft_files import files_of
from knowledge_base.editing.drafts import LONGEST_TEXT
from knowledge_base.editing.errors import StaleDraftError, TooLongError
from knowledge_base.editing.following import new_place
from knowledge_base.editing.forms import PageForm, audience_titles, typed_text
from knowledge_base.editing.guards import draft_of_page, holder_token, save_what_was_sent, version_sent, wants_json
from knowledge_base.editing.kept_texts import KeptText, forget_text, kept_text
from knowledge_base.editing.outlook import DraftOutlook, draft_urls, look_at_draft
from knowledge_base.editing.page_files import page_files
from knowledge_base.editing.presence import other_editors
from knowledge_base.editing.preview import ONESELF, Preview, preview, reader_of, readers_for
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, needs_second_person
from knowledge_base.web.security import style_nonce

PUBLISH, PREVIEW = "publish", "preview"

blueprint = Blueprint("page", __name__)


@blueprint.get("/edit/<path:path>")
@requires(EDITOR, PUBLISHER)
def show(path: str) -> str:
    """Show the editor of a page with the person's draft, begun if need be."""
    draft = draft_of_page(path)
    kept = kept_text(content_store(), draft.account_id, path, now=utc_now())
    return editor_page(draft, kept=kept)


@blueprint.post("/edit/<path:path>/save")
@requires(EDITOR, PUBLISHER)
def save(path: str) -> ResponseReturnValue:
    """Keep what was typed in the draft. Of those who are signed out it is kept too: see `explain_refusal`."""
    draft = draft_of_page(path)
    try:
        saved = save_what_was_sent(draft)
    except StaleDraftError as error:
        return explain_stale(error.draft, draft)
    except TooLongError as error:
        return explain_too_long(draft, str(error))
    forget_text(content_store(), draft.account_id, path)
    return jsonify(_saved(saved)) if wants_json() else redirect(_next_page(saved), 303)


@blueprint.post("/edit/<path:path>/preview")
@requires(EDITOR, PUBLISHER)
def show_preview(path: str) -> ResponseReturnValue:
    """Show, for a script, what is typed at the moment as a reader would see it, and what is to be mended."""
    draft = draft_of_page(path)
    text = typed_text(draft.text)[:LONGEST_TEXT]
    outlook, shown = _outlook_and_preview(replace(draft, text=plain_text(text)), request.form.get("as"))
    return jsonify(
        {
            "preview": render_template("editing/preview_part.html", preview=shown),
            "notes": render_template("editing/notes_part.html", notes=outlook.notes),
        }
    )


def show_again(path: str, *, problem: str) -> str:
    """Show what was typed, unsaved."""
    draft = draft_of_page(path)
    kept = KeptText(typed_text(draft.text), version_sent())
    return editor_page(draft, kept=kept, problem=problem)


def _next_page(saved: Draft) -> str:
    """Return where the button that was pressed leads to."""
    then = request.form.get("then")
    if then == PUBLISH:
        return f"/drafts/{saved.id}/publish"
    if then == PREVIEW:
        return f"/edit/{saved.page_path}?{urlencode({'as': request.form.get('as', ONESELF)}, safe=':')}#kb-preview"
    return f"/edit/{saved.page_path}?saved=1"


def editor_page(draft: Draft, *, kept: KeptText | None = None, problem: str = "") -> str:
    """Return the editor of a draft, or of a text of it that is not in it yet."""
    store, viewer = content_store(), current_viewer()
    shown = replace(draft, text=kept.text, version=kept.version) if kept else draft
    outlook, seen = _outlook_and_preview(shown, request.args.get("as"))
    edition = outlook.before
    form = PageForm(
        shown.text,
        is_index=draft.page_path.rpartition("/")[2] == "index",
        audiences=audience_titles(edition.audiences, audiences_of(viewer, edition.audiences)),
        sent=False,
        version=shown.version,
    )
    form.holder.data = holder_token(draft)
    for note in outlook.errors:
        if note.key and note.key in form:
            form[note.key].errors = [*form[note.key].errors, note.message]
    page = edition.page(url_of(draft.page_path))
    return render_template(
        "editing/editor.html",
        draft=draft,
        form=form,
        heading=form.title.data if "title" in form and form.title.data else draft.page_path,
        page=page,
        outlook=outlook,
        preview=seen,
        readers=readers_for(viewer, edition),
        others=other_editors(store, draft.page_path, by=viewer, now=utc_now()),
        files=page_files(store, shown, edition),
        contacts=[
            (key, contact.name)
            for key, contact in edition.data.contacts.items()
            if contact.audience in {OPEN, *audiences_of(viewer, edition.audiences)}
        ],
        sources=edition.sources.by_id,
        moved_to=new_place(store, draft, viewer=viewer),
        is_behind=store.files.read(draft.path) != draft.base,
        is_saved="saved" in request.args,
        is_kept=kept is not None,
        problem=problem,
        takes_two=needs_second_person(outlook.after, draft.page_path),
        nonce=style_nonce(),
    )


def _outlook_and_preview(draft: Draft, reader_key: str | None) -> tuple[DraftOutlook, Preview]:
    store, viewer = content_store(), current_viewer()
    outlook = look_at_draft(store, draft, viewer=viewer, today=london_today())
    files = draft_urls(draft, files_of(store, draft), outlook.complete, prefix=f"/drafts/{draft.id}/files")
    shown = preview(
        outlook.complete,
        draft.page_path,
        reader_of(reader_key or ONESELF, viewer, outlook.before),
        today=london_today(),
        base_url=current_app.extensions["settings"].base_url,
        files=files,
    )
    return outlook, shown


def _saved(draft: Draft) -> dict[str, object]:
    others = other_editors(content_store(), draft.page_path, by=current_viewer(), now=utc_now())
    return {
        "version": draft.version,
        "saved_at": f"{draft.updated_at.astimezone(LONDON):%H:%M}",
        "others": render_template("editing/others_part.html", others=others),
    }


def explain_stale(saved: Draft, draft: Draft) -> ResponseReturnValue:
    """Show both texts: what another window saved, and what this one holds. Nothing was written over."""
    text = plain_text(typed_text(draft.text))
    if wants_json():
        return jsonify({"error": "stale-draft", "version": saved.version, "text": saved.text, "yours": text}), 409
    pairs = side_by_side(saved.text, text)
    holder = holder_token(saved)
    return render_template("editing/two_windows.html", draft=saved, text=text, pairs=pairs, holder=holder), 409


def explain_too_long(draft: Draft, message: str) -> ResponseReturnValue:
    """Show what was typed again, which is more than a draft may hold."""
    if wants_json():
        return jsonify({"error": "too-long", "message": message}), 413
    return show_again(draft.page_path, problem=message), 413
