"""What changed on the site, for one reader: by page and area, with the notes that are for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from knowledge_base.history.archive import Archive
from knowledge_base.history.log import Commit, Step
from knowledge_base.history.seeing import Change, Eyes
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.page import Page

AMENDMENTS = 5
AT_ONCE = 20
# A commit by hand of more pages is an import: nobody reads a list of all of them.
MOST_PAGES_OF_A_COMMIT = 20


@dataclass(frozen=True)
class PublishedChange:
    """A change of a page as a reader is told of it. `url` is empty for a page that is gone; so is a withheld `note`."""

    revision: str
    at: datetime
    title: str
    url: str
    path: str
    area: str
    step: Step
    note: str
    author: str
    is_open: bool


def changes_for(eyes: Eyes, archive: Archive, *, area: str = "", most: int) -> tuple[PublishedChange, ...]:
    """Return the newest changes that the reader notices, small corrections left out. `area` is a top-level folder."""
    candidates = _candidates(archive.look().commits, area)
    return tuple(islice(_seen(eyes, candidates), most))


def amendments_of(eyes: Eyes, archive: Archive, page: Page) -> tuple[PublishedChange, ...]:
    """Return the last changes of a page that the reader notices. Waits for nothing that is not known already."""
    path = f"{page.path}.md"
    commits = archive.recent().by_page.get(path, ())
    candidates = [(one, path) for one in commits if _is_told(one) and one.subject in {"", page.path}]
    return tuple(islice(_seen(eyes, candidates), AMENDMENTS))


def _candidates(commits: Iterable[Commit], area: str) -> list[tuple[Commit, str]]:
    return [
        (commit, path)
        for commit in commits
        if _is_told(commit)
        for path in _pages_of(commit)
        if not area or path.startswith(f"{area}/")
    ]


def _is_told(commit: Commit) -> bool:
    """Say whether readers are told of a commit at all: not of how the history began, nor of small corrections."""
    return commit.parent is not None and not commit.is_minor


def _pages_of(commit: Commit) -> list[str]:
    """Return the pages that a commit was about: in others it may only have mended links."""
    if commit.subject:
        return [path] if (path := f"{commit.subject}.md") in commit.changes else []
    paths = [path for path in commit.changes if path.endswith(".md")]
    return paths if len(paths) <= MOST_PAGES_OF_A_COMMIT else []


def _seen(eyes: Eyes, candidates: list[tuple[Commit, str]]) -> Iterator[PublishedChange]:
    for start in range(0, len(candidates), AT_ONCE):
        some = candidates[start : start + AT_ONCE]
        places = [(one, path) for commit, path in some for one in (commit.revision, commit.parent) if one]
        found = eyes.past.pages(places, now=eyes.edition)
        for commit, path in some:
            before = found[commit.parent, path] if commit.parent else None
            change = Change(commit, path, before, found[commit.revision, path])
            page = _page_now(eyes, path)
            if eyes.notices(change, page):
                yield _told(eyes, change, page)


def _page_now(eyes: Eyes, path: str) -> Page | None:
    """Return the page that stands at the path, or that moved from there to where the reader may follow."""
    url = url_of(path.removesuffix(".md"))
    gone = eyes.edition.gone(url, eyes.reads)
    return eyes.edition.page(gone.to.partition("#")[0]) if gone and gone.to else eyes.edition.page(url)


def _told(eyes: Eyes, change: Change, page: Page | None) -> PublishedChange:
    commit, newest = change.commit, change.after or change.before
    return PublishedChange(
        revision=commit.revision,
        at=commit.at,
        title=page.meta.title if page else (newest.title if newest else change.path),
        url=page.url if page else "",
        path=page.path if page else change.path.removesuffix(".md"),
        area=_area_of(eyes.edition, change.path),
        step=commit.changes.get(change.path, Step.CHANGED),
        note=eyes.note_of(change, page),
        author="" if commit.is_housekeeping else commit.author,
        is_open=page is not None and page.requirement.is_open,
    )


def _area_of(edition: Edition, path: str) -> str:
    """Return the title of the top-level folder that holds a page, for those who may read the page."""
    index = edition.page(f"/{path.partition('/')[0]}") if "/" in path else None
    return index.meta.title if index else ""
