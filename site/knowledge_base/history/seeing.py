"""Decide what of the history a reader may see: what they may read now, and might have read then.

Of a version a reader sees the parts that they might have read then. Text that was open once and stands in a part for
staff now, in whatever words, is for staff: so a reader from whom something of the page is hidden sees no version from
before a change that hid more and changed the open text as well, and none with a line that is hidden from them now.

Of a page that went, its last version counts as what it is now.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.history.log import Commit, Step, page_file
from knowledge_base.history.past import Past, PastPage
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.files import DATA_FOLDER, url_of
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.redirects import PATH as REDIRECTS
from knowledge_base.publishing.permission import can_write

# What changed more pages at once has no note that could be shown beside one of them.
MOST_PAGES_FOR_A_NOTE = 50
_SAYS_NOTHING = re.compile(r"/{3,}\s*[a-z-]*|[\W_]*")


@dataclass(frozen=True)
class Change:
    """What a commit made of one page. `before` is None for a page that was not there, `after` for one that went."""

    commit: Commit
    path: str
    before: PastPage | None
    after: PastPage | None

    @property
    def versions(self) -> tuple[PastPage, ...]:
        """What there is of before and after."""
        return tuple(one for one in (self.before, self.after) if one)


@dataclass(frozen=True)
class Eyes:
    """One reader of the history, with the content as it is now."""

    viewer: Viewer
    edition: Edition
    past: Past

    def page_at(self, path: str) -> Page | None:
        """Return the page that stands at a path (with `.md`), or that moved to where the reader may follow."""
        url = url_of(path.removesuffix(".md"))
        gone = self.edition.gone(url, self.reads)
        return self.edition.page(gone.to.partition("#")[0]) if gone and gone.to else self.edition.page(url)

    def last_of(self, commits: Iterable[tuple[Commit, str]]) -> PastPage | None:
        """Return the last version of a page that went, from the commits that changed it (with its path), newest first.

        None where the page is elsewhere now. Behind a version that nobody could read only those look who may read all.
        """
        for commit, path in commits:
            if self._is_elsewhere(commit, path):
                return None
            is_removed = commit.changes.get(path) is Step.REMOVED
            revision = commit.parent if is_removed else commit.revision
            version = self.past.page(revision, path, now=self.edition) if revision else None
            is_known = is_removed and version is not None and version.page is not None
            if not is_known and not (can_write(self.viewer) and self._reads_everything()):
                return None
            if version and version.page:
                return version
        return None

    def reads_page(self, page: Page | PastPage) -> bool:
        """Say whether the reader may read the page at all as it is now, or as it was at last."""
        if isinstance(page, Page):
            return self.reads(page.requirement)
        return page.page is not None and self._reads_folder_of(page) and self._read_then(page, page.page.requirement)

    def reads_all_of(self, page: Page | PastPage) -> bool:
        """Say whether the reader may read every part of a page as it is now, or as it was at last."""
        if isinstance(page, Page):
            return all(self.reads(requirement) for requirement, _ in _parts_of(page))
        return self._reads_folder_of(page) and page.may_read_all(self.viewer, now=self.edition.audiences)

    def sees_version(self, version: PastPage, page: Page | PastPage) -> bool:
        """Say whether the reader may see a version of what is this page now, or was it at last."""
        if version.page is None or not self._read_then(version, version.page.requirement):
            return False
        if isinstance(page, PastPage):
            return self.sees_all_of(version, page)
        return self.reads_page(page) and self._lines_now(page)[1].isdisjoint(self._lines_then(version)[0])

    def hides_from(self, page: Page | PastPage) -> bool:
        """Say whether something of the page as it is is hidden from the reader."""
        return bool(self._lines_now(page)[1])

    def may_have_moved(self, older: PastPage | None, newer: PastPage | Page | None) -> bool:
        """Say whether open text may have gone into what is hidden from the reader, between two states of a page."""
        if older is None or newer is None:
            return False
        if older.page is None or (isinstance(newer, PastPage) and newer.page is None):
            return True
        was_open, was_hidden = self._lines_then(older)
        is_open, is_hidden = self._lines_then(newer) if isinstance(newer, PastPage) else self._lines_now(newer)
        return not is_hidden <= was_hidden and is_open != was_open

    def sees_all_of(self, version: PastPage, page: Page | PastPage | None) -> bool:
        """Say whether nothing of a version is hidden from the reader, nor of the page as it is."""
        if page is None or not version.may_read_all(self.viewer, now=self.edition.audiences):
            return False
        return self.reads_all_of(page)

    def version_for_reader(self, version: PastPage) -> Markup:
        """Return as HTML what the reader sees of a version that they may see."""
        return version.html_for(lambda requirement: self._read_then(version, requirement))

    def says_the_same_now(self, version: PastPage, page: Page | PastPage | None) -> bool:
        """Say whether the page still says to the reader what it said in a version."""
        if not isinstance(page, Page):
            return False
        now = _written(text for one, text in _parts_of(page) if self.reads(one))
        return self._readable(version) == (page.meta, list(now))

    def notices(self, change: Change, page: Page | PastPage | None) -> bool:
        """Say whether the reader learns that there was a change: they may read something of what it touched."""
        if page is None or not self.reads_page(page):
            return False
        known = [one for one in change.versions if one.page]
        if not all(self._read_then(one, one.page.requirement if one.page else None) for one in known):
            return False
        if len(known) < len(change.versions):
            # Nobody can say for whom a version is that could not be read. Those who mend it know of it.
            return can_write(self.viewer) and self.reads_all_of(page)
        return self._readable(change.before) != self._readable(change.after) or self._hidden_of(change) == ([], [])

    def note_of(self, change: Change, page: Page | PastPage) -> str:
        """Return the note of a change that the reader notices, or nothing where it may tell of what they may not read.

        That is where the change, or something else of its commit, touched what they may not read, or not by now.
        """
        before, after = self._hidden_of(change)
        if change.commit.is_housekeeping or not all(one.page for one in change.versions):
            return ""
        if before != after or self._touches_what_is_hidden_now(change, page):
            return ""
        return change.commit.note if self.reads_the_rest_of(change) else ""

    def reads(self, requirement: Requirement) -> bool:
        """Say whether the reader meets a requirement today."""
        return can_read(self.viewer, requirement, audiences=self.edition.audiences)

    def _read_then(self, version: PastPage, requirement: Requirement | None) -> bool:
        return requirement is not None and version.may_read(self.viewer, requirement, now=self.edition.audiences)

    def _reads_everything(self) -> bool:
        return self.reads(Requirement(frozenset(self.edition.audiences.by_name)))

    def _reads_folder_of(self, version: PastPage) -> bool:
        return self.reads(self.edition.folder_requirement(url_of(version.path.removesuffix(".md"))))

    def _is_elsewhere(self, commit: Commit, path: str) -> bool:
        """Say whether a page that is not at its path has moved or been merged, or may have."""
        redirect = self.edition.redirects.get(url_of(path.removesuffix(".md")))
        if redirect and redirect.to:
            return True
        came = (one for one, step in commit.changes.items() if step is Step.ADDED and one.endswith(".md"))
        return commit.changes.get(path) is Step.REMOVED and any(came)

    def _readable(self, version: PastPage | None) -> object:
        if version is None or version.page is None:
            return None
        # What stands between two parts that the reader may read is not there for them.
        return version.page.meta, list(_written(text for one, text in version.parts if self._read_then(version, one)))

    def _hidden_of(self, change: Change) -> tuple[list[str], list[str]]:
        before, after = (
            [text for one, text in version.parts if not self._read_then(version, one)] if version else []
            for version in (change.before, change.after)
        )
        return before, after

    def _touches_what_is_hidden_now(self, change: Change, page: Page | PastPage) -> bool:
        hidden = self._lines_now(page)[1]
        before, after = (
            {line for _, text in version.parts for line in _lines(text)} if version else set()
            for version in (change.before, change.after)
        )
        return not hidden.isdisjoint(before ^ after)

    def _lines_now(self, page: Page | PastPage) -> tuple[set[str], set[str]]:
        if isinstance(page, PastPage):
            return self._lines_then(page)
        return _sorted_lines(_parts_of(page), self.reads)

    def _lines_then(self, version: PastPage) -> tuple[set[str], set[str]]:
        return _sorted_lines(version.parts, lambda requirement: self._read_then(version, requirement))

    def reads_the_rest_of(self, change: Change) -> bool:
        """Say whether the reader may read all else that the commit of a change touched."""
        commit = change.commit
        others = {one for one in map(page_file, commit.changes) if one not in {None, change.path}}
        has_data = any(one.startswith(f"{DATA_FOLDER}/") and one != REDIRECTS for one in commit.changes)
        # Which entries changed is not worked out here, so it is for whoever may read them all.
        if len(others) > MOST_PAGES_FOR_A_NOTE or (has_data and not self._reads_everything()):
            return False
        revisions = [commit.revision, *([commit.parent] if commit.parent else [])]
        places = [(revision, path) for path in others if path for revision in revisions]
        found = self.past.pages(places, now=self.edition)
        return all(
            self._reads_other(commit, path, [one for one in (found[one, path] for one in revisions) if one])
            for path in others
            if path
        )

    def _reads_other(self, commit: Commit, path: str, versions: list[PastPage]) -> bool:
        page = self.page_at(path)
        if page is None:
            # One that went later may have been for fewer by then.
            is_readable_now = commit.changes.get(path) is Step.REMOVED and all(map(self._reads_folder_of, versions))
        else:
            is_readable_now = self.reads_all_of(page)
        return is_readable_now and all(one.may_read_all(self.viewer, now=self.edition.audiences) for one in versions)


def _parts_of(page: Page) -> list[tuple[Requirement, str]]:
    return [(page.requirement.narrowed_by(one.audience), one.markdown) for one in split_by_audience(page.body)]


def _sorted_lines(parts: Iterable[tuple[Requirement, str]], may_read: MayRead) -> tuple[set[str], set[str]]:
    """Return the lines that a reader may read, and those that they may not."""
    lines: tuple[set[str], set[str]] = (set(), set())
    for requirement, text in parts:
        lines[0 if may_read(requirement) else 1].update(_lines(text))
    return lines


def _written(texts: Iterable[str]) -> Iterator[str]:
    return (line.rstrip() for text in texts for line in text.split("\n") if line.strip())


def _lines(text: str) -> set[str]:
    """Return the lines that say something: the fences of blocks, and rules, are the same in every text."""
    return {line.strip() for line in text.split("\n") if not _SAYS_NOTHING.fullmatch(line.strip())}
