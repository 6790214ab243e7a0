"""The pages that were deleted or withdrawn, as the history has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer
from knowledge_base.pages.attachments import page_of
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import BlockError, split_by_audience
from knowledge_base.pages.files import FILES_FOLDER, UnreadableFileError, folder_of, folders_above, text_of, url_of
from knowledge_base.pages.front_matter import FrontMatterError, parse, read_audience, split
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.permission import can_write
from knowledge_base.publishing.store import ContentStore

MOST = 200


@dataclass(frozen=True)
class TakenAway:
    """A page that is not there any more. `revision` is the commit that took it away, `contents` what it took.

    `requirement` is what the page asked of its readers then; `own_audiences` are those of its own header.
    """

    path: str
    title: str
    revision: str
    at: datetime
    requirement: Requirement
    own_audiences: frozenset[str]
    contents: dict[str, bytes]

    @property
    def url(self) -> str:
        """The address that it had."""
        return url_of(self.path)


def list_taken_away(store: ContentStore, edition: Edition, *, viewer: Viewer) -> tuple[TakenAway, ...]:
    """Return the pages that the viewer may bring back, those taken away last first."""
    if not can_write(viewer):
        return ()
    found = (
        _taken_away(store, edition, revision, path, at, viewer) for revision, path, at in _deletions(store, edition)
    )
    return tuple(one for one in found if one)


def find_taken_away(store: ContentStore, edition: Edition, path: str, *, viewer: Viewer) -> TakenAway | None:
    """Return the page that was at this path, or None for one that the viewer may not bring back."""
    return next((one for one in list_taken_away(store, edition, viewer=viewer) if one.path == path), None)


def _deletions(store: ContentStore, edition: Edition) -> Iterator[tuple[str, str, datetime]]:
    """Yield the last commit that took each page away which is not there now, and did not move."""
    repository = store.repository
    listed = repository.git.text(
        *("log", "-z", "--first-parent", "--no-renames", "--diff-filter=D", "--name-only", "--format=%x01%H %ct"),
        *("HEAD", "--", f":(top,literal){repository.prefix}" if repository.prefix else "."),
    )
    seen: set[str] = set()
    for commit in listed.split("\1")[1:]:
        first, *names = commit.split("\0")
        revision, at = first.split()
        for name in names:
            path = name.strip("\n").removeprefix(repository.prefix)
            page = path.removesuffix(".md")
            gone = edition.redirects.get(url_of(page))
            if not PAGE_FILE.fullmatch(path) or page in seen or page in edition.files.pages or (gone and gone.to):
                continue
            seen.add(page)
            yield revision, page, datetime.fromtimestamp(int(at)).astimezone()
            if len(seen) >= MOST:
                return


def _taken_away(  # noqa: PLR0913, PLR0917 - what the history says of one page
    store: ContentStore, edition: Edition, revision: str, path: str, at: datetime, viewer: Viewer
) -> TakenAway | None:
    repository = store.repository
    content = repository.read(f"{revision}~1", f"{path}.md")
    try:
        header, body, _ = split(text_of(content or b""))
        meta = parse(header, audiences=edition.audiences)
        audiences = [part.audience for part in split_by_audience(body)]
    except (UnreadableFileError, FrontMatterError, BlockError):
        return None
    then = _requirement_then(store, edition, f"{revision}~1", path)
    if then is None:
        return None
    own = then.narrowed_by(meta.audience)
    needed = [edition.folder_requirement(url_of(path)), own, *(own.narrowed_by(audience) for audience in audiences)]
    if not all(map(edition.may_read(viewer), needed)):
        return None
    files = [
        one for one in repository.changed_by(revision) if f"/{FILES_FOLDER}/" in f"/{one}" and page_of(one) == path
    ]
    contents = {name: old for name in (f"{path}.md", *files) if (old := repository.read(f"{revision}~1", name))}
    own_audiences = Requirement().narrowed_by(meta.audience).audiences
    return TakenAway(path, meta.title, revision, at, own, own_audiences, contents)


def _requirement_then(store: ContentStore, edition: Edition, revision: str, path: str) -> Requirement | None:
    """Return what the folders of a page asked of its readers at a commit, None where that cannot be known."""
    requirement = Requirement()
    for folder in folders_above(folder_of(path)):
        index = store.repository.read(revision, f"{folder}/index.md")
        try:
            header, _, _ = split(text_of(index or b""))
            requirement = requirement.narrowed_by(read_audience(header, audiences=edition.audiences))
        except (UnreadableFileError, FrontMatterError):
            return None
    return requirement
