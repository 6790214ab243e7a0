"""What becomes of a page's files when it is merged into another: they go along, under a name that is free there."""

from collections.abc import Mapping

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.attachments import ADDRESS, Attachment, folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import Page
from knowledge_base.pages.quotations import all_may_read
from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.rewriting import Addresses, rewrite_page
from knowledge_base.publishing.store import ContentStore


def carried_text(edition: Edition, page: Page, into: Page) -> str:
    """Return the words of a page with its files at the addresses that they have once it is merged into another."""
    return rewrite_page(page.body, Addresses(dict(_new_addresses(edition, page, into))))


def carried_files(store: ContentStore, edition: Edition, page: Page, into: Page, *, text: str) -> list[FileChange]:
    """Return the files that go along, for the text that the other page is to have.

    One that the text does not use goes along only where nobody gets it who could not have it before.
    """
    changes = []
    for file in page.files:
        address = _new_addresses(edition, page, into)[file.url]
        is_used = any(one in text for one in (file.url, address))
        path = f"{folder_for(into.path)}/{address.rpartition('/')[2]}"
        content = store.files.read(file.path)
        if content is not None and path not in edition.files.attachments and (is_used or _stays(edition, file, into)):
            changes.append(FileChange(path, content, None))
    return changes


def _stays(edition: Edition, file: Attachment, into: Page) -> bool:
    """Say whether a file that the other page does not use is for nobody there who could not have it."""
    parts = edition.document(into).parts
    whole = Requirement(frozenset().union(into.requirement.audiences, *(one.requirement.audiences for one in parts)))
    wanted = edition.attachment_requirements(file)
    return any(all_may_read(whole, one, edition.audiences) for one in wanted)


def _new_addresses(edition: Edition, page: Page, into: Page) -> Mapping[str, str]:
    """Return where each file of a page is to be had. What is there already, with the same content, is that file."""
    there = {one.url: one.digest for one in into.files}
    folder = f"{folder_for(into.path)}/"
    taken = {path.removeprefix(folder) for path in edition.files.attachments if path.startswith(folder)}
    found = {}
    for file in page.files:
        stem, _, ending = file.url.rpartition("/")[2].rpartition(".")
        same = next((url for url, digest in there.items() if digest == file.digest), None)
        names = (f"{stem}{'' if number == 1 else f'-{number}'}.{ending}" for number in range(1, len(taken) + 2))
        name = next(one for one in names if one not in taken)
        taken |= set() if same else {name}
        found[file.url] = same or f"{ADDRESS}{into.url.rstrip('/')}/{name}"
    return found
