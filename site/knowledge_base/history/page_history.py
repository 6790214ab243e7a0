"""The history of one page for one reader."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from knowledge_base.db import LONDON
from knowledge_base.history.log import Entry, Step, read_log
from knowledge_base.history.past import PastPage
from knowledge_base.history.seeing import Change, Eyes
from knowledge_base.pages.files import url_of
from knowledge_base.pages.page import Page
from knowledge_base.repository.repository import Repository

ENTRIES_ON_A_PAGE = 50
AT_ONCE = 20


@dataclass(frozen=True)
class SeenChange:
    """A change as a reader sees it.

    `note` is empty where it is not for them, `may_look` says whether the version is. `until` is when the next one came,
    `is_first` says that nothing is known of the page before it.
    """

    change: Change
    note: str
    may_look: bool
    until: datetime | None = None
    is_first: bool = False

    @property
    def revision(self) -> str:
        """The commit's name."""
        return self.change.commit.revision

    @property
    def at(self) -> datetime:
        """When it was committed."""
        return self.change.commit.at

    @property
    def is_removal(self) -> bool:
        """Whether the page went."""
        return self.change.after is None


class PageHistory:
    """What a reader sees of the history of the page at a path such as `referral/share`. Raises GitError."""

    def __init__(self, repository: Repository, eyes: Eyes, path: str) -> None:
        self._eyes = eyes
        self.page = eyes.edition.page(url_of(path))
        self._entries = read_log(repository, f"{path}.md")
        # The page as it is or, of one that went, as it was at last. None: nothing of it is for the reader.
        self.newest = self.page or eyes.last_of((one.commit, one.path) for one in self._entries)
        # How many of the newest entries are from after the last change that may have hidden what was open before.
        self._looked_through = 0
        self._first_closed: int | None = None
        if self.newest is None or not eyes.hides_from(self.newest):
            self._first_closed = len(self._entries)

    def on_page(self, number: int) -> tuple[tuple[SeenChange, ...], bool]:
        """Return one page of the list, the newest first, and whether there is another after it."""
        start = (number - 1) * ENTRIES_ON_A_PAGE
        found = tuple(islice(self._seen(range(len(self._entries))), start, start + ENTRIES_ON_A_PAGE + 1))
        return found[:ENTRIES_ON_A_PAGE], len(found) > ENTRIES_ON_A_PAGE

    def version(self, revision: str) -> tuple[PastPage, SeenChange] | None:
        """Return a version, and what it came with; None when there is none that the reader may see."""
        places = [place for place, entry in enumerate(self._entries) if entry.revision == revision]
        for seen in self._seen(places):
            if seen.may_look and seen.change.after:
                return seen.change.after, seen
        return None

    def newest_version(self) -> str | None:
        """Return the newest version that the reader may see."""
        return self._first_to_look_at(range(len(self._entries)))

    def version_before(self, revision: str) -> str | None:
        """Return the newest version before another that the reader may see."""
        places = range(len(self._entries))
        place = next((one for one in places if self._entries[one].revision == revision), len(places))
        return self._first_to_look_at(places[place + 1 :])

    def live_on(self, day: date) -> tuple[SeenChange, ...]:
        """Return the changes whose outcome was live at some time of a day in London, the last first."""
        begins = datetime.combine(day, time(), LONDON)
        ends = datetime.combine(day + timedelta(days=1), time(), LONDON)
        found = []
        for seen in self._seen([place for place, entry in enumerate(self._entries) if entry.commit.at < ends]):
            if seen.may_look or seen.is_removal:
                found.append(seen)
            if seen.at <= begins:
                break
        return tuple(found)

    def _seen(self, places: Sequence[int]) -> Iterator[SeenChange]:
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            for place, change in zip(some, self._changes(some), strict=True):
                if self.newest and self._eyes.notices(change, self.newest):
                    may_look = change.after is not None and self._may_look(change.after, self.newest, place)
                    note = self._eyes.note_of(change, self.newest)
                    yield SeenChange(change, note, may_look, self._until(place), self._is_first(place))

    def _may_look(self, version: PastPage, newest: Page | PastPage, place: int) -> bool:
        return self._eyes.sees_version(version, newest) and not self._is_closed(place)

    def _is_closed(self, place: int) -> bool:
        """Say whether open text may have been hidden from the reader since. Goes from now back to the entry, once."""
        while self._first_closed is None and self._looked_through <= place:
            if self._looked_through % AT_ONCE == 0:
                self._read_ahead(self._looked_through)
            older = self._version_at(self._looked_through)
            newer = self._version_at(self._looked_through - 1) if self._looked_through else self.newest
            if self._eyes.may_have_moved(older, newer):
                self._first_closed = self._looked_through
            self._looked_through += 1
        return self._first_closed is not None and place >= self._first_closed

    def _read_ahead(self, place: int) -> None:
        """Read several versions at once, which is much quicker than one by one."""
        some = self._entries[place : place + AT_ONCE]
        self._eyes.past.pages(((one.revision, one.path) for one in some), now=self._eyes.edition)

    def _version_at(self, place: int) -> PastPage | None:
        entry = self._entries[place]
        return self._eyes.past.page(entry.revision, entry.path, now=self._eyes.edition)

    def _first_to_look_at(self, places: Sequence[int]) -> str | None:
        return next((seen.revision for seen in self._seen(places) if seen.may_look), None)

    def _until(self, place: int) -> datetime | None:
        """Return when the next change came that the reader notices: of others nothing is told, not even when."""
        for newer in range(place - 1, -1, -1):
            (change,) = self._changes([newer])
            if self._eyes.notices(change, self.newest):
                return change.commit.at
        return None

    def _changes(self, places: Sequence[int]) -> list[Change]:
        wanted = [(entry, self._older(place)) for place in places for entry in [self._entries[place]]]
        keys = [(one.revision, one.path) for pair in wanted for one in pair if one]
        found = self._eyes.past.pages(keys, now=self._eyes.edition)
        return [
            Change(
                entry.commit,
                entry.path,
                found[older.revision, older.path] if older else None,
                found[entry.revision, entry.path],
            )
            for entry, older in wanted
        ]

    def _is_first(self, place: int) -> bool:
        return self._older(place) is None and self._entries[place].step is Step.ADDED

    def _older(self, place: int) -> Entry | None:
        return self._entries[place + 1] if place + 1 < len(self._entries) else None
