"""What changed on the site, for one reader: by page and area, with the notes that are for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from knowledge_base.history.archive import Archive, Recent
from knowledge_base.history.log import Commit, Step
from knowledge_base.history.past import PastPage
from knowledge_base.history.seeing import Change, Eyes
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import Page

AMENDMENTS = 5
AT_ONCE = 20
MOST_KEPT = 5_000
# A commit by hand of more pages is an import: nobody reads a list of all of them.
MOST_PAGES_OF_A_COMMIT = 20


@dataclass(frozen=True)
class PublishedChange:
    """A change of a page as a reader is told of it. `url` is empty for a page that is gone; so is a withheld `note`.

    `name` stays the same wherever the page goes.
    """

    name: str
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
    recent = archive.look()
    return tuple(islice(_seen(eyes, recent, _candidates(recent.commits, area)), most))


def amendments_of(eyes: Eyes, archive: Archive, page: Page) -> tuple[PublishedChange, ...]:
    """Return the last changes of a page that the reader notices.

    They stand on every page, so they are worked out once for all readers who may read the same.
    """
    recent = archive.recent()
    # All that decides what somebody may read; an account and its name do not.
    key = (page.path, eyes.edition.version, replace(eyes.viewer, account_id=None, name=""))
    found: tuple[PublishedChange, ...] | None = recent.kept.get(key)
    if found is None:
        path = f"{page.path}.md"
        commits = recent.by_page.get(path, ())
        candidates = [(one, path) for one in commits if _is_told(one) and one.subject in {"", page.path}]
        found = tuple(islice(_seen(eyes, recent, candidates, at_once=AMENDMENTS), AMENDMENTS))
        if len(recent.kept) >= MOST_KEPT:
            recent.kept.clear()
        recent.kept[key] = found
    return found


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


def _seen(
    eyes: Eyes, recent: Recent, candidates: list[tuple[Commit, str]], *, at_once: int = AT_ONCE
) -> Iterator[PublishedChange]:
    newest: dict[str, Page | PastPage | None] = {}
    for start in range(0, len(candidates), at_once):
        some = candidates[start : start + at_once]
        places = [(one, path) for commit, path in some for one in (commit.revision, commit.parent) if one]
        found = eyes.past.pages(places, now=eyes.edition)
        for commit, path in some:
            before = found[commit.parent, path] if commit.parent else None
            change = Change(commit, path, before, found[commit.revision, path])
            if path not in newest:
                newest[path] = eyes.page_at(path) or eyes.last_of((one, path) for one in recent.by_page.get(path, ()))
            page = newest[path]
            if page and eyes.notices(change, page):
                yield _told(eyes, change, page)


def _told(eyes: Eyes, change: Change, newest: Page | PastPage) -> PublishedChange:
    commit, page = change.commit, newest if isinstance(newest, Page) else None
    return PublishedChange(
        name=f"{commit.revision}/{change.path}",
        at=commit.at,
        title=newest.meta.title if isinstance(newest, Page) else newest.title,
        url=page.url if page else "",
        path=page.path if page else change.path.removesuffix(".md"),
        area=_area_of(eyes.edition, change.path),
        step=commit.changes.get(change.path, Step.CHANGED),
        note=eyes.note_of(change, newest),
        author="" if commit.is_housekeeping else commit.author,
        is_open=page is not None and page.requirement.is_open,
    )


def _area_of(edition: Edition, path: str) -> str:
    """Return the title of the top-level folder that holds a page, for those who may read the page."""
    index = edition.page(f"/{path.partition('/')[0]}") if "/" in path else None
    return index.meta.title if index else ""
