"""All files of a page as its editor shows them: published, new, replaced, or on their way out."""

import re
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.editing.draft import Draft
from knowledge_base.editing.draft_files import DraftFile, address_of, files_of
from knowledge_base.pages.attachments import folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.publishing.changes import ATTACHMENT
from knowledge_base.publishing.store import ContentStore


class State(StrEnum):
    """What becomes of a file when the draft is published."""

    STAYS = "stays"
    NEW = "new"
    REPLACED = "replaced"
    GOES = "goes"


@dataclass(frozen=True)
class PageFile:
    """A file of a page. `address` is where its author can look at it: none for one that cannot be used.

    `alt` is what the draft's text says that a picture shows; `markdown` is what to write to use the file.
    """

    name: str
    state: State
    address: str
    details: str
    is_picture: bool
    is_used: bool
    alt: str
    markdown: str


def page_files(store: ContentStore, draft: Draft, edition: Edition) -> tuple[PageFile, ...]:
    """Return the files of the draft's page, published or not, by name. `edition` is the site as it is."""
    folder = f"{folder_for(draft.page_path)}/"
    published = {
        path.removeprefix(folder): found.attachment
        for path, found in edition.files.attachments.items()
        if path.startswith(folder) and ATTACHMENT.fullmatch(path)
    }
    own = {file.name: file for file in files_of(store, draft)}
    files = []
    for name in sorted({*published, *own}):
        file, there = own.get(name), published.get(name)
        if file is None or file.content is None:
            is_picture = there.kind.is_picture if there else False
            shown = DraftFile(name, there.kind.media_type if there else "", None, "")
            details, address = (there.details, there.url) if there else ("cannot be used", "")
            state = State.GOES if file else State.STAYS
        else:
            shown, details, address, is_picture = (
                file,
                file.details,
                f"/drafts/{draft.id}/files/{name}",
                file.is_picture,
            )
            state = State.REPLACED if name in published else State.NEW
        alt = alt_in(draft.text, address_of(draft.page_path, name))
        markdown = shown.markdown(draft.page_path)
        is_used = address_of(draft.page_path, name) in draft.text
        files.append(PageFile(name, state, address, details, is_picture, is_used, alt or "", markdown))
    return tuple(files)


def alt_in(text: str, address: str) -> str | None:
    """Return what a text says that the picture of this address shows, or None where it does not show it."""
    found = _shown(address).search(text)
    return found["alt"] if found else None


def with_alt(text: str, address: str, alt: str) -> str:
    """Return the text with other words for whoever does not see the picture of this address."""
    words = " ".join(alt.split()).replace("[", "(").replace("]", ")")
    return _shown(address).sub(lambda found: f"![{words}]{found['rest']}", text)


def _shown(address: str) -> re.Pattern[str]:
    return re.compile(rf"!\[(?P<alt>[^\[\]]*)\](?P<rest>\(\s*<?{re.escape(address)}(?=[\s)>?#]))")
