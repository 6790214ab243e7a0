"""What someone typed becomes a question to the index: first for all of the words, then for any of them.

There is no query language. A wildcard would cost seconds of computing, and a field's name would reach into what is not
meant for readers; only a phrase in quotation marks is more than its words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from whoosh.query import And, Or, Query, Term

from knowledge_base.search.concepts import Concept, Form, Stems
from knowledge_base.search.expansions import NO_EXPANSIONS, Expansions
from knowledge_base.search.words import ASKING_STEMS, COMMON_STEMS, stems_of, words_of

LONGEST_QUERY = 200
_COMMON_WEIGHT = 0.2
_ASKING_WEIGHT = 0.4

_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class Question:
    """What is asked for: concepts in the order typed, and phrases as folded words that must stand as they are.

    Common words ("who do I tell") decide the order and not what is found, unless there are no others.
    """

    concepts: tuple[Concept, ...]
    phrases: tuple[tuple[str, ...], ...] = ()

    @property
    def needed(self) -> tuple[Concept, ...]:
        """The concepts that decide what is found."""
        return tuple(one for one in self.concepts if not is_common(one)) or self.concepts

    @property
    def all_words(self) -> Query:
        """Ask for sections with every word that is needed."""
        return And([_said(concept) for concept in self.needed])

    @property
    def any_word(self) -> Mapping[str, float]:
        """Ask for sections with any stem that is needed, or any of another form of it, by what each is worth."""
        worths: dict[str, float] = {}
        for form in (form for concept in self.needed for form in concept.forms):
            for stem in _telling(form.stems):
                worths[stem] = max(form.worth, worths.get(stem, 0.0))
        return worths


def clean(typed: str) -> str:
    """Return what was typed as one line of printable characters, cut to a sensible length."""
    printable = "".join(character if character.isprintable() else " " for character in typed[: 4 * LONGEST_QUERY])
    straight = re.sub("[“”„«»]", '"', printable)
    return " ".join(straight.split())[:LONGEST_QUERY].strip()


def question_for(text: str, expansions: Expansions = NO_EXPANSIONS) -> Question:
    """Turn cleaned text into a question. Other ways to say a word find as the word does, and count for less."""
    stems = list(stems_of(text))
    other_forms = expansions.of(stems)
    concepts = tuple(
        Concept((Form((stem,)), *other_forms.get(stem, ())), _weight_of(stem)) for stem in dict.fromkeys(stems)
    )
    phrases = (tuple(words_of(quoted)) for quoted in _QUOTED.findall(text))
    return Question(concepts, tuple(phrase for phrase in phrases if phrase))


def is_common(concept: Concept) -> bool:
    """Say whether what was typed is a word that says little about what a text is for."""
    return concept.forms[0].stems[0] in COMMON_STEMS


def _said(concept: Concept) -> Query:
    return Or([_together(form) for form in concept.forms])


def _together(form: Form) -> Query:
    """Ask for all stems of a form; for its common words only where there are no others."""
    return And([Term("words", stem) for stem in _telling(form.stems)])


def _telling(stems: Stems) -> Iterable[str]:
    return [stem for stem in stems if stem not in COMMON_STEMS] or stems


def _weight_of(stem: str) -> float:
    if stem in COMMON_STEMS:
        return _COMMON_WEIGHT
    return _ASKING_WEIGHT if stem in ASKING_STEMS else 1.0
