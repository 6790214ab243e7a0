"""Suggest pages, sections, terms and past searches while someone types, from those they may read."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.pages.glossary import AREA as GLOSSARY
from knowledge_base.pages.glossary import Glossary
from knowledge_base.search.schema import section_url
from knowledge_base.search.words import words_of

SHORTEST_PREFIX = 2
_LOOKED_AT = 3_000
_LAST = chr(0x10FFFF)


class Kind(StrEnum):
    """What a suggestion leads to. Of two that fit as well, the earlier kind comes first."""

    PAGE = "page"
    TERM = "term"
    SECTION = "section"
    SEARCH = "search"


@dataclass(frozen=True, order=True)
class Suggestion:
    """What may be meant, where it leads, and the title of the page that a section or a term stands on."""

    title: str
    url: str
    kind: Kind = Kind.PAGE
    page: str = ""


class SuggestionList:
    """Suggestions, found by the words in what they are called."""

    def __init__(self, suggestions: Iterable[tuple[Suggestion, str]]) -> None:
        """Take suggestions, each with all the words that it may be found by, its title's first."""
        kept = dict(suggestions)
        self._suggestions: Sequence[Suggestion] = tuple(kept)
        self._texts = [" ".join(words_of(text)) for text in kept.values()]
        # One entry for each word, sorted for bisection.
        self._words = sorted((word, number) for number, text in enumerate(self._texts) for word in set(text.split()))

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, str]], glossary: Glossary) -> "SuggestionList":
        """Collect the titles and headings of what is stored of some documents, and the terms of a glossary."""
        return cls([*_of_terms(glossary), *_of_documents(documents)])

    def starting_with(self, typed: str, *, limit: int) -> tuple[Suggestion, ...]:
        """Return what holds all the words that were typed. The last may be the start of a word."""
        words = list(words_of(typed))
        if not words or len(" ".join(words)) < SHORTEST_PREFIX:
            return ()
        found = self._with_a_word_like(words[-1])
        for word in words[:-1]:
            found &= self._with_a_word_like(word)
        ranked = sorted(found, key=lambda number: self._rank(number, words))
        return tuple(self._suggestions[number] for number in ranked[:limit])

    def _with_a_word_like(self, prefix: str) -> set[int]:
        first = bisect_left(self._words, (prefix,))
        last = bisect_left(self._words, (prefix + _LAST,), lo=first, hi=min(first + _LOOKED_AT, len(self._words)))
        return {number for _, number in self._words[first:last]}

    def _rank(self, number: int, words: Sequence[str]) -> tuple[bool, int, int, int, str]:
        """Put first what has the words as they were typed, then pages before sections, then early words, then short."""
        text = f" {self._texts[number]}"
        place = text.find(" " + " ".join(words))
        suggestion = self._suggestions[number]
        kind = list(Kind).index(suggestion.kind)
        return place < 0, kind, text.find(f" {words[0]}") if place < 0 else place, len(text), suggestion.title


def _of_documents(documents: Iterable[Mapping[str, str]]) -> Iterator[tuple[Suggestion, str]]:
    for document in documents:
        if not document["anchor"]:
            yield Suggestion(document["title"], section_url(document)), document["title"]
        elif not f"{document['page']}/".startswith(f"{GLOSSARY}/"):
            heading = document["heading"]
            yield Suggestion(heading, section_url(document), Kind.SECTION, document["title"]), heading


def _of_terms(glossary: Glossary) -> Iterator[tuple[Suggestion, str]]:
    for term in glossary.terms:
        title = f"{term.name} ({', '.join(term.short_forms)})" if term.short_forms else term.name
        yield Suggestion(title, term.url, Kind.TERM, "Glossary"), " ".join([title, *term.other_names])
