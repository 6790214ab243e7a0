"""Hand a draft in: published where its author is enough, submitted where a second person must approve it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.errors import NoSuchSubmissionError
from knowledge_base.approval.models import State as Submitted
from knowledge_base.approval.models import SubmissionRow
from knowledge_base.approval.queue import find_submissions, get_submission_for
from knowledge_base.approval.submission import Submission
from knowledge_base.approval.submissions import submit
from knowledge_base.editing.draft import Draft, path_of
from knowledge_base.editing.draft_files import DraftFile, digest_of, put_file
from knowledge_base.editing.drafts import hand_in, let_go_after_publishing, let_go_after_submitting, take_up
from knowledge_base.editing.errors import NoSuchDraftError
from knowledge_base.editing.outlook import change_of
from knowledge_base.pages.file_kinds import identify
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.journal import state_of
from knowledge_base.publishing.models import Publication, State
from knowledge_base.publishing.permission import AUDIENCES_FILE, needs_second_person
from knowledge_base.publishing.publish import Published, publish
from knowledge_base.publishing.store import ContentStore

RETURNED = frozenset({Submitted.SENT_BACK, Submitted.WITHDRAWN, Submitted.FAILED})
MOST_RETURNED = 50


@dataclass(frozen=True)
class ChangeNote:
    """What readers are told of a change. `name` is that of the publication, the same when a form is sent twice."""

    text: str
    is_minor: bool
    name: str


@dataclass(frozen=True)
class Done:
    """What became of a draft, for the page that says so."""

    page_path: str
    title: str
    note: str
    revision: str


def asks_for_second_person(store: ContentStore, draft: Draft) -> bool:
    """Say whether a draft cannot go live without somebody else's approval."""
    if draft.path == AUDIENCES_FILE:
        return True
    change = change_of(store, draft, note="A draft")
    after = store.library.changed_pages_with({file.path: file.content for file in change.files})
    return any(needs_second_person(edition, draft.page_path) for edition in (store.library.edition(), after))


def publish_draft(store: ContentStore, draft: Draft, note: ChangeNote, *, by: Contributor, now: datetime) -> Published:
    """Make a draft live and take it away. Raises PublishingError: the draft is untouched then."""
    # A name can be used once: that of an attempt which failed is spent.
    name = note.name if state_of(store, note.name) is None else None
    change = change_of(store, draft, note=note.text, is_minor=note.is_minor, name=name)
    hand_in(store, draft, publication=change.name, by=by.viewer)
    published = publish(store, change, by=by, now=now)
    let_go_after_publishing(store, draft, by=by.viewer)
    return published


def submit_draft(  # noqa: PLR0913 - what is handed in, by whom, and for when
    store: ContentStore,
    draft: Draft,
    note: ChangeNote,
    *,
    by: Contributor,
    publish_at: datetime | None = None,
    now: datetime,
) -> int:
    """Hand a draft in for a second person or for its time, and take it away. Returns the number of the submission."""
    change = change_of(store, draft, note=note.text, is_minor=note.is_minor, name=note.name)
    number = submit(store, change, by=by, publish_at=publish_at, now=now)
    let_go_after_submitting(store, draft, by=by.viewer)
    return number


def number_of_submission(store: ContentStore, name: str | None) -> int | None:
    """Return the submission under which a form was handed in already, or None."""
    with store.database.read() as session:
        return session.scalar(select(SubmissionRow.id).where(SubmissionRow.publication == name)) if name else None


def returned_to(store: ContentStore, viewer: Viewer) -> tuple[Submission, ...]:
    """Return what the viewer handed in and what came back, or was never published: the latest first."""
    return find_submissions(store, viewer, states=RETURNED, most=MOST_RETURNED, only_own=True)


def go_on_with(store: ContentStore, number: int, *, by: Viewer, now: datetime) -> Draft:
    """Make a draft of what the viewer handed in and what came back.

    Raises NoSuchDraftError, and DraftExistsError when there is a draft with changes.
    """
    submission = _returned(store, number, by)
    files = {file.path: file for file in submission.change.files}
    page_path = submission.change.subject
    page = files.pop(path_of(page_path), None)
    if page is None or page.content is None:
        message = "There is nothing to go on with."
        raise NoSuchDraftError(message)
    draft = take_up(store, page_path, by=by, file=page, now=now)
    for file in files.values():
        if file.page == page_path:
            name = file.path.rpartition("/")[2]
            media_type = identify(name, file.content).kind.media_type if file.content is not None else ""
            put_file(store, draft, DraftFile(name, media_type, file.content, "", digest_of(file.base)), now=now)
    return draft


def _returned(store: ContentStore, number: int, to: Viewer) -> Submission:
    try:
        submission = get_submission_for(store, number, to)
    except NoSuchSubmissionError as error:
        raise NoSuchDraftError(str(error)) from error
    is_own = submission.author_id is not None and submission.author_id == to.account_id
    if not is_own or submission.state not in RETURNED:
        message = "There is nothing to go on with."
        raise NoSuchDraftError(message)
    return submission


def is_live(store: ContentStore, name: str | None) -> bool:
    """Say whether a publication was finished."""
    return bool(name) and state_of(store, str(name)) is State.DONE


def what_was_done(store: ContentStore, name: str, *, by: Viewer) -> Done | None:
    """Return what a publication of the person's own did, or None."""
    with store.database.read() as session:
        row = session.scalar(select(Publication).where(Publication.id == name, Publication.state == State.DONE))
        if row is None or row.account_id is None or row.account_id != by.account_id:
            return None
        return Done(row.subject, row.title, row.details.get("note", ""), row.revision or "")
