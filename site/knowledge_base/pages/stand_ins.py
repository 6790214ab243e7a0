"""Find what may be shown instead of a page whose file is broken: its newest committed version without a fault.

Only where nothing suggests that the broken file was to hide something: it says the same about its audience, and has no
new line that may be meant to narrow it. In any doubt nothing is shown.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Protocol

from knowledge_base.access.audiences import Audiences
from knowledge_base.pages import front_matter
from knowledge_base.pages.front_matter import AUDIENCE, KEYS, FrontMatterError
from knowledge_base.pages.reading import PageFile, page_file_of
from knowledge_base.pages.strict_yaml import YamlError, parse

OUTCOME = "until it is mended, readers get the last version without a fault"

_HEADER = re.compile(r"\A---[ \t]*\n(?P<header>.*?)^---[ \t]*$(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_AUDIENCE_ENTRY = re.compile(r"^audience[ \t]*:.*\n?(?:^[ \t-].*\n?)*", re.MULTILINE)
_KEY = re.compile(r"[\"']?(?P<key>[\w-]+)[\"']?[ \t]*:")
_STAFF_ONLY = re.compile(r"staff[\W_]{0,3}only", re.IGNORECASE)
# How like a key a word must be to be taken for it misspelt.
CLOSE = 0.75

FindStandIn = Callable[[str], PageFile | None]


class Versions(Protocol):
    """The earlier versions of files."""

    def state(self) -> str:
        """Return one word that changes whenever there may be other versions than before."""

    def of(self, path: str) -> Iterator[bytes]:
        """Yield what a file under `content/` was, the newest version first."""


class StandIns:
    """Finds stand-ins, and remembers them until there are other versions."""

    def __init__(self, versions: Versions | None = None) -> None:
        self._versions = versions
        self._state = ""
        self._known: dict[tuple[str, str, frozenset[str]], PageFile | None] = {}

    def finder(
        self, pages: Mapping[str, PageFile], *, audiences: Audiences, changed: Collection[str] = ()
    ) -> FindStandIn:
        """Return what finds the stand-in of one of these pages. There is none for the files named in `changed`."""
        looked: list[bool] = []

        def find(path: str) -> PageFile | None:
            if self._versions is None or f"{path}.md" in changed:
                return None
            if not looked:
                looked.append(True)
                self._forget_if_others(self._versions.state())
            broken = _text_of(pages[path])
            key = (path, broken, frozenset(audiences.by_name))
            if key not in self._known:
                self._known[key] = _find(path, broken, self._versions.of(f"{path}.md"), audiences)
            return self._known[key]

        return find

    def _forget_if_others(self, state: str) -> None:
        if state != self._state:
            self._known.clear()
            self._state = state


def _find(path: str, broken: str, versions: Iterable[bytes], audiences: Audiences) -> PageFile | None:
    if not broken.strip() or not _has_known_audience(broken, audiences):
        return None
    for version in versions:
        good = page_file_of(path, version)
        if not good.faults and _parses(good.header, audiences):
            return good if may_stand_in(_text_of(good), broken, audiences=audiences) else None
    return None


def may_stand_in(good: str, broken: str, *, audiences: Audiences) -> bool:
    """Say whether a broken text leaves who may read it as it was in a good one, beyond any doubt."""
    (old_header, old_body), (new_header, new_body) = _cut(good), _cut(broken)
    if _AUDIENCE_ENTRY.findall(old_header) != _AUDIENCE_ENTRY.findall(new_header):
        return False
    names = {name.casefold() for name in audiences.by_name}
    if any(_may_narrow(line, names) for line in _new_lines(new_header, old_header)):
        return False
    return not any(_STAFF_ONLY.search(line) for line in _new_lines(new_body, old_body))


def _may_narrow(line: str, names: Collection[str]) -> bool:
    """Say whether a line of a header may be meant to say who may read the page."""
    words = line.casefold()
    if "aud" in words or _STAFF_ONLY.search(words):
        return True
    found = _KEY.match(line)
    if found and found["key"] in KEYS:
        return False
    if found and get_close_matches(found["key"], KEYS, n=1, cutoff=CLOSE) in ([], [AUDIENCE]):
        return True
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in names)


def _new_lines(new: str, old: str) -> Iterable[str]:
    return Counter(map(str.strip, new.split("\n"))) - Counter(map(str.strip, old.split("\n")))


def _cut(text: str) -> tuple[str, str]:
    """Return the header and the body. Where it is not clear which is which, all of it counts as both."""
    found = _HEADER.match(text)
    return (found["header"], found["body"]) if found else (text, text)


def _text_of(file: PageFile) -> str:
    return file.text or (f"---\n{file.header}---\n{file.body}" if file.header else "")


def _parses(header: str, audiences: Audiences) -> bool:
    try:
        front_matter.parse(header, audiences=audiences)
    except FrontMatterError:
        return False
    return True


def _has_known_audience(text: str, audiences: Audiences) -> bool:
    """Say whether the header names no audience that does not exist. True for one that is no YAML."""
    try:
        found = parse(_cut(text)[0]).value
    except YamlError:
        return True
    return not isinstance(found, dict) or found.get(AUDIENCE) is None or found[AUDIENCE] in audiences
