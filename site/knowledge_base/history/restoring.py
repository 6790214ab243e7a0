"""Take up an older version of a page as a draft."""

from datetime import datetime

from knowledge_base.access.policy import Viewer
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.drafts import begin_draft
from knowledge_base.history.past import PastPage
from knowledge_base.publishing.store import ContentStore


def restore(store: ContentStore, page_path: str, version: PastPage, *, by: Viewer, now: datetime) -> Draft:
    """Begin a draft with an older version of a page. Only for somebody who may read all of both.

    Raises DraftExistsError when they have a draft with changes of their own, and TooLongError.
    """
    return begin_draft(store, page_path, by=by, text=version.text, now=now)
