"""Put the sections that an index found into the order in which they answer.

The index gives candidates quickly but judges each field by itself. Here a section is judged as a whole: how much it
holds of what was asked, whether its heading says it, and whether the words stand together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge_base.search.words import COMMON_STEMS, stems_of

# How much a word counts in each field, and how much the field's length takes away from that. Chosen by measurement:
# `search evaluate` on one half of tests/questions.yml, checked on the other.
_WORTH = {"title": 2.5, "heading": 2.5, "body": 1.0, "keywords": 1.2}
_LENGTH_COUNTS = {"title": 0.5, "heading": 0.0, "body": 0.6, "keywords": 0.0}
_USUAL_LENGTH = {"title": 5, "heading": 5, "body": 100, "keywords": 20}
_SATURATION = 3.0
_ALL_WORDS = 1.0
_HEADING_SAYS_IT = 0.5
_TOGETHER = 0.5
# Sections say more than an opening, which only introduces them.
_OPENING = 0.9
_SUPERSEDED = 0.9

Stems = tuple[str, ...]
Rarity = Callable[[str], float]


@dataclass(frozen=True)
class Form:
    """One way to say something: stems that stand one after the other. `worth` is 1 for what was typed."""

    stems: Stems
    worth: float = 1.0


@dataclass(frozen=True)
class Concept:
    """What was asked for by one word: the word and other ways to say it. `weight` is low for words that ask."""

    forms: tuple[Form, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Candidate:
    """The stems of a section's fields, and what else bears on its place."""

    fields: Mapping[str, Stems]
    is_opening: bool
    is_superseded: bool

    @classmethod
    def of(cls, document: Mapping[str, str]) -> "Candidate":
        """Take apart what the index stores of a section."""
        fields = {field: tuple(stems_of(document[field])) for field in _WORTH}
        return cls(fields, not document["anchor"], document["status"] == "superseded")


def score(candidate: Candidate, concepts: Sequence[Concept], rarity: Rarity) -> float:
    """Say how well a section answers. Only to be compared with another's score for the same concepts."""
    weights = [concept.weight * _rarity_of(concept, rarity) for concept in concepts]
    asked = sum(weights)
    if not asked:
        return 0.0
    counts = [_count(candidate, concept) for concept in concepts]
    total = sum(
        weight * count * (_SATURATION + 1) / (count + _SATURATION)
        for weight, count in zip(weights, counts, strict=True)
    )
    held = sum(weight for weight, count in zip(weights, counts, strict=True) if count) / asked
    total *= 1 + _ALL_WORDS * held
    total += _HEADING_SAYS_IT * _share_of_heading(candidate, concepts, weights, rarity)
    total += _TOGETHER * _nearness(candidate, concepts, weights)
    if candidate.is_opening and not _is_about_page(candidate, concepts):
        total *= _OPENING
    return total * (_SUPERSEDED if candidate.is_superseded else 1)


def _is_about_page(candidate: Candidate, concepts: Sequence[Concept]) -> bool:
    """Whether only the page's title and keywords hold what was asked: the page's opening then answers best."""
    body = set(candidate.fields["body"]) - COMMON_STEMS
    return not any(body.issuperset(form.stems) for concept in concepts for form in concept.forms)


def _rarity_of(concept: Concept, rarity: Rarity) -> float:
    """Take the commonest form that the asker's pages know: a lay word is as telling as the term it stands for."""
    return min(max(rarity(stem) for stem in form.stems) for form in concept.forms)


def _count(candidate: Candidate, concept: Concept) -> float:
    """Count the concept in all fields, by the form that makes most of it."""
    return max(
        form.worth
        * sum(
            _WORTH[field] * occurrences / (1 + _LENGTH_COUNTS[field] * (len(stems) / _USUAL_LENGTH[field] - 1))
            for field, stems in candidate.fields.items()
            if (occurrences := len(_places(stems, form.stems)))
        )
        for form in concept.forms
    )


def _places(stems: Stems, wanted: Stems) -> list[int]:
    first = [place for place, stem in enumerate(stems) if stem == wanted[0]]
    if len(wanted) == 1:
        return first
    return [place for place in first if stems[place : place + len(wanted)] == wanted]


def _share_of_heading(
    candidate: Candidate, concepts: Sequence[Concept], weights: Sequence[float], rarity: Rarity
) -> float:
    """Reward a heading that says what was asked and little else."""
    heading = candidate.fields["heading"]
    all_of_it = sum(rarity(stem) * (0.2 if stem in COMMON_STEMS else 1) for stem in set(heading))
    said = sum(
        weight * max((form.worth for form in concept.forms if _places(heading, form.stems)), default=0)
        for concept, weight in zip(concepts, weights, strict=True)
    )
    return said * said / all_of_it if all_of_it else 0.0


def _nearness(candidate: Candidate, concepts: Sequence[Concept], weights: Sequence[float]) -> float:
    """Reward words that were typed side by side and stand close together."""
    telling = [
        (concept.forms[0].stems, weight)
        for concept, weight in zip(concepts, weights, strict=True)
        if concept.forms[0].stems[0] not in COMMON_STEMS
    ]
    total = 0.0
    for stems in candidate.fields.values():
        kept = tuple(stem for stem in stems if stem not in COMMON_STEMS)
        for (one, one_weight), (other, other_weight) in pairwise(telling):
            gaps = [
                second - first - 1 if second > first else first - second + 0.5
                for first in _places(kept, one)
                for second in _places(kept, other)
                if first != second
            ]
            if gaps:
                total += min(one_weight, other_weight) / (1 + min(gaps))
    return total
