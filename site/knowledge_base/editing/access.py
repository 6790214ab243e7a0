"""Who may have a page, or a draft of it, before them in the editor: whoever may read all that stands in it."""

import re
from collections.abc import Iterator

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.editing.draft import path_of, text_of
from knowledge_base.editing.models import LONGEST_PATH
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import STAFF_AUDIENCE, STAFF_ONLY, BlockError, split_by_audience
from knowledge_base.pages.files import url_of
from knowledge_base.pages.front_matter import FrontMatterError, read_audience, split
from knowledge_base.publishing.permission import can_change_data, can_edit_page
from knowledge_base.publishing.store import ContentStore

LONGEST_PART = 200
# Under /edit these are the editor's own.
OWN_PAGES = frozenset({"new", "import"})
_AUDIENCE = re.compile(r"^audience:[ \t]*[\"']?([\w-]+)", re.MULTILINE)


def may_edit(store: ContentStore, page_path: str, *texts: str, viewer: Viewer) -> bool:
    """Say whether the viewer may edit a page or a data file, and may see these texts of a draft of it.

    A page that is not served because of a fault in its file is for those who may read everything there is.
    """
    if path_of(page_path) == page_path:
        # Of its entries, those that are not for the viewer are not shown: see `data_draft`.
        return can_change_data(viewer, page_path)
    edition = store.library.edition()
    if len(page_path) > LONGEST_PATH or any(len(part) > LONGEST_PART for part in page_path.split("/")):
        # No disk has such a file.
        return False
    if not can_edit_page(viewer, edition, page_path):
        return False
    needed = [one for text in texts for one in _requirements_of(text, edition, page_path)]
    # What is on the disk may be newer than what is served.
    if (content := store.files.read(f"{page_path}.md")) is not None:
        on_disk = _certain_requirements_of(text_of(content), edition, page_path)
        if on_disk is None and edition.page(url_of(page_path)) is None:
            if not edition.audiences.by_name:
                return False
            on_disk = [Requirement(frozenset(edition.audiences.by_name))]
        needed += on_disk or []
    return all(can_read(viewer, one, audiences=edition.audiences) for one in needed)


def _requirements_of(text: str, edition: Edition, page_path: str) -> Iterator[Requirement]:
    certain = _certain_requirements_of(text, edition, page_path)
    if certain is not None:
        yield from certain
        return
    # Its author is in the middle of typing: what they have named counts, and nothing is guessed.
    known = Requirement()
    for name in _AUDIENCE.findall(text):
        if name in edition.audiences:
            known = known.narrowed_by(name)
    yield known.narrowed_by(STAFF_AUDIENCE if STAFF_ONLY in text else None)


def _certain_requirements_of(text: str, edition: Edition, page_path: str) -> list[Requirement] | None:
    try:
        header, body, _ = split(text)
        own = edition.folder_requirement(url_of(page_path)).narrowed_by(
            read_audience(header, audiences=edition.audiences)
        )
        return [own.narrowed_by(part.audience) for part in split_by_audience(body)]
    except (FrontMatterError, BlockError):
        return None
