"""Take up an older version of a page as a draft."""

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import utc_now
from knowledge_base.editing.access import may_edit
from knowledge_base.editing.errors import DraftExistsError, EditingError
from knowledge_base.history.guards import page_history
from knowledge_base.history.restoring import TAKEN_UP, restore
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

blueprint = Blueprint("restoring", __name__)


@blueprint.post("/history/<path:page>/<revision:revision>/restore")
@requires(EDITOR, PUBLISHER)
def restore_version(page: str, revision: str) -> ResponseReturnValue:
    """Begin a draft with an older version, for whoever may change the page and read all of that version."""
    history, reader = page_history(page)
    version, seen = history.version(revision) or abort(404)
    if not reader.sees_all_of(version, history.newest) or not may_edit(
        content_store(), page, version.text, viewer=current_viewer()
    ):
        abort(404)
    try:
        draft = restore(
            content_store(),
            page,
            version,
            files=reader.past.attachments(revision, version.path),
            version_at=seen.at,
            by=current_viewer(),
            now=utc_now(),
        )
    except EditingError as error:
        return _refusal(error, page)
    flash(TAKEN_UP, "editing")
    return redirect(f"/edit/{draft.page_path}", 303)


def _refusal(error: EditingError, page: str) -> ResponseReturnValue:
    has_draft = isinstance(error, DraftExistsError)
    return render_template(
        "history/not_restored.html", problem=str(error), page=page, data_file="", has_draft=has_draft
    ), 409
