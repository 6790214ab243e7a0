"""Drafts: begin one, save it, find it, and let it go. A draft is one person's until they share it."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.editing.draft import Draft, draft_of, path_of, plain_text, text_of
from knowledge_base.editing.errors import (
    DraftExistsError,
    NoSuchDraftError,
    NoSuchPageError,
    StaleDraftError,
    TooLongError,
)
from knowledge_base.editing.models import LONGEST_PATH, DraftFileRow, DraftRow
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError

LONGEST_TEXT = 500_000
FIRST_VERSIONS = 100_000_000
# A draft that was opened and never changed is kept for as long as its form may be sent.
UNCHANGED_LASTS = timedelta(days=30)


def open_draft(store: ContentStore, page_path: str, *, by: Viewer, now: datetime) -> Draft:
    """Return the person's draft of a page, begun with the page as it is published where they have changed nothing yet.

    Raises NoSuchPageError when there is neither.
    """
    content = store.files.read(path_of(page_path))
    known = find_draft(store, page_path, by=by)
    if known and (known.is_changed or known.base == content or _has_files(store, known)):
        return known
    if content is None:
        message = f"There is no page {page_path}."
        raise NoSuchPageError(message)
    return _put(store, page_path, by=by, text=text_of(content), base=content, now=now)


def begin_draft(store: ContentStore, page_path: str, *, by: Viewer, text: str, now: datetime) -> Draft:
    """Begin a draft with a text: of a new page, or of a page that is to become that again. Raises as `take_up` does."""
    return _begin(store, page_path, by=by, text=_checked(text), base=store.files.read(path_of(page_path)), now=now)


def take_up(store: ContentStore, page_path: str, *, by: Viewer, file: FileChange, now: datetime) -> Draft:
    """Begin a draft with what was handed in before and has not gone live, made from what it was made from then.

    Raises DraftExistsError when the person has a draft with changes of their own, and TooLongError.
    """
    return _begin(store, page_path, by=by, text=text_of(file.content or b""), base=file.base, now=now)


def save_draft(  # noqa: PLR0913 - a text, what it was made from, and whose it is
    store: ContentStore, draft: Draft, *, text: str, version: int, by: Viewer, now: datetime
) -> Draft:
    """Keep a draft's text, made from the version that the browser holds. Its first change is recorded.

    Raises StaleDraftError when another window saved something else meanwhile, TooLongError and NoSuchDraftError.
    """
    text = _checked(text)
    event = event_about(store, Kind.DRAFT_SAVED, draft.page_path, by=by)
    with store.database.write() as session:
        row = _row(session, draft.id, by)
        if row.text == text:
            return draft_of(row)
        if row.version != version:
            raise StaleDraftError(draft_of(row))
        is_first = not draft_of(row).is_changed
        row.text, row.version, row.updated_at, row.publication = text, row.version + 1, now, None
        saved = draft_of(row)
        if is_first:
            session.flush()
            record(session, event, keys=store.keys, now=now)
    return saved


def discard_draft(store: ContentStore, draft: Draft, *, by: Viewer, now: datetime) -> None:
    """Let a draft go, with its files and links."""
    event = event_about(store, Kind.DRAFT_DISCARDED, draft.page_path, by=by)
    with store.database.write() as session:
        row = _row(session, draft.id, by)
        gone = draft_of(row)
        session.execute(delete(DraftRow).where(DraftRow.id == gone.id))
        if gone.is_changed:
            record(session, event, keys=store.keys, now=now)


def hand_in(store: ContentStore, draft: Draft, *, publication: str, by: Viewer) -> None:
    """Note under which name a draft is being published, so that it can be let go also after a crash."""
    with store.database.write() as session:
        _row(session, draft.id, by).publication = publication


def let_go_after_publishing(store: ContentStore, draft: Draft, *, by: Viewer) -> None:
    """Take away a draft that is live. What was typed meanwhile stays, as a draft of the page as it now is."""
    content = store.files.read(draft.path)
    revision = _revision_of(store, draft.path)
    with store.database.write() as session:
        row = session.get(DraftRow, draft.id)
        if row is None or row.account_id != by.account_id:
            return
        if (row.version, row.updated_at) == (draft.version, draft.updated_at):
            session.execute(delete(DraftRow).where(DraftRow.id == row.id))
        else:
            row.base, row.base_revision, row.publication = draft.text.encode(), revision, None
            row.publish_note = {}
            if content is not None and text_of(content) == draft.text:
                row.base = content


def let_go_after_submitting(store: ContentStore, draft: Draft, *, by: Viewer) -> None:
    """Take away a draft that was handed in. What was typed meanwhile stays, with the base that it had."""
    as_handed_in = (DraftRow.version == draft.version, DraftRow.updated_at == draft.updated_at)
    with store.database.write() as session:
        session.execute(
            delete(DraftRow).where(DraftRow.id == draft.id, DraftRow.account_id == by.account_id, *as_handed_in)
        )


def rebase(store: ContentStore, draft: Draft, *, base: bytes | None, by: Viewer) -> None:
    """Say that the draft's author has seen the page as it now is, and that their text stands against that."""
    revision = _revision_of(store, draft.path)
    with store.database.write() as session:
        row = _row(session, draft.id, by)
        row.base, row.base_revision = base, revision


