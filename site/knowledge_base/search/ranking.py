"""Put the sections that an index found into the order in which they answer.

The index gives candidates quickly but judges them by their words alone. Here a section is judged as a whole: where it
says what was asked, how much of it, whether a question of its author's asks the same, whether the words stand together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge_base.search.concepts import Candidate, Concept, Rarity, WeightOf, padded, places_in
from knowledge_base.search.query import Question, is_common
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
    """How well a section answers, only to be compared with others for the same question.

    `holds` is the share of what is needed that the section has.
    """

    score: float
    holds: float


@dataclass(frozen=True)
class _Form:
    wanted: str
    worth: float


@dataclass(frozen=True)
class _Wanted:
    """A concept as it is looked for. `telling` are the forms without common words, stem by stem."""

    forms: tuple[_Form, ...]
    weight: float
    is_needed: bool
    telling: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Pair:
    """Two telling words that were typed side by side, and what says both at once ("s20" for "section 20")."""

    first: str
    second: str
    both: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class Prepared:
    """A question with all that does not depend on the section worked out once, for one asker."""

    concepts: tuple[_Wanted, ...]
    pairs: tuple[_Pair, ...]
    typed: frozenset[str]
    weight: float
    needed_weight: float
    weight_of: WeightOf


def prepare(question: Question, rarity: Rarity, weight_of: WeightOf) -> Prepared:
    """Weigh a question's words by how telling they are to whoever asks, as authors' questions are by `weight_of`."""
    needed = question.needed
    concepts = tuple(
        _wanted(concept, concept.weight * _rarity_of(concept, rarity), is_needed=concept in needed)
        for concept in question.concepts
    )
    return Prepared(
        concepts=concepts,
        pairs=tuple(_pairs(question.concepts, [one.weight for one in concepts])),
        typed=frozenset(stem for one in question.concepts for stem in one.forms[0].stems) - COMMON_STEMS,
        weight=sum(one.weight for one in concepts),
        needed_weight=sum(one.weight for one in concepts if one.is_needed),
        weight_of=weight_of,
    )


def _wanted(concept: Concept, weight: float, *, is_needed: bool) -> _Wanted:
    telling = (form.stems for form in concept.forms if COMMON_STEMS.isdisjoint(form.stems))
    return _Wanted(
        forms=tuple(_Form(padded(form.stems), form.worth) for form in concept.forms),
        weight=weight,
        is_needed=is_needed,
        telling=tuple(tuple(padded([stem]) for stem in stems) for stems in telling),
    )


def _pairs(concepts: Sequence[Concept], weights: Sequence[float]) -> Iterator[_Pair]:
    telling = [pair for pair in zip(concepts, weights, strict=True) if not is_common(pair[0])]
    for (one, one_weight), (other, other_weight) in pairwise(telling):
        both = (form.stems for form in one.forms[1:] if form.worth == 1 and form in other.forms)
        yield _Pair(_typed(one), _typed(other), tuple(map(padded, both)), min(one_weight, other_weight))


def _typed(concept: Concept) -> str:
    return padded(concept.forms[0].stems)


def _rarity_of(concept: Concept, rarity: Rarity) -> float:
    """Take the commonest form that the asker's pages know: a lay word is as telling as the term it stands for.

    A word of which they know no form tells nothing.
    """
    known = (max(map(rarity, form.stems)) for form in concept.forms if all(map(rarity, form.stems)))
    return min(known, default=0.0)


def judge(candidate: Candidate, question: Prepared) -> Verdict:
    """Say how well a section answers."""
    if not question.weight:
        return Verdict(0.0, 0.0)
    score = held = needed = 0.0
    likeness: dict[str, float] = {}
    for concept in question.concepts:
        if forms := [form for form in concept.forms if form.wanted in candidate.everything]:
            often, worths = _questions_that_say(candidate, forms)
            score += concept.weight * (_said(candidate, forms) + _QUESTIONS * often / (often + 1))
            held += concept.weight
            needed += concept.weight if concept.is_needed else 0.0
            for asked, worth in worths.items():
                likeness[asked] = likeness.get(asked, 0.0) + concept.weight * worth
    score += _ALL_WORDS * held
    score += _LIKE_A_QUESTION * _likest(likeness, question)
    score += _TOGETHER * _nearness(candidate, question.pairs)
    score += question.weight * _standing(candidate, question)
    return Verdict(score, needed / question.needed_weight if question.needed_weight else 0.0)


def _said(candidate: Candidate, forms: Sequence[_Form]) -> float:
    """Sum up where a section says a concept, each place by the form that says it most often."""
    total = 0.0
    for field, text in candidate.fields.items():
        often = max(form.worth * text.count(form.wanted) for form in forms) if text else 0.0
        if often:
            if field == "body":
                often /= 1 + _LENGTH_COUNTS * (candidate.body_length / _USUAL_BODY - 1)
            total += _FIELDS[field] * often / (often + 1)
    return total


def _questions_that_say(candidate: Candidate, forms: Iterable[_Form]) -> tuple[float, dict[str, float]]:
    """Return how often the author's questions say a concept, and what each that does is worth."""
    often = 0.0
    worths: dict[str, float] = {}
    for form in forms:
        asked = [one for one in candidate.asked if form.wanted in one]
        often = max(often, form.worth * len(asked))
        for one in asked:
            worths[one] = max(worths.get(one, 0.0), form.worth)
    return often, worths


def _likest(likeness: Mapping[str, float], question: Prepared) -> float:
    """Compare what was asked, and how much that weighs, with the questions that the section answers."""
    weight, weight_of = question.weight, question.weight_of
    return max((2 * one * one / (weight_of(asked) + weight) for asked, one in likeness.items()), default=0.0)


def _standing(candidate: Candidate, question: Prepared) -> float:
    """Say what the section gains or loses by what it is: named by what was typed, or the opening of a page."""
    if question.typed and question.typed == set(candidate.fields["heading"].split()) - COMMON_STEMS:
        return _NAMED
    if not candidate.is_opening:
        return 0.0
    return _OPENING_OF_PAGE_MEANT if _is_about_page(candidate, question) else _OPENING


def _is_about_page(candidate: Candidate, question: Prepared) -> bool:
    """Whether only the page's title and keywords hold what was asked: the page's opening then answers best."""
    body = candidate.fields["body"]
    return not any(all(stem in body for stem in form) for concept in question.concepts for form in concept.telling)


def _nearness(candidate: Candidate, pairs: Iterable[_Pair]) -> float:
    """Reward words that were typed side by side and stand close together."""
    everything, texts = candidate.everything, [text for text in candidate.fields.values() if text]
    return sum(
        pair.weight * sum(_closeness(text, pair) for text in texts)
        for pair in pairs
        if (pair.first in everything and pair.second in everything) or any(both in everything for both in pair.both)
    )


def _closeness(text: str, pair: _Pair) -> float:
    if any(both in text for both in pair.both):
        return 1.0
    if pair.first not in text or pair.second not in text:
        return 0.0
    if pair.first + pair.second in text:
        return 1.0
    # Of places in their order, only neighbours can be the closest.
    places = sorted(
        [(one, False) for one in places_in(text, pair.first)] + [(one, True) for one in places_in(text, pair.second)]
    )
    gaps = [
        place - before + (-1.0 if is_second else 0.5)
        for (before, was_second), (place, is_second) in pairwise(places)
        if was_second != is_second
    ]
    return 1 / (1 + min(gaps))
