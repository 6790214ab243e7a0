"""What every view of the history begins with: the archive, whose eyes it is seen with, and who is refused."""

from flask import abort, current_app, redirect
from werkzeug.exceptions import HTTPException

from knowledge_base.access.guards import current_viewer
from knowledge_base.history.archive import Archive
from knowledge_base.history.page_history import PageHistory
from knowledge_base.history.seeing import Eyes
from knowledge_base.pages.files import url_of
from knowledge_base.pages.guards import ask_to_sign_in_below_a_gated_folder, edition_and_reader
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.permission import can_write


def archive() -> Archive:
    """Return the content's history."""
    found: Archive = current_app.extensions["archive"]
    return found


def eyes() -> Eyes | None:
    """Return whom the history is shown to, or None while there is none."""
    edition, _ = edition_and_reader()
    past = archive().past
    return Eyes(current_viewer(), edition, past) if past else None


def page_history(path: str) -> tuple[PageHistory, Eyes]:
    """Return the history of the page at a path such as `referral/share`. Refuses as the page itself does.

    What became of a page that is gone is for those who write, if they may read what is in its folder.
    """
    edition, may_read = edition_and_reader()
    if not PAGE_FILE.fullmatch(f"{path}.md"):
        abort(404)
    url = url_of(path)
    ask_to_sign_in_below_a_gated_folder(edition, may_read, url)
    page, viewer = edition.page(url), current_viewer()
    if page is None and (gone := edition.gone(url, may_read)) and gone.to:
        _lead_on_to(edition.pages[gone.to.partition("#")[0]].path)
    is_for_reader = (
        may_read(page.requirement) if page else can_write(viewer) and may_read(edition.folder_requirement(url))
    )
    seen_with, repository = eyes(), archive().repository
    if not is_for_reader or (page and page.path != path) or seen_with is None or repository is None:
        abort(404)
    found = PageHistory(repository, seen_with, path)
    if page is None and not found.on_page(1)[0]:
        abort(404)
    return found, seen_with


def _lead_on_to(path: str) -> None:
    answer = redirect(f"/history/{path}", 301)
    raise HTTPException(response=answer)
