"""Put the sections that an index found into the order in which they answer.

The index gives candidates quickly but judges them by their words alone. Here a section is judged as a whole: where it
says what was asked, how much of it, whether a question of its author's asks the same, whether the words stand together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge_base.search.concepts import Candidate, Concept, Passage, Rarity
from knowledge_base.search.words import COMMON_STEMS

# What each part of the judgement counts. Fitted so that, of the sections found for a question of the half to tune on in
# tests/search_questions.yml, the one that answers comes first; checked on the other half.
_FIELDS = {"title": 0.78, "heading": 1.05, "body": 0.33, "keywords": 0.60}
_QUESTIONS = 0.64
_ALL_WORDS = 0.42
_LIKE_A_QUESTION = 0.26
_TOGETHER = 0.12
# Sections say more than a page's opening, which only introduces them; unless just the page's title was asked for.
_OPENING = -0.53
_OPENING_OF_PAGE_MEANT = 0.05

# Just the words of the heading were typed, and no others.
_NAMED = 0.5

_USUAL_BODY = 100
_LENGTH_COUNTS = 0.6


@dataclass(frozen=True)
class Verdict:
    """How well a section answers, only to be compared with others for the same question; and the share it `holds`."""

    score: float
    holds: float


def judge(candidate: Candidate, concepts: Sequence[Concept], rarity: Rarity) -> Verdict:
    """Say how well a section answers."""
    weighed = [(concept, concept.weight * _rarity_of(concept, rarity)) for concept in concepts]
    asked = sum(weight for _, weight in weighed)
    if not asked:
        return Verdict(0.0, 0.0)
    score = held = 0.0
    for concept, weight in weighed:
        said = _said(candidate, concept)
        score += weight * said
        held += weight if said else 0.0
    score += _ALL_WORDS * held
    score += _LIKE_A_QUESTION * _likeness(candidate, weighed, asked)
    score += _TOGETHER * _nearness(candidate.fields.values(), weighed)
    if _is_named(candidate, concepts):
        score += asked * _NAMED
    elif candidate.is_opening:
        score += asked * (_OPENING_OF_PAGE_MEANT if _is_about_page(candidate, concepts) else _OPENING)
    return Verdict(score, held / asked)


_Weighed = Sequence[tuple[Concept, float]]


def _is_named(candidate: Candidate, concepts: Sequence[Concept]) -> bool:
    """Whether the telling words that were typed are those of the heading; of a page's opening, that is its title."""
    typed = {stem for concept in concepts for stem in concept.forms[0].stems} - COMMON_STEMS
    return bool(typed) and typed == set(candidate.fields["heading"].stems) - COMMON_STEMS


def _is_about_page(candidate: Candidate, concepts: Sequence[Concept]) -> bool:
    """Whether only the page's title and keywords hold what was asked: the page's opening then answers best."""
    body = candidate.fields["body"]
    return not any(
        all(stem in body and stem not in COMMON_STEMS for stem in form.stems)
        for concept in concepts
        for form in concept.forms
    )


def _rarity_of(concept: Concept, rarity: Rarity) -> float:
    """Take the commonest form that the asker's pages know: a lay word is as telling as the term it stands for.

    A word of which they know no form tells nothing.
    """
    known = (max(map(rarity, form.stems)) for form in concept.forms if all(map(rarity, form.stems)))
    return min(known, default=0.0)


def _said(candidate: Candidate, concept: Concept) -> float:
    """Sum up where a section says a concept, each place by the form that says it most often."""
    total = 0.0
    for field, passage in candidate.fields.items():
        often = max(form.worth * len(passage.places_of(form.stems)) for form in concept.forms)
        if often:
            if field == "body":
                often /= 1 + _LENGTH_COUNTS * (len(passage) / _USUAL_BODY - 1)
            total += _FIELDS[field] * often / (often + 1)
    often = max(form.worth * len(candidate.questions_that_say(form.stems)) for form in concept.forms)
    return total + _QUESTIONS * often / (often + 1)


def _likeness(candidate: Candidate, weighed: _Weighed, asked: float) -> float:
    """Compare what was asked with the questions that the section answers; `asked` is the weight of all concepts."""
    said = [0.0] * len(candidate.asked)
    for concept, weight in weighed:
        worth: dict[int, float] = {}
        for form in concept.forms:
            for number in candidate.questions_that_say(form.stems):
                worth[number] = max(worth.get(number, 0.0), form.worth)
        for number, one in worth.items():
            said[number] += weight * one
    likest = (
        2 * one * one / (weight + asked) for one, weight in zip(said, candidate.asked_weights, strict=True) if one
    )
    return max(likest, default=0.0)


def _nearness(passages: Iterable[Passage], weighed: _Weighed) -> float:
    """Reward words that were typed side by side and stand close together."""
    telling = [(concept, weight) for concept, weight in weighed if concept.forms[0].stems[0] not in COMMON_STEMS]
    total = 0.0
    for passage in passages:
        for (one, one_weight), (other, other_weight) in pairwise(telling):
            total += min(one_weight, other_weight) * _closeness(passage, one, other)
    return total


def _closeness(passage: Passage, one: Concept, other: Concept) -> float:
    gaps = [
        second - first - 1 if second > first else first - second + 0.5
        for first in passage.places_of(one.forms[0].stems)
        for second in passage.places_of(other.forms[0].stems)
        if first != second
    ]
    # What says both at once ("s20" for "section 20") has them as close as can be.
    both = (form for form in one.forms[1:] if form.worth == 1 and form in other.forms)
    if any(passage.places_of(form.stems) for form in both):
        return 1.0
    return 1 / (1 + min(gaps)) if gaps else 0.0
