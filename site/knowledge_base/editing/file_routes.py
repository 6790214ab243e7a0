"""Pictures and documents of a draft: added and taken away in the editor, and sent to their author alone."""

from contextlib import closing

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import utc_now
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.draft_files import DraftFile, add_file, address_of, files_of, remove_file, take_away
from knowledge_base.editing.drafts import save_draft
from knowledge_base.editing.errors import StaleDraftError, TooLongError, UploadRefusedError
from knowledge_base.editing.guards import draft_of_page, own_draft, save_what_was_sent, wants_json
from knowledge_base.editing.page_files import PageFile, alt_in, page_files, with_alt
from knowledge_base.editing.page_routes import editor_page, explain_stale, explain_too_long
from knowledge_base.editing.uploads import checked_alt, prepare_upload
from knowledge_base.pages.file_kinds import LARGEST_FILE
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER
from knowledge_base.web.security import POLICY_OF_FILES

blueprint = Blueprint("files", __name__)


@blueprint.post("/edit/<path:path>/files")
@requires(EDITOR, PUBLISHER)
def change(path: str) -> ResponseReturnValue:
    """Add a file to a draft, or take one away. The text that comes with it is saved first."""
    draft = draft_of_page(path)
    try:
        draft = save_what_was_sent(draft)
        file = _add_or_remove(draft)
    except StaleDraftError as error:
        return explain_stale(error.draft, draft)
    except TooLongError as error:
        return explain_too_long(draft, str(error))
    except UploadRefusedError as error:
        if wants_json():
            return jsonify({"error": "refused", "message": str(error)}), 422
        return editor_page(draft, problem=str(error)), 422
    if wants_json():
        files = render_template("editing/files_part.html", draft=draft, files=_all_files(draft))
        said = {"name": file.name, "markdown": file.markdown(path)} if file else {}
        return jsonify({**said, "files": files})
    return redirect(f"/edit/{path}?saved=1#kb-files", 303)


@blueprint.get("/drafts/<int:draft_id>/files/<name>")
@requires(EDITOR, PUBLISHER)
def show(draft_id: int, name: str) -> Response:
    """Send a file of a draft to its author."""
    files = files_of(content_store(), own_draft(draft_id))
    return answer_with(next((file for file in files if file.name == name), None))


def answer_with(file: DraftFile | None) -> Response:
    """Send a file such that it can do nothing by itself. Answers 404 for none."""
    if file is None or file.content is None:
        abort(404)
    response = Response(file.content, mimetype=file.media_type)
    disposition = "inline" if file.is_picture else "attachment"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{file.name}"'
    response.headers["Content-Security-Policy"] = POLICY_OF_FILES
    return response


def _add_or_remove(draft: Draft) -> DraftFile | None:
    store, now = content_store(), utc_now()
    if name := request.form.get("remove"):
        remove_file(store, draft, name, now=now)
        return None
    if name := request.form.get("take-away"):
        take_away(store, draft, name, now=now)
        return None
    if name := request.form.get("describe"):
        _describe(draft, name, request.form.get(f"alt-{name}", ""))
        return None
    return _added(draft)


def _added(draft: Draft) -> DraftFile:
    """Take in the file that was sent, in the place of another if that was chosen."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        message = "Choose a file first."
        raise UploadRefusedError(message)
    with closing(sent):
        content = sent.read(LARGEST_FILE + 1)
    alt, replaced = request.form.get("alt", ""), request.form.get("replaces", "")
    if replaced not in {"", *(file.name for file in _all_files(draft))}:
        message = "Choose a file of this page to be replaced, or none."
        raise UploadRefusedError(message)
    shown = alt_in(draft.text, address_of(draft.page_path, replaced)) if replaced else None
    file = prepare_upload(replaced or sent.filename, content, alt=alt if alt.strip() else shown or "")
    add_file(content_store(), draft, file, now=utc_now())
    if shown is not None and alt.strip():
        _describe(draft, replaced, file.alt)
    return file


def _describe(draft: Draft, name: str, alt: str) -> None:
    """Change what the draft's text says that a picture shows."""
    alt = checked_alt(name, alt)
    text = with_alt(draft.text, address_of(draft.page_path, name), alt)
    save_draft(content_store(), draft, text=text, version=draft.version, by=current_viewer(), now=utc_now())


def _all_files(draft: Draft) -> tuple[PageFile, ...]:
    store = content_store()
    return page_files(store, draft, store.library.edition())
