"""What somebody typed on the way to publishing a draft: kept with it, until it is live or begun anew."""

from knowledge_base.access.policy import Viewer
from knowledge_base.editing.draft import Draft, plain_text
from knowledge_base.editing.models import DraftRow
from knowledge_base.publishing.changes import LONGEST_NOTE
from knowledge_base.publishing.store import ContentStore

# A note that is too long is shown again, to be made shorter.
LONGEST_KEPT = 10 * LONGEST_NOTE


def keep_note(store: ContentStore, draft: Draft, fields: dict[str, str], *, by: Viewer) -> None:
    """Keep the fields of the form with the person's draft, if it is still there."""
    kept = {name: plain_text(typed)[:LONGEST_KEPT] for name, typed in fields.items() if typed}
    if kept == draft.publish_note:
        return
    with store.database.write() as session:
        row = session.get(DraftRow, draft.id)
        if row is not None and row.account_id == by.account_id:
            row.publish_note = kept
