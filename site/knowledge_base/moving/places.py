"""Where a page may stand, and which must stay where they are."""

from collections.abc import Iterable

from knowledge_base.access.policy import Viewer
from knowledge_base.editing.access import OWN_PAGES
from knowledge_base.moving.errors import FixedPageError, PlaceError
from knowledge_base.pages.attachments import folder_for
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import RESERVED, folder_of, url_of
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.permission import can_edit_page

# The program itself leads to these.
_NAMES = (
    "about about/accessibility about/contact-the-editors about/privacy about/set-up about/sources glossary referral"
)
FIXED = frozenset({"/", *(f"/{name}" for name in _NAMES.split())})


def path_at(address: str) -> str:
    """Return the path of a page at an address as somebody typed it. Raises PlaceError."""
    path = address.strip().strip("/")
    if not PAGE_FILE.fullmatch(f"{path}.md") or path.rpartition("/")[2] == "index":
        message = "Type an address such as /referral/share: lower-case letters, digits, hyphens and slashes"
        raise PlaceError(message)
    if path.partition("/")[0] in RESERVED:
        message = f"Addresses that begin with /{path.partition('/')[0]} belong to the program: choose another"
        raise PlaceError(message)
    if path in OWN_PAGES:
        message = f"A page at /{path} could not be edited: choose another address"
        raise PlaceError(message)
    return path


def check_place(edition: Edition, path: str, *, viewer: Viewer) -> None:
    """Raise PlaceError unless there may be a new page here that the viewer may edit."""
    folder = folder_of(path)
    may_read = edition.may_read(viewer)
    index = edition.page(url_of(f"{folder}/index"))
    if folder and (index is None or not may_read(index.requirement)):
        message = f"There is no folder /{folder} yet: choose one that is there"
        raise PlaceError(message)
    is_taken = any(name in edition.files.pages for name in (path, f"{path}/index"))
    if is_taken or not can_edit_page(viewer, edition, path):
        # The same words for what the person may not know of.
        message = f"There cannot be a new page at /{path}: choose another address"
        raise PlaceError(message)


def check_not_fixed(urls: Iterable[str]) -> None:
    """Raise FixedPageError for a page that the program leads to by its address."""
    for url in urls:
        if url in FIXED:
            message = f"The page {url} has to stay where it is: other parts of the site lead to it"
            raise FixedPageError(message)


def pages_below(edition: Edition, page: Page) -> tuple[str, ...]:
    """Return the paths of a page and, where it is a folder's own, of all in the folder, whether shown or not."""
    if not page.is_index:
        return (page.path,)
    folder = folder_of(page.path)
    return tuple(path for path in edition.files.pages if path.startswith(f"{folder}/"))


def files_of(edition: Edition, paths: Iterable[str]) -> dict[str, str]:
    """Return the files of these pages, each with its page's path."""
    folders = {f"{folder_for(path)}/": path for path in paths}
    return {
        file: page
        for file in edition.files.attachments
        if (page := folders.get(f"{file.rpartition('/')[0]}/")) is not None
    }


def leading_here(edition: Edition, urls: Iterable[str], may_read: MayRead) -> tuple[Page, ...]:
    """Return the pages with a link to one of the addresses, as far as the reader may know of it."""
    wanted = frozenset(urls)
    return tuple(
        page
        for page in edition.readable_pages(may_read)
        if page.url not in wanted
        and (
            (page.meta.superseded_by or "").partition("#")[0] in wanted
            or any(
                (one.address or "").partition("#")[0] in wanted
                for part in edition.document(page).parts
                if may_read(part.requirement)
                for one in part.references
            )
        )
    )
