"""Decide what of the history a reader may see: what they may read now, and might have read then.

Of a version a reader sees the parts that they might have read then. Text that was open once and stands in a part for
staff now, in whatever words, is for staff: so a reader from whom something of the page is hidden sees no version from
before a change that hid more and changed the open text as well, and none with a line that is hidden from them now.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import Viewer, can_read
from knowledge_base.history.log import Commit
from knowledge_base.history.past import Past, PastPage
from knowledge_base.pages.attachments import page_of
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.files import DATA_FOLDER, FILES_FOLDER, url_of
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.redirects import PATH as REDIRECTS
from knowledge_base.publishing.permission import can_write

# What changed more pages at once has no note that could be shown beside one of them.
MOST_PAGES_FOR_A_NOTE = 50


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

    def reads_page(self, page: Page) -> bool:
        """Say whether the reader may read the page at all as it is now."""
        return self.reads(page.requirement)

    def reads_all_of(self, page: Page) -> bool:
        """Say whether the reader may read every part of a page as it is now."""
        return all(self.reads(requirement) for requirement, _ in _parts_of(page))

    def sees_version(self, version: PastPage, page: Page | None) -> bool:
        """Say whether the reader may see a version of what is this page now (None: of a page that went)."""
        if version.page is None or not self._read_then(version, version.page.requirement):
            return False
        if page is None:
            return self.sees_all_of(version, None)
        return self.reads_page(page) and self._lines_now(page)[1].isdisjoint(self._lines_then(version)[0])

    def hides_from(self, page: Page | None) -> bool:
        """Say whether something of the page as it is is hidden from the reader."""
        return page is not None and bool(self._lines_now(page)[1])

    def may_have_moved(self, older: PastPage | None, newer: PastPage | Page | None) -> bool:
        """Say whether open text may have gone into what is hidden from the reader, between two states of a page."""
        if older is None or newer is None:
            return False
        if older.page is None or (isinstance(newer, PastPage) and newer.page is None):
            return True
        was_open, was_hidden = self._lines_then(older)
        is_open, is_hidden = self._lines_then(newer) if isinstance(newer, PastPage) else self._lines_now(newer)
        return not is_hidden <= was_hidden and is_open != was_open

    def sees_all_of(self, version: PastPage, page: Page | None) -> bool:
        """Say whether nothing of a version is hidden from the reader, nor of the page as it is."""
        if not version.may_read_all(self.viewer, now=self.edition.audiences):
            return False
        return self.reads_all_of(page) if page else self.reads(self._folder_of(version.path))

    def version_for_reader(self, version: PastPage) -> Markup:
        """Return as HTML what the reader sees of a version that they may see."""
        return version.html_for(lambda requirement: self._read_then(version, requirement))

    def notices(self, change: Change, page: Page | None) -> bool:
        """Say whether the reader learns that there was a change: they may read something of what it touched."""
        if not (self.reads_page(page) if page else self.reads(self._folder_of(change.path))):
            return False
        known = [one for one in change.versions if one.page]
        if not all(self._read_then(one, one.page.requirement if one.page else None) for one in known):
            return False
        if len(known) < len(change.versions):
            # Nobody can say for whom a version is that could not be read. Those who mend it know of it.
            return can_write(self.viewer) and (page is None or self.reads_all_of(page))
        return self._readable(change.before) != self._readable(change.after) or self._hidden_of(change) == ([], [])

    def note_of(self, change: Change, page: Page | None) -> str:
        """Return the note of a change that the reader notices, or nothing where it may tell of what they may not read.

        That is where the change touched a part that they may not read, or one that they may not read by now, and where
        the same commit changed something else that they may not read.
        """
        before, after = self._hidden_of(change)
        if change.commit.is_housekeeping or not all(one.page for one in change.versions):
            return ""
        if before != after or self._touches_what_is_hidden_now(change, page):
            return ""
        return change.commit.note if self._reads_the_rest_of(change) else ""

    def reads(self, requirement: Requirement) -> bool:
        """Say whether the reader meets a requirement today."""
        return can_read(self.viewer, requirement, audiences=self.edition.audiences)

    def _read_then(self, version: PastPage, requirement: Requirement | None) -> bool:
        return requirement is not None and version.may_read(self.viewer, requirement, now=self.edition.audiences)

    def _folder_of(self, path: str) -> Requirement:
        return self.edition.folder_requirement(url_of(path.removesuffix(".md")))

    def _readable(self, version: PastPage | None) -> object:
        if version is None or version.page is None:
            return None
        return version.page.meta, [text for one, text in version.parts if self._read_then(version, one)]

    def _hidden_of(self, change: Change) -> tuple[list[str], list[str]]:
        before, after = (
            [text for one, text in version.parts if not self._read_then(version, one)] if version else []
            for version in (change.before, change.after)
        )
        return before, after

    def _touches_what_is_hidden_now(self, change: Change, page: Page | None) -> bool:
        hidden = self._lines_now(page)[1] if page else set()
        before, after = (
            {line for _, text in version.parts for line in _lines(text)} if version else set()
            for version in (change.before, change.after)
        )
        return not hidden.isdisjoint(before ^ after)

    def _lines_now(self, page: Page) -> tuple[set[str], set[str]]:
        return _sorted_lines(_parts_of(page), self.reads)

    def _lines_then(self, version: PastPage) -> tuple[set[str], set[str]]:
        return _sorted_lines(version.parts, lambda requirement: self._read_then(version, requirement))

    def _reads_the_rest_of(self, change: Change) -> bool:
        commit = change.commit
        others = {one for one in map(_page_file, commit.changes) if one not in {None, change.path}}
        if any(one.startswith(f"{DATA_FOLDER}/") and one != REDIRECTS for one in commit.changes):
            # Which entries changed is not worked out here, so it is for whoever may read them all.
            everything = Requirement(frozenset(self.edition.audiences.by_name))
            if not self.reads(everything):
                return False
        if len(others) > MOST_PAGES_FOR_A_NOTE:
            return False
        revisions = [commit.revision, *([commit.parent] if commit.parent else [])]
        places = [(revision, path) for path in others if path for revision in revisions]
        found = self.past.pages(places, now=self.edition)
        return all(
            self._reads_other(path, filter(None, (found[one, path] for one in revisions))) for path in others if path
        )

    def _reads_other(self, path: str, versions: Iterable[PastPage]) -> bool:
        page = self.edition.page(url_of(path.removesuffix(".md")))
        is_readable_now = self.reads_all_of(page) if page else self.reads(self._folder_of(path))
        return is_readable_now and all(one.may_read_all(self.viewer, now=self.edition.audiences) for one in versions)


def _parts_of(page: Page) -> list[tuple[Requirement, str]]:
    return [(page.requirement.narrowed_by(one.audience), one.markdown) for one in split_by_audience(page.body)]


def _sorted_lines(parts: Iterable[tuple[Requirement, str]], may_read: MayRead) -> tuple[set[str], set[str]]:
    """Return the lines that a reader may read, and those that they may not."""
    lines: tuple[set[str], set[str]] = (set(), set())
    for requirement, text in parts:
        lines[0 if may_read(requirement) else 1].update(_lines(text))
    return lines


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n") if line.strip()}


def _page_file(path: str) -> str | None:
    """Return the page that a file is or belongs to. None for what is neither."""
    if FILES_FOLDER in path.split("/"):
        return f"{page_of(path)}.md"
    return path if path.endswith(".md") else None
