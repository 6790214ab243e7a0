"""Suggest titles and headings as someone types, from those they may read."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge_base.search.schema import section_url
from knowledge_base.search.words import words_of

SHORTEST_PREFIX = 2
_LOOKED_AT = 500


@dataclass(frozen=True, order=True)
class Suggestion:
    """A title or a heading, and where it leads."""

    title: str
    url: str


class TitleList:
    """Titles and headings, found by what any of their words starts with."""

    def __init__(self, suggestions: Iterable[tuple[Suggestion, bool]]) -> None:
        # One entry for each word that a title could be recognised by, sorted for bisection.
        self._entries = sorted(
            (text, not is_page, position, suggestion)
            for suggestion, is_page in suggestions
            for position, text in enumerate(_endings(suggestion.title))
        )

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, str]]) -> "TitleList":
        """Collect the titles and headings of what is stored of some documents."""
        return cls(_suggestions(documents))

    def starting_with(self, typed: str, *, limit: int) -> tuple[Suggestion, ...]:
        """Return what has a word that starts with what was typed, or several in that order: pages before sections."""
        prefix = " ".join(words_of(typed))
        if len(prefix) < SHORTEST_PREFIX:
            return ()
        first = bisect_left(self._entries, (prefix,))
        found: dict[Suggestion, tuple[bool, int, str]] = {}
        for text, is_section, position, suggestion in self._entries[first : first + _LOOKED_AT]:
            if not text.startswith(prefix):
                break
            rank = (is_section, position, text)
            found[suggestion] = min(rank, found.get(suggestion, rank))
        return tuple(sorted(found, key=lambda one: (found[one], one))[:limit])


def _suggestions(documents: Iterable[Mapping[str, str]]) -> Iterator[tuple[Suggestion, bool]]:
    for document in documents:
        is_page = not document["anchor"]
        title = document["title"] if is_page else document["heading"]
        yield Suggestion(title, section_url(document)), is_page


def _endings(title: str) -> Iterator[str]:
    words = list(words_of(title))
    return (" ".join(words[start:]) for start in range(len(words)))
