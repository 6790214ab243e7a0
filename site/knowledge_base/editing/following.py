"""A draft whose page was moved since it was begun: it can go on where the page is now."""

from datetime import datetime

from sqlalchemy import delete, select

from knowledge_base.access.policy import Viewer
from knowledge_base.editing.access import may_edit
from knowledge_base.editing.draft import Draft, draft_of
from knowledge_base.editing.draft_files import address_of
from knowledge_base.editing.errors import DraftExistsError, NoSuchDraftError
from knowledge_base.editing.models import DraftFileRow, DraftRow
from knowledge_base.pages.attachments import ADDRESS
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.rewriting import Addresses, rewrite_page
from knowledge_base.publishing.store import ContentStore


def new_place(store: ContentStore, draft: Draft, *, viewer: Viewer) -> str | None:
    """Return the path of the page that a draft's page has become, or None where it is still there or was taken away."""
    edition, url = store.library.edition(), url_of(draft.page_path)
    gone = None if draft.base is None or url in edition.pages else edition.redirects.get(url)
    page = edition.page(gone.to.partition("#")[0]) if gone else None
    return page.path if page and may_edit(store, page.path, viewer=viewer) else None


def follow(store: ContentStore, draft: Draft, to: str, *, by: Viewer, now: datetime) -> Draft:
    """Let a draft go on as one of the page at another path, with its links to itself and to its files.

    Raises DraftExistsError where the person has changed something in a draft of that page, and NoSuchDraftError.
    """
    content = store.files.read(f"{to}.md")
    with store.database.write() as session:
        row = session.get(DraftRow, draft.id)
        if row is None or row.account_id != by.account_id:
            message = "There is no such draft: it was published or discarded."
            raise NoSuchDraftError(message)
        query = select(DraftRow).where(DraftRow.account_id == by.account_id, DraftRow.page_path == to)
        if other := session.scalar(query):
            has_files = session.scalar(select(DraftFileRow.id).where(DraftFileRow.draft_id == other.id).limit(1))
            if draft_of(other).is_changed or has_files:
                raise DraftExistsError(draft_of(other))
            session.execute(delete(DraftRow).where(DraftRow.id == other.id))
        files = session.scalars(select(DraftFileRow.name).where(DraftFileRow.draft_id == draft.id))
        row.text = _at_new_addresses(store, row.text, draft.page_path, to, set(files))
        if row.base is not None and content is not None:
            row.base = _at_new_addresses(store, draft_of(row).base_text, draft.page_path, to, set()).encode()
        row.page_path, row.updated_at, row.version = to, now, row.version + 1
        return draft_of(row)


def _at_new_addresses(store: ContentStore, text: str, old: str, new: str, names: set[str]) -> str:
    """Return a text whose links to itself, and to its files, lead to where they are now."""
    there = f"{ADDRESS}{url_of(new).rstrip('/')}/"
    names = names | {url.removeprefix(there) for url in store.library.edition().attachments if url.startswith(there)}
    files = {address_of(old, name): address_of(new, name) for name in names}
    return rewrite_page(text, Addresses({url_of(old): url_of(new), **files}))
