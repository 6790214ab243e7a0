"""What somebody sent after their sign-in had ended: kept for an hour, for them alone, until they are back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, select

from knowledge_base.editing.draft import plain_text
from knowledge_base.editing.drafts import LONGEST_TEXT
from knowledge_base.editing.models import KeptTextRow
from knowledge_base.publishing.store import ContentStore

KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class KeptText:
    """A whole file's text, and the version of the draft that it was made from."""

    text: str
    version: int


def keep_text(  # noqa: PLR0913 - a text, what it was made from, and whose it is
    store: ContentStore, account_id: int, page_path: str, *, text: str, version: int, now: datetime
) -> bool:
    """Keep a text for the account that it is from. Says whether it could be kept: it may be too long."""
    text = plain_text(text)
    if len(text.encode()) > LONGEST_TEXT:
        return False
    with store.database.write() as session:
        session.execute(delete(KeptTextRow).where(KeptTextRow.kept_at <= now - KEPT_FOR))
        session.execute(_of(account_id, page_path))
        row = KeptTextRow(account_id=account_id, page_path=page_path, text=text, version=version, kept_at=now)
        session.add(row)
    return True


def kept_text(store: ContentStore, account_id: int | None, page_path: str, *, now: datetime) -> KeptText | None:
    """Return what was kept for an account within the last hour."""
    query = select(KeptTextRow).where(
        KeptTextRow.account_id == account_id, KeptTextRow.page_path == page_path, KeptTextRow.kept_at > now - KEPT_FOR
    )
    with store.database.read() as session:
        row = session.scalar(query)
        return KeptText(row.text, row.version) if row else None


def forget_text(store: ContentStore, account_id: int | None, page_path: str) -> None:
    """Forget what was kept, once it is in a draft."""
    with store.database.read() as session:
        is_kept = session.scalar(
            select(KeptTextRow.id).where(KeptTextRow.account_id == account_id, KeptTextRow.page_path == page_path)
        )
    if is_kept:
        with store.database.write() as session:
            session.execute(_of(account_id, page_path))


def _of(account_id: int | None, page_path: str) -> Delete:
    return delete(KeptTextRow).where(KeptTextRow.account_id == account_id, KeptTextRow.page_path == page_path)
