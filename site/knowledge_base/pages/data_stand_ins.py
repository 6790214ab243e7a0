"""Find what may be used instead of a data file that cannot be read: its newest committed version that can be.

Only where nothing suggests that the broken file was to hide something: no entry of it names an audience that it did not
name before. There is none for the file that says who is in which audience: while that is in doubt, nobody is in any.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from knowledge_base.access.audiences import OPEN, Audiences
from knowledge_base.pages.files import DATA_FOLDER, FileNotReadError, read_content
from knowledge_base.pages.reading import DataFiles, digest_of, read_data_files
from knowledge_base.pages.stand_ins import OUTCOME, Versions
from knowledge_base.pages.strict_yaml import LARGEST_FILE

STANDING = frozenset(f"{DATA_FOLDER}/{name}.yml" for name in ("contacts", "council", "pinned", "sources", "synonyms"))
_OPEN_LINE = re.compile(rf"(?:- +)?audience: *[\"']?{OPEN}[\"']?")
_LAST_WORD = re.compile(r"[\w-]+(?=[\"']?$)")


class DataStandIns:
    """Finds stand-ins, and remembers them as long as the broken file and the history stay as they are."""

    def __init__(self, content: Path, versions: Versions | None = None) -> None:
        self._content = content
        self._versions = versions
        self._known: dict[str, tuple[object, bytes | None]] = {}

    def complete(self, data: DataFiles, *, changes: Mapping[str, bytes | None] | None = None) -> DataFiles:
        """Return the data files with stand-ins for those that cannot be read, but not for those that a change names."""
        changed = {path: to for path, to in (changes or {}).items() if path.startswith(f"{DATA_FOLDER}/")}
        broken = {fault.path: fault for fault in data.faults if fault.is_whole and not fault.may_pass}
        wanted = broken.keys() & STANDING - changed.keys()
        good = {path: found for path in wanted if (found := self._find(path, data.audiences)) is not None}
        if not good:
            return data
        read = read_data_files(self._content, {**changed, **good})
        faults = [replace(broken[path], message=f"{broken[path].message}; {OUTCOME}") for path in sorted(good)]
        return replace(read, faults=(*read.faults, *faults), digest=digest_of(f"{read.digest} {faults}"))

    def _find(self, path: str, audiences: Audiences) -> bytes | None:
        if self._versions is None:
            return None
        try:
            broken = read_content(self._content / path, largest=LARGEST_FILE).decode("utf-8-sig", "replace")
        except FileNotReadError:
            return None
        state = (broken, self._versions.state(), frozenset(audiences.by_name))
        if path not in self._known or self._known[path][0] != state:
            self._known[path] = state, self._newest(path, broken, audiences)
        return self._known[path][1]

    def _newest(self, path: str, broken: str, audiences: Audiences) -> bytes | None:
        for version in self._versions.of(path) if self._versions else ():
            read = read_data_files(self._content, {path: version})
            if not any(fault.is_whole for fault in read.faults if fault.path == path):
                return version if may_stand_in(version.decode("utf-8-sig"), broken, audiences=audiences) else None
        return None


def may_stand_in(good: str, broken: str, *, audiences: Audiences) -> bool:
    """Say whether a broken text names no audience in any entry that the good one does not name in the same."""
    return set(_narrowing(broken, audiences)) <= set(_narrowing(good, audiences))


def _narrowing(text: str, audiences: Audiences) -> Iterator[tuple[str, str]]:
    """Yield the lines that may say for whom an entry is, each with the entry's first line."""
    entry, names = "", {name.casefold() for name in audiences.by_name}
    for line in text.splitlines():
        words = line.strip()
        if line[:1] not in {"", " ", "\t", "#"}:
            entry = words
        last = _LAST_WORD.search(words.casefold())
        is_name = last is not None and last[0] in names and len(words.split()) <= 3  # noqa: PLR2004 - "- key: name"
        if ("aud" in words.casefold() or is_name) and not _OPEN_LINE.fullmatch(words):
            yield entry, words
