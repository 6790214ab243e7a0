"""Take up what was written before as a draft: an older version of a page, or a change that did not go live."""

from datetime import datetime

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.submission import Submission
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.draft_files import DraftFile, add_file
from knowledge_base.editing.drafts import begin_draft
from knowledge_base.history.past import PastPage
from knowledge_base.pages.attachments import attachment_of
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.store import ContentStore


def restore(store: ContentStore, page_path: str, version: PastPage, *, by: Viewer, now: datetime) -> Draft:
    """Begin a draft with an older version of a page. Only for somebody who may read all of both.

    Raises DraftExistsError when they have a draft with changes of their own, and TooLongError.
    """
    return begin_draft(store, page_path, by=by, text=version.text, now=now)


def page_of_submission(submission: Submission) -> str | None:
    """Return the page of which a submission can become a draft again. None for one that is not of a single page."""
    pages = [
        file.path for file in submission.change.files if PAGE_FILE.fullmatch(file.path) and file.content is not None
    ]
    others = [file for file in submission.change.files if file.path not in pages]
    if len(pages) != 1 or any(f"{file.page}.md" != pages[0] for file in others):
        return None
    return pages[0].removesuffix(".md")


def take_up(store: ContentStore, submission: Submission, *, by: Viewer, now: datetime) -> Draft:
    """Make a submission its author's draft again, with its files, from where they began.

    Raises DraftExistsError when they have a draft with changes of their own, and UploadRefusedError.
    """
    path = page_of_submission(submission)
    page = next(file for file in submission.change.files if file.path == f"{path}.md")
    text = (page.content or b"").decode("utf-8-sig", "replace")
    draft = begin_draft(store, str(path), by=by, text=text, base=page.base, now=now)
    for file in submission.change.files:
        found = attachment_of(file.path, file.content).attachment if file is not page and file.content else None
        if found and file.content:
            name = file.path.rpartition("/")[2]
            add_file(store, draft, DraftFile(name, found.kind.media_type, file.content, alt=""), now=now)
    return draft
