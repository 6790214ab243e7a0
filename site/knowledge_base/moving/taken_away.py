"""The pages that were deleted or withdrawn, as the history has them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer
from knowledge_base.pages.attachments import page_of
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import BlockError, split_by_audience
from knowledge_base.pages.files import FILES_FOLDER, UnreadableFileError, folder_of, folders_above, text_of, url_of
from knowledge_base.pages.front_matter import FrontMatterError, parse, read_audience, split
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.moves import HERE_AGAIN, MOVED, NOWHERE
from knowledge_base.publishing.permission import can_write
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.blobs import Blobs, Place
from knowledge_base.repository.repository import Repository

MOST = 200


@dataclass(frozen=True)
class TakenAway:
    """A page that is not there any more. `revision` is the commit that took it away.

    `requirement` is what the page asked of its readers then; `own_audiences` are those of its own header.
    """

    path: str
    title: str
    revision: str
    at: datetime
    requirement: Requirement
    own_audiences: frozenset[str]

    @property
    def url(self) -> str:
        """The address that it had."""
        return url_of(self.path)


@dataclass(frozen=True)
class _Deletion:
    """A commit that took the file of a page away."""

    revision: str
    path: str
    at: datetime


def list_taken_away(store: ContentStore, edition: Edition, *, viewer: Viewer) -> tuple[TakenAway, ...]:
    """Return the pages that the viewer may bring back, those taken away last first."""
    return _readable(store, edition, _still_gone(store, edition)[:MOST], viewer)


def find_taken_away(store: ContentStore, edition: Edition, path: str, *, viewer: Viewer) -> TakenAway | None:
    """Return the page that was at this path, or None for one that the viewer may not bring back."""
    found = [one for one in _still_gone(store, edition) if one.path == path]
    return next(iter(_readable(store, edition, found, viewer)), None)


def files_of_taken_away(store: ContentStore, page: TakenAway) -> dict[str, bytes]:
    """Return what its commit took of a page: its file, and those that belonged to it."""
    repository = store.repository
    files = [
        one
        for one in repository.changed_by(page.revision)
        if f"/{FILES_FOLDER}/" in f"/{one}" and page_of(one) == page.path
    ]
    before = f"{page.revision}~1"
    return {name: old for name in (f"{page.path}.md", *files) if (old := repository.read(before, name)) is not None}


def _still_gone(store: ContentStore, edition: Edition) -> list[_Deletion]:
    """Return the last commit that took each page away which is not there now, and did not move."""
    head = store.repository.head()
    return [
        one
        for one in (_deletions(store.repository, head) if head else ())
        if one.path not in edition.files.pages and not ((gone := edition.redirects.get(url_of(one.path))) and gone.to)
    ]


@lru_cache(maxsize=4)
def _deletions(repository: Repository, head: str) -> tuple[_Deletion, ...]:
    """Return the last deletion of each page in the history of a commit, which never changes."""
    listed = repository.git.text(
        *("log", "-z", "--first-parent", "--no-renames", "--diff-filter=D", "--name-only"),
        *(f"--format=%x01%H %ct %(trailers:key={MOVED},valueonly,separator=%x2C)", head),
        *("--", f":(top,literal){repository.prefix}" if repository.prefix else "."),
    )
    found: dict[str, _Deletion | None] = {}
    for commit in listed.split("\1")[1:]:
        first, *names = commit.split("\0")
        revision, at, moved = first.split(" ", 2)
        for name in names:
            path = name.strip("\n").removeprefix(repository.prefix)
            page = path.removesuffix(".md")
            if PAGE_FILE.fullmatch(path):
                deletion = _Deletion(revision, page, datetime.fromtimestamp(int(at)).astimezone())
                # What moved goes on being taken away where it is now.
                found.setdefault(page, None if _has_moved(url_of(page), moved) else deletion)
    return tuple(filter(None, found.values()))


def _has_moved(url: str, moved: str) -> bool:
    pairs = (one.strip().partition(" -> ") for one in moved.split(","))
    return any(old == url and new not in {NOWHERE, HERE_AGAIN} for old, _, new in pairs)


def _readable(
    store: ContentStore, edition: Edition, deletions: Iterable[_Deletion], viewer: Viewer
) -> tuple[TakenAway, ...]:
    if not can_write(viewer):
        return ()
    deletions = list(deletions)
    places = [
        (f"{one.revision}~1", path)
        for one in deletions
        for path in (f"{one.path}.md", *(f"{folder}/index.md" for folder in folders_above(folder_of(one.path))))
    ]
    contents = Blobs(store.repository).read(places)
    return tuple(page for one in deletions if (page := _taken_away(contents, edition, one, viewer)))


def _taken_away(
    contents: dict[Place, bytes | None], edition: Edition, deletion: _Deletion, viewer: Viewer
) -> TakenAway | None:
    path, before = deletion.path, f"{deletion.revision}~1"
    try:
        header, body, _ = split(text_of(contents[before, f"{path}.md"] or b""))
        meta = parse(header, audiences=edition.audiences)
        audiences = [part.audience for part in split_by_audience(body)]
    except (UnreadableFileError, FrontMatterError, BlockError):
        return None
    then = _requirement_then(contents, edition, before, path)
    if then is None:
        return None
    own = then.narrowed_by(meta.audience)
    needed = [edition.folder_requirement(url_of(path)), own, *(own.narrowed_by(audience) for audience in audiences)]
    if not all(map(edition.may_read(viewer), needed)):
        return None
    own_audiences = Requirement().narrowed_by(meta.audience).audiences
    return TakenAway(path, meta.title, deletion.revision, deletion.at, own, own_audiences)


def _requirement_then(
    contents: dict[Place, bytes | None], edition: Edition, revision: str, path: str
) -> Requirement | None:
    """Return what the folders of a page asked of its readers at a commit, None where that cannot be known."""
    requirement = Requirement()
    for folder in folders_above(folder_of(path)):
        try:
            header, _, _ = split(text_of(contents[revision, f"{folder}/index.md"] or b""))
            requirement = requirement.narrowed_by(read_audience(header, audiences=edition.audiences))
        except (UnreadableFileError, FrontMatterError):
            return None
    return requirement
