"""Other ways to say what was typed: abbreviations and names of the glossary, synonyms, and sections of an act.

Only what the asker may read says so: a term or a synonym of staff must not show itself by what others find.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.glossary import Glossary, Term
from knowledge_base.pages.page import MayRead
from knowledge_base.pages.synonyms import Synonyms
from knowledge_base.search.concepts import Form, Stems
from knowledge_base.search.words import COMMON_STEMS, stems_of, words_of

_WORTH = 0.25
_SECTION = re.compile(r"s(\d+[a-z]?)")
_NUMBER = re.compile(r"\d+[a-z]?")


class Expansions:
    """What may be typed, and other forms of it."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._forms: dict[Stems, list[Form]] = {}
        self._words: set[str] = set()
        for typed, meant in pairs:
            key, stems = tuple(stems_of(typed)), tuple(stems_of(meant))
            form = Form(stems, _WORTH)
            if key and stems and key != stems and not COMMON_STEMS.issuperset(key):
                self._words.update(words_of(typed))
                known = self._forms.setdefault(key, [])
                if form not in known:
                    known.append(form)
        self._longest = max(map(len, self._forms), default=0)

    def know(self, word: str) -> bool:
        """Whether a folded word is part of something that has other forms."""
        return word in self._words

    def of(self, stems: Sequence[str]) -> dict[str, list[Form]]:
        """Return the other forms of each stem, alone or together with its neighbours. The longest match counts."""
        found: dict[str, list[Form]] = {}
        place = 0
        while place < len(stems):
            length, forms = self._longest_at(stems, place)
            for stem in stems[place : place + length]:
                if forms and stem not in COMMON_STEMS:
                    found.setdefault(stem, []).extend(form for form in forms if form not in found.get(stem, ()))
            place += length
        return found

    def _longest_at(self, stems: Sequence[str], place: int) -> tuple[int, list[Form]]:
        for length in range(max(2, self._longest), 0, -1):
            span = tuple(stems[place : place + length])
            if len(span) == length and (forms := [*self._forms.get(span, ()), *_sections(span)]):
                return length, forms
        return 1, []


NO_EXPANSIONS = Expansions()


def expansions_for(edition: Edition, may_read: MayRead) -> Expansions:
    """Return the expansions for somebody who may read that much."""
    synonyms = edition.synonyms
    readable = frozenset(one for one in synonyms.audiences if may_read(Requirement().narrowed_by(one)))
    return _expansions(edition.glossary_for(may_read), synonyms, readable)


@lru_cache(maxsize=32)
def _expansions(glossary: Glossary, synonyms: Synonyms, audiences: frozenset[str]) -> Expansions:
    of_terms = (pair for term in glossary.terms for pair in _pairs_of(term))
    readable = (one for one in synonyms.entries if one.audience in audiences)
    return Expansions([*of_terms, *(pair for synonym in readable for pair in synonym.pairs)])


def _pairs_of(term: Term) -> Iterator[tuple[str, str]]:
    """Lead from short forms to the name and back, and from other names to the name."""
    for short in term.short_forms:
        yield short, term.name
        yield term.name, short
    for other in term.other_names:
        yield other, term.name


def _sections(span: Stems) -> tuple[Form, ...]:
    """Let "s20", "s.20" and "section 20" stand for each other."""
    if len(span) == 1 and (joined := _SECTION.fullmatch(span[0])):
        number = joined[1]
    elif len(span) == 2 and span[0] in {"s", "section"} and _NUMBER.fullmatch(span[1]):  # noqa: PLR2004 - a pair
        number = span[1]
    else:
        return ()
    spellings: tuple[Stems, ...] = ((f"s{number}",), ("s", number), ("section", number))
    return tuple(Form(one) for one in spellings if one != span)
