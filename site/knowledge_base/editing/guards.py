"""What every view of the editor begins with: the store, who asks, and whether the draft is theirs to see."""

from flask import abort, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

from knowledge_base.access.guards import current_viewer
from knowledge_base.access.policy import Viewer
from knowledge_base.db import utc_now
from knowledge_base.editing.access import may_edit
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.drafts import find_draft, get_draft, open_draft, save_draft
from knowledge_base.editing.errors import NoSuchDraftError, NoSuchPageError
from knowledge_base.editing.forms import PREFIX, PublishForm, typed_text
from knowledge_base.editing.kept_texts import keep_text
from knowledge_base.editing.publish_notes import keep_note
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.guards import content_store

# A form may stay open over a holiday.
HOLDER_LASTS = 30 * 24 * 60 * 60
# No database has a draft of this number, and none takes a larger one.
LARGEST_NUMBER = 2**31 - 1
LONGEST_NUMBER = 9


def wants_json() -> bool:
    """Say whether a script asks."""
    return request.accept_mimetypes.best == "application/json"


def draft_of_page(path: str) -> Draft:
    """Return the person's draft of a page, begun if need be. Answers 404 where they may not edit it."""
    store, viewer = content_store(), current_viewer()
    if not PAGE_FILE.fullmatch(f"{path}.md") or not may_edit(store, path, viewer=viewer):
        abort(404)
    if request.method == "POST" and (known := find_draft(store, path, by=viewer)):
        # What is sent was typed into this draft. Begun anew with what was published since, it would be another.
        return _seen(known, viewer)
    try:
        draft = open_draft(store, path, by=viewer, now=utc_now())
    except NoSuchPageError:
        abort(404)
    return _seen(draft, viewer)


def own_draft(draft_id: int) -> Draft:
    """Return a draft of the person's own. Answers 404 for any other, and where they may not edit the page any more."""
    try:
        draft = get_draft(content_store(), min(draft_id, LARGEST_NUMBER), by=current_viewer())
    except NoSuchDraftError:
        abort(404)
    return _seen(draft, current_viewer())


def keep_what_was_typed() -> str | None:
    """Keep a form's text for whom it says it is of, until they are back. Returns its page's path if it was kept."""
    account_id, path = holder_sent()
    if not path or (request.view_args or {}).get("path", path) != path:
        return None
    store = content_store()
    draft = find_draft(store, path, by=Viewer(account_id=account_id))
    text = typed_text(draft.text if draft else "---\n---\n")
    return path if keep_text(store, account_id, path, text=text, version=version_sent(), now=utc_now()) else None


def keep_note_typed() -> bool:
    """Keep what was typed on the way to publishing for whom the form says it is of. Says whether that was done."""
    try:
        form = PublishForm()
    except RequestEntityTooLarge:
        return False
    account_id, path = _holder_of(form.holder.data or "")
    holder = Viewer(account_id=account_id)
    draft = find_draft(content_store(), path, by=holder) if path else None
    if draft is None or draft.id != (request.view_args or {}).get("draft_id"):
        return False
    keep_note(content_store(), draft, form.typed, by=holder)
    return True


def save_what_was_sent(draft: Draft) -> Draft:
    """Keep a form's text in the draft. Raises StaleDraftError, holding what another window saved, or TooLongError."""
    text = typed_text(draft.text)
    return save_draft(content_store(), draft, text=text, version=version_sent(), by=current_viewer(), now=utc_now())


def version_sent() -> int:
    """Return the version of the draft that the browser holds; none for what is no number."""
    sent = request.form.get(f"{PREFIX}version", "")
    return int(sent) if sent.isdecimal() and len(sent) <= LONGEST_NUMBER else 0


def holder_token(draft: Draft) -> str:
    """Return what a form shows of whose it is, so that its text can be kept for them when nobody is signed in."""
    return sign_holder(draft.account_id, draft.page_path)


def sign_holder(account_id: int | None, path: str) -> str:
    """Return the same for whatever else has a form with words to be kept."""
    return str(_signer().dumps([account_id, path]))


def holder_sent() -> tuple[int, str]:
    """Return whose the form says that it is, and what it is of: no path for what was not made by `sign_holder`."""
    try:
        return _holder_of(request.form.get(f"{PREFIX}holder", ""))
    except RequestEntityTooLarge:
        # Whoever is refused may have sent anything.
        return 0, ""


def _holder_of(token: str) -> tuple[int, str]:
    try:
        account_id, path = _signer().loads(token, max_age=HOLDER_LASTS)
    except (BadData, ValueError):
        return 0, ""
    return int(account_id), str(path)


def _signer() -> URLSafeTimedSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="whose draft a form is of")


def _seen(draft: Draft, viewer: Viewer) -> Draft:
    # What they typed themselves is theirs to see; what they began with may be for others by now.
    if not may_edit(content_store(), draft.page_path, draft.base_text, viewer=viewer):
        abort(404)
    return draft
