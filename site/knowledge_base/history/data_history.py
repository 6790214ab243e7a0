"""The history of one data file, for somebody who writes and may know of every entry: now, and in each version since.

Where the list comes to a version with an entry that is not for them, it ends: of an older one nobody can say whether it
holds what was meant to be kept from them later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import dropwhile, islice

from knowledge_base.access.audiences import OPEN, Audiences, AudiencesError, Requirement, audiences_from
from knowledge_base.access.policy import can_read
from knowledge_base.db import LONDON
from knowledge_base.history.log import Entry, Step, read_log
from knowledge_base.history.seeing import Change, Eyes
from knowledge_base.pages import strict_yaml
from knowledge_base.pages.strict_yaml import Value, YamlError
from knowledge_base.publishing.permission import AUDIENCE, AUDIENCES_FILE
from knowledge_base.repository.repository import Repository

AT_ONCE = 20
ENTRIES_ON_A_PAGE = 50


@dataclass(frozen=True)
class SeenVersion:
    """A version as its reader sees it, with the commit that it came with. `text` is empty where the file went.

    `until` is when the next one came; `is_first` says that nothing is known of the file before it. `note` is empty
    where it may tell of what is not for the reader.
    """

    change: Entry
    text: str
    note: str
    until: datetime | None
    is_first: bool

    @property
    def revision(self) -> str:
        """The commit's name."""
        return self.change.revision

    @property
    def at(self) -> datetime:
        """When it was committed."""
        return self.change.commit.at

    @property
    def is_removal(self) -> bool:
        """Whether the file went."""
        return self.change.step is Step.REMOVED

    @property
    def may_look(self) -> bool:
        """Whether there is a text to look at."""
        return not self.is_removal


class DataHistory:
    """The history of the data file at a path such as `_data/contacts.yml`. Raises GitError."""

    def __init__(self, repository: Repository, eyes: Eyes, path: str) -> None:
        self._eyes = eyes
        self._path = path
        self._entries = read_log(repository, path)

    def may_know(self, content: bytes | None) -> bool:
        """Say whether the reader may know of every entry of the file as it is now."""
        return self._sees(content, self._eyes.edition.audiences)

    def on_page(self, number: int) -> tuple[tuple[SeenVersion, ...], bool]:
        """Return one page of the list, the newest first, and whether there is another after it."""
        start = (number - 1) * ENTRIES_ON_A_PAGE
        found = tuple(islice(self._seen(), start, start + ENTRIES_ON_A_PAGE + 1))
        return found[:ENTRIES_ON_A_PAGE], len(found) > ENTRIES_ON_A_PAGE

    def version(self, revision: str) -> SeenVersion | None:
        """Return a version with a text, if the reader may see it."""
        return next((one for one in self._seen() if one.revision == revision and one.may_look), None)

    def newest_version(self) -> str | None:
        """Return the newest version that the reader may see."""
        return next((one.revision for one in self._seen() if one.may_look), None)

    def version_before(self, revision: str) -> str | None:
        """Return the version before another that the reader may see."""
        older = dropwhile(lambda one: one.revision != revision, self._seen())
        return next((one.revision for one in islice(older, 1, None) if one.may_look), None)

    def live_on(self, day: date) -> tuple[SeenVersion, ...]:
        """Return the versions that were live at some time of a day in London, the last first."""
        begins = datetime.combine(day, time(), LONDON)
        ends = datetime.combine(day + timedelta(days=1), time(), LONDON)
        found = []
        for one in self._seen():
            if one.at < ends:
                found.append(one)
            if one.at <= begins:
                break
        return tuple(found)

    def _seen(self) -> Iterator[SeenVersion]:
        newer: tuple[Entry, bytes | None, datetime | None] | None = None
        for place, (entry, content) in enumerate(self._readable()):
            if newer:
                yield self._version(*newer, is_note_for_them=True)
            newer = (entry, content, newer[0].commit.at if newer else None)
            is_first = place + 1 == len(self._entries)
            if is_first:
                yield self._version(*newer, is_note_for_them=True, is_first=True)
                return
        if newer:
            # What it changed is not for the reader.
            yield self._version(*newer, is_note_for_them=False)

    def _version(
        self,
        entry: Entry,
        content: bytes | None,
        until: datetime | None,
        *,
        is_note_for_them: bool,
        is_first: bool = False,
    ) -> SeenVersion:
        note = entry.commit.note if is_note_for_them and self._reads_the_rest_of(entry) else ""
        return SeenVersion(entry, _text(content), note, until, is_first and entry.step is Step.ADDED)

    def _readable(self) -> Iterator[tuple[Entry, bytes | None]]:
        """Yield the versions back to the last one that is not for the reader, which is not among them."""
        blobs = self._eyes.past.blobs
        for start in range(0, len(self._entries), AT_ONCE):
            some = self._entries[start : start + AT_ONCE]
            found = blobs.read((one.revision, path) for one in some for path in (one.path, AUDIENCES_FILE))
            for entry in some:
                content, then = found[entry.revision, entry.path], found[entry.revision, AUDIENCES_FILE]
                if not self._sees(content, _audiences(then)):
                    return
                yield entry, content

    def _sees(self, content: bytes | None, then: Audiences) -> bool:
        now = self._eyes.edition.audiences
        names = frozenset() if content is None else _audiences_in(content)
        # What cannot be read is for whoever may know of all there is.
        needed = Requirement(frozenset(now.by_name) if names is None else names)
        return all(can_read(self._eyes.viewer, needed, audiences=one) for one in (now, then))

    def _reads_the_rest_of(self, entry: Entry) -> bool:
        commit = entry.commit
        if commit.is_housekeeping:
            return False
        is_alone = set(commit.changes) == {entry.path}
        return is_alone or self._eyes.reads_the_rest_of(Change(commit, entry.path, None, None))


@lru_cache(maxsize=500)
def _audiences_in(content: bytes) -> frozenset[str] | None:
    """Return the audiences that the entries of a file are for. None for a file that cannot be read."""
    if AUDIENCE.encode() not in content:
        return frozenset()
    try:
        found = strict_yaml.parse(content.decode("utf-8-sig")).value
    except (YamlError, UnicodeDecodeError):
        return None
    entries = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return frozenset(name for entry in entries for name in _audience_of(entry) if name != OPEN)


def _audience_of(entry: Value) -> Iterator[str]:
    if isinstance(entry, dict) and AUDIENCE in entry:
        # One that is no word is nobody's.
        yield name if isinstance(name := entry[AUDIENCE] or OPEN, str) else ""


@lru_cache(maxsize=100)
def _audiences(content: bytes | None) -> Audiences:
    """Return the audiences of then. Where they cannot be read nobody was in any."""
    try:
        return audiences_from(strict_yaml.parse((content or b"").decode("utf-8-sig")).value or {})
    except (YamlError, UnicodeDecodeError, AudiencesError):
        return Audiences()


def _text(content: bytes | None) -> str:
    return (content or b"").decode("utf-8-sig", "replace").replace("\r\n", "\n")