def find_draft(store: ContentStore, page_path: str, *, by: Viewer) -> Draft | None:
    """Return the person's draft of a page, or None."""
    query = select(DraftRow).where(DraftRow.account_id == by.account_id, DraftRow.page_path == page_path)
    with store.database.read() as session:
        row = session.scalar(query)
        return draft_of(row) if row else None


def get_draft(store: ContentStore, draft_id: int, *, by: Viewer) -> Draft:
    """Return a draft of the person's own. Raises NoSuchDraftError."""
    with store.database.read() as session:
        return draft_of(_row(session, draft_id, by))


def own_drafts(store: ContentStore, *, by: Viewer) -> tuple[Draft, ...]:
    """Return the drafts in which the person has changed something, or to which they gave files, the latest first."""
    query = select(DraftRow).where(DraftRow.account_id == by.account_id).order_by(DraftRow.updated_at.desc())
    with store.database.read() as session:
        drafts = [draft_of(row) for row in session.scalars(query)]
    return tuple(draft for draft in drafts if draft.is_changed or _has_files(store, draft))


def _begin(  # noqa: PLR0913 - what a draft begins with
    store: ContentStore, page_path: str, *, by: Viewer, text: str, base: bytes | None, now: datetime
) -> Draft:
    known = find_draft(store, page_path, by=by)
    if known and known.is_changed:
        raise DraftExistsError(known)
    event = event_about(store, Kind.DRAFT_SAVED, page_path, by=by)
    return _put(store, page_path, by=by, text=text, base=base, now=now, event=event)


def _put(  # noqa: PLR0913 - what a draft begins with
    store: ContentStore,
    page_path: str,
    *,
    by: Viewer,
    text: str,
    base: bytes | None,
    now: datetime,
    event: Event | None = None,
) -> Draft:
    """Make the person's draft of a page, or set one without changes anew."""
    if len(page_path) > LONGEST_PATH:
        message = f"The page's address is longer than {LONGEST_PATH} characters. Choose a shorter name."
        raise TooLongError(message)
    revision = _revision_of(store, path_of(page_path)) if base is not None else None
    try:
        with store.database.write() as session:
            query = select(DraftRow).where(DraftRow.account_id == by.account_id, DraftRow.page_path == page_path)
            row = session.scalar(query)
            if row is None:
                _forget_unchanged(session, by, before=now - UNCHANGED_LASTS)
                version = secrets.randbelow(FIRST_VERSIONS)
                row = DraftRow(account_id=by.account_id, page_path=page_path, created_at=now, version=version, text="")
                session.add(row)
            elif draft_of(row).is_changed:
                return draft_of(row)
            row.text, row.base, row.base_revision, row.updated_at, row.publish_note = text, base, revision, now, {}
            row.version += 1
            session.flush()
            if event:
                record(session, event, keys=store.keys, now=now)
            return draft_of(row)
    except IntegrityError:
        # Another window of the same person was a moment quicker.
        draft = find_draft(store, page_path, by=by)
        if draft is None:
            raise
        return draft


def event_about(store: ContentStore, kind: Kind, page_path: str, *, by: Viewer, **details: str) -> Event:
    """Return what is recorded of somebody who did something with a draft of a page."""
    page = store.library.edition().page(url_of(page_path))
    return Event(kind, Actor.of(by), subject=f"{page.meta.title} ({page.url})" if page else page_path, details=details)


def _row(session: Session, draft_id: int, by: Viewer) -> DraftRow:
    row = session.get(DraftRow, draft_id)
    if row is None or row.account_id != by.account_id:
        message = "There is no such draft: it was published or discarded."
        raise NoSuchDraftError(message)
    return row


def _forget_unchanged(session: Session, by: Viewer, *, before: datetime) -> None:
    has_files = select(DraftFileRow.id).where(DraftFileRow.draft_id == DraftRow.id).exists()
    query = select(DraftRow).where(DraftRow.account_id == by.account_id, DraftRow.updated_at < before, ~has_files)
    for row in session.scalars(query):
        if not draft_of(row).is_changed:
            session.execute(delete(DraftRow).where(DraftRow.id == row.id))


def _has_files(store: ContentStore, draft: Draft) -> bool:
    with store.database.read() as session:
        return session.scalar(select(DraftFileRow.id).where(DraftFileRow.draft_id == draft.id).limit(1)) is not None


def _revision_of(store: ContentStore, path: str) -> str | None:
    try:
        return store.repository.revision_of(path)
    except (PublishingBusyError, GitError):
        # Only told to people: what a change is compared with is the base itself.
        return None


def _checked(text: str) -> str:
    text = plain_text(text)
    if len(text.encode()) > LONGEST_TEXT:
        message = f"The page is longer than {LONGEST_TEXT // 1_000} kB. Split it into several pages."
        raise TooLongError(message)
    return text
