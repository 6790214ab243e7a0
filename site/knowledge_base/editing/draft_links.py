"""Links with which others may look at a draft: they end, can be revoked, and show no more than may be read."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import person_of
from knowledge_base.audit.events import Kind
from knowledge_base.audit.log import record
from knowledge_base.editing.access import may_edit
from knowledge_base.editing.draft import Draft, draft_of
from knowledge_base.editing.drafts import event_about
from knowledge_base.editing.errors import LinkRefusedError
from knowledge_base.editing.models import DraftLinkRow, DraftRow
from knowledge_base.pages.fences import BlockError, Stretch, split_by_audience
from knowledge_base.publishing.store import ContentStore

LASTS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
# Shorter lines, such as the ends of blocks, stand everywhere.
SHORTEST_TELLING_LINE = 12


@dataclass(frozen=True)
class DraftLink:
    """A link that was made. What it was is known only to who has it."""

    id: int
    made_at: datetime
    expires_at: datetime
    is_good: bool


@dataclass(frozen=True)
class SharedDraft:
    """A draft, and whose it is."""

    draft: Draft
    author: str


def make_link(store: ContentStore, draft: Draft, *, lasts: timedelta, by: Viewer, now: datetime) -> str:
    """Return the token of a new link to a draft of the person's own. It is not kept, and so shown once."""
    token = secrets.token_urlsafe(32)
    event = event_about(store, Kind.DRAFT_LINK_MADE, draft.page_path, by=by)
    with store.database.write() as session:
        row = DraftLinkRow(
            draft_id=draft.id, token_hash=_hash(token), made_by=by.account_id, made_at=now, expires_at=now + lasts
        )
        session.add(row)
        session.execute(update(DraftRow).where(DraftRow.id == draft.id).values(shared_at=now))
        session.flush()
        record(session, event, keys=store.keys, now=now)
    return token


def links_of(store: ContentStore, draft: Draft, *, now: datetime) -> tuple[DraftLink, ...]:
    """Return the links to a draft, the newest first."""
    query = select(DraftLinkRow).where(DraftLinkRow.draft_id == draft.id).order_by(DraftLinkRow.id.desc())
    with store.database.read() as session:
        return tuple(
            DraftLink(row.id, row.made_at, row.expires_at, _is_good(row, now)) for row in session.scalars(query)
        )


def revoke_link(store: ContentStore, draft: Draft, link_id: int, *, by: Viewer, now: datetime) -> None:
    """Let a link work no more. Raises LinkRefusedError when the draft has no such link."""
    event = event_about(store, Kind.DRAFT_LINK_REVOKED, draft.page_path, by=by)
    with store.database.write() as session:
        row = session.get(DraftLinkRow, link_id)
        if row is None or row.draft_id != draft.id:
            message = "There is no such link."
            raise LinkRefusedError(message)
        if _is_good(row, now):
            row.revoked_at = now
            session.flush()
            record(session, event, keys=store.keys, now=now)


def draft_behind(store: ContentStore, token: str, *, now: datetime) -> SharedDraft:
    """Return the draft that a link leads to. Raises LinkRefusedError.

    A link works no longer than its maker may edit the page, and no longer than the page stands where it stood: with its
    folder it loses what says who may read it.
    """
    with store.database.read() as session:
        row = session.scalar(select(DraftLinkRow).where(DraftLinkRow.token_hash == _hash(token)))
        if row is None or not _is_good(row, now):
            message = "The link does not work any more."
            raise LinkRefusedError(message)
        draft = draft_of(session.get_one(DraftRow, row.draft_id))
        author = person_of(session.get_one(Account, draft.account_id))
    if author.disabled_at or not may_edit(store, draft.page_path, draft.base_text, viewer=author.viewer):
        message = "Whoever made the link may not edit the page any more."
        raise LinkRefusedError(message)
    if draft.base is not None and store.files.read(draft.path) is None:
        message = "The page was moved or taken away."
        raise LinkRefusedError(message)
    return SharedDraft(draft, author.name)


def words_let_out(draft: Draft, published: str) -> Requirement:
    """Return for whom words are that the draft shows to more people than the page does. Nobody has agreed to it yet."""
    try:
        stretches = [(part.audience, _telling_lines(part.markdown)) for part in split_by_audience(draft.text)]
    except BlockError:
        # Then nothing of the draft is shown.
        return Requirement()
    needed = Requirement()
    for text in (published, draft.base_text):
        for part in _cut(text):
            shown = [lines for audience, lines in stretches if audience != part.audience]
            if part.audience and any(_telling_lines(part.markdown) & lines for lines in shown):
                needed = needed.narrowed_by(part.audience)
    return needed


def _cut(text: str) -> tuple[Stretch, ...]:
    try:
        return split_by_audience(text)
    except BlockError:
        # It was not served as it was, and its author may edit it: see `may_edit`.
        return ()


def _telling_lines(text: str) -> frozenset[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return frozenset(line for line in lines if len(line) >= SHORTEST_TELLING_LINE)


def _is_good(row: DraftLinkRow, now: datetime) -> bool:
    return row.revoked_at is None and now < row.expires_at


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
