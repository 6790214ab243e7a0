"""Take up an older version of a page, or of a data file, as a draft."""

from collections.abc import Mapping
from datetime import datetime

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Kind
from knowledge_base.audit.log import record
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.draft_files import DraftFile, add_file
from knowledge_base.editing.drafts import begin_draft, event_about
from knowledge_base.history.past import PastPage
from knowledge_base.pages.attachments import ADDRESS, folder_for
from knowledge_base.pages.file_kinds import RefusedFileError, identify
from knowledge_base.pages.files import url_of
from knowledge_base.publishing.store import ContentStore
from knowledge_base.web.templating import show_date_and_time

TAKEN_UP = "This is the older version. Readers get it when you publish it."


def restore(  # noqa: PLR0913 - which version of what, with its files, from when, by whom
    store: ContentStore,
    page_path: str,
    version: PastPage,
    *,
    files: Mapping[str, bytes | None],
    version_at: datetime,
    by: Viewer,
    now: datetime,
) -> Draft:
    """Begin a draft with an older version of a page, and with those of its files that are not there as they were.

    Only for somebody who may read all of both. Raises DraftExistsError when they have a draft with changes of their
    own, TooLongError and UploadRefusedError.
    """
    old, new = (f"{ADDRESS}{url_of(path).rstrip('/')}/" for path in (version.path.removesuffix(".md"), page_path))
    draft = begin_draft(store, page_path, by=by, text=version.text.replace(old, new), now=now)
    for path, content in files.items():
        name = path.rpartition("/")[2]
        if content is not None and store.files.read(f"{folder_for(page_path)}/{name}") != content:
            _add(store, draft, name, content, now=now)
    _record(store, page_path, version_at=version_at, by=by, now=now)
    return draft


def restore_data(  # noqa: PLR0913 - which version of what, from when, by whom
    store: ContentStore, path: str, text: str, *, version_at: datetime, by: Viewer, now: datetime
) -> Draft:
    """Begin a draft with an older version of a data file.

    Only for somebody who may know of all that is in it. Raises DraftExistsError and TooLongError.
    """
    draft = begin_draft(store, path, by=by, text=text, now=now)
    _record(store, path, version_at=version_at, by=by, now=now)
    return draft


def _record(store: ContentStore, path: str, *, version_at: datetime, by: Viewer, now: datetime) -> None:
    event = event_about(store, Kind.PAGE_RESTORED, path, by=by, version=show_date_and_time(version_at))
    with store.database.write() as session:
        record(session, event, keys=store.keys, now=now)


def _add(store: ContentStore, draft: Draft, name: str, content: bytes, *, now: datetime) -> None:
    try:
        media_type = identify(name, content).kind.media_type
    except RefusedFileError:
        # Nobody could have it then either.
        return
    add_file(store, draft, DraftFile(name, media_type, content, ""), now=now)
