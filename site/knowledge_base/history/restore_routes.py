"""Take up an older version of a page, or a change that did not go live, as a draft."""

from flask import Blueprint, abort, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.approval.errors import NoSuchSubmissionError
from knowledge_base.approval.models import State
from knowledge_base.approval.outlook import look_ahead, may_see
from knowledge_base.approval.submissions import get_submission
from knowledge_base.db import utc_now
from knowledge_base.editing.access import may_edit
from knowledge_base.editing.errors import DraftExistsError, EditingError
from knowledge_base.history.guards import page_history
from knowledge_base.history.restoring import page_of_submission, restore, take_up
from knowledge_base.publishing.permission import EDITOR, PUBLISHER
from knowledge_base.publishing.store import ContentStore

blueprint = Blueprint("restoring", __name__)
# Those of which nothing goes live any more.
ENDED = frozenset({State.SENT_BACK, State.WITHDRAWN, State.FAILED})


@blueprint.post("/history/<path:page>/<revision:revision>/restore")
@requires(EDITOR, PUBLISHER)
def restore_version(page: str, revision: str) -> ResponseReturnValue:
    """Begin a draft with an older version, for whoever may change the page and read all of that version."""
    history, reader = page_history(page)
    version, _ = history.version(revision) or abort(404)
    if not reader.sees_all_of(version, history.page) or not may_edit(
        _store(), page, version.text, viewer=current_viewer()
    ):
        abort(404)
    try:
        draft = restore(_store(), page, version, by=current_viewer(), now=utc_now())
    except EditingError as error:
        return _refusal(error, page)
    return redirect(f"/edit/{draft.page_path}", 303)


@blueprint.post("/approvals/<int:number>/draft")
@requires(EDITOR, PUBLISHER)
def take_up_submission(number: int) -> ResponseReturnValue:
    """Give its author a change back as a draft, once nothing of it goes live any more."""
    try:
        submission = get_submission(_store(), number)
    except NoSuchSubmissionError:
        abort(404)
    viewer, page = current_viewer(), page_of_submission(submission)
    is_own = submission.author_id is not None and submission.author_id == viewer.account_id
    is_for_viewer = is_own and may_see(submission, look_ahead(_store(), submission.change), viewer)
    if page is None or not is_for_viewer or submission.state not in ENDED:
        abort(404)
    try:
        draft = take_up(_store(), submission, by=viewer, now=utc_now())
    except EditingError as error:
        return _refusal(error, page)
    return redirect(f"/edit/{draft.page_path}", 303)


def _refusal(error: EditingError, page: str) -> ResponseReturnValue:
    has_draft = isinstance(error, DraftExistsError)
    return render_template("history/not_restored.html", problem=str(error), page=page, has_draft=has_draft), 409


def _store() -> ContentStore:
    store: ContentStore = current_app.extensions["content_store"]
    return store
