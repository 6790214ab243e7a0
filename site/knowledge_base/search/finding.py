"""Find the sections that answer what was typed, or what was probably meant, and put the best first."""

from dataclasses import dataclass, replace

from knowledge_base.pages.glossary import is_glossary
from knowledge_base.pages.page import Status
from knowledge_base.search.answers import Answer, answers_for, pinned_for
from knowledge_base.search.expansions import Expansions, expansions_for
from knowledge_base.search.query import Question, question_for
from knowledge_base.search.ranking import Verdict, judge, prepare
from knowledge_base.search.snapshot import Asker, View
from knowledge_base.search.spelling import english_words
from knowledge_base.search.words import COMMON, words_of

MOST_SHOWN = 100
_FEW = 20
# Where few sections hold all words, those with any are looked at: the ones that hold about as much as the best do.
_LEAST_SHARE = 0.4
_MOST_PHRASES_READ = 300
_SUPERSEDED = 0.6
_OVERDUE = 0.9
# A definition explains a word; what to do stands elsewhere. Who asks for the meaning gets an answer box.
_GLOSSARY = 0.96


@dataclass(frozen=True)
class Found:
    """What was found, as numbers of sections in the view.

    `matching` are all that answer, `best` in order the MOST_SHOWN best of those that may be shown, of which there are
    `shown`. `answers` stand above them. `correction` is what was looked for instead of what was typed.
    """

    question: Question
    matching: frozenset[int] = frozenset()
    shown: int = 0
    best: tuple[int, ...] = ()
    answers: tuple[Answer, ...] = ()
    correction: str | None = None


def find(view: View, text: str, asker: Asker, *, exact: bool = False, among: set[int] | None = None) -> Found:
    """Find what was typed or, unless it must be `exact`, where a word of it is unknown, what was probably meant.

    `among` narrows what is shown and not what is counted as matching.
    """
    # What stands in quotation marks is meant as it is, and so is a slip that editors have pinned an answer to.
    may_correct = not exact and '"' not in text and not pinned_for(view, text, asker)
    if may_correct and (found := _find_corrected(view, text, asker, among, keep=english_words())):
        return found
    found = _find(view, text, asker, among)
    if found.matching or not may_correct:
        return found
    return _find_corrected(view, text, asker, among, keep=frozenset()) or found


def _find_corrected(
    view: View, text: str, asker: Asker, among: set[int] | None, *, keep: frozenset[str]
) -> Found | None:
    """Find what was probably meant, if anything is like what was typed. The words to `keep` are not corrected."""
    correction = _correction(view, text, expansions_for(asker.edition, asker.may_read), keep)
    if not correction:
        return None
    found = _find(view, correction, asker, among)
    return replace(found, correction=correction) if found.matching else None


def _correction(view: View, text: str, expansions: Expansions, keep: frozenset[str]) -> str | None:
    """Correct words that nothing the asker may read has."""

    def is_known(word: str) -> bool:
        # A slip may have the stem of a word that is known: "referal" has that of "refer".
        is_form = view.holds(word) and (word in english_words() or not word.isalpha())
        return word in COMMON or word in keep or is_form or expansions.know(word) or view.spells(word)

    if all(is_known(word) for word in words_of(text)):
        return None
    return view.spelling.correct(text, known=is_known)


def _find(view: View, text: str, asker: Asker, among: set[int] | None) -> Found:
    question = question_for(text, expansions_for(asker.edition, asker.may_read))
    if not question.concepts:
        return Found(question)
    verdicts = _Verdicts(view, question)
    matching = view.matching(question.all_words)
    if question.phrases:
        matching = _with_phrases(view, question, matching)
    elif len(matching) < _FEW:
        matching |= _with_about_as_much(view, question, matching, verdicts)
    pinned = pinned_for(view, text, asker)
    matching |= set(pinned)
    shown = matching if among is None else matching & among
    # The index need not choose where all can be judged.
    many = len(shown) > MOST_SHOWN
    candidates = view.best(question.any_word, limit=MOST_SHOWN, among=shown) if many else sorted(shown)
    best = _in_order(view, candidates, asker, verdicts)
    answers = answers_for(view, text, asker, best)
    matching |= {one.number for one in answers}
    answers = tuple(one for one in answers if among is None or one.number in among)
    said = [one.number for one in answers if one.is_first or one.number not in best]
    best = tuple(dict.fromkeys([*(number for number in pinned if number in shown), *said, *best]))[:MOST_SHOWN]
    return Found(question, frozenset(matching), len(shown.union(said)), best, answers)


class _Verdicts(dict[int, Verdict]):
    """How well sections answer, by their numbers. Each is judged once, when it is first looked up."""

    def __init__(self, view: View, question: Question) -> None:
        super().__init__()
        self._view = view
        self._prepared = prepare(question, view.rarity, view.weight_of)

    def __missing__(self, number: int) -> Verdict:
        self[number] = judge(self._view.candidate(number), self._prepared)
        return self[number]


def _with_about_as_much(view: View, question: Question, known: set[int], verdicts: _Verdicts) -> set[int]:
    """Return the sections with any word that hold nearly as much of what was asked as the best of them."""
    others = view.best(question.any_word, limit=MOST_SHOWN)
    enough = _LEAST_SHARE * max((verdicts[number].holds for number in {*others, *known}), default=0)
    return {number for number in others if verdicts[number].holds >= enough}


def _with_phrases(view: View, question: Question, matching: set[int]) -> set[int]:
    """Keep the sections, of the best, in which each phrase stands as it was typed."""
    read = view.best(question.any_word, limit=_MOST_PHRASES_READ, among=matching)
    return {number for number in read if _says_all(view, number, question)}


def _says_all(view: View, number: int, question: Question) -> bool:
    stored = view.stored(number)
    texts = [" ".join(words_of(stored[field])) for field in ("title", "heading", "body")]
    phrases = [" ".join(phrase) for phrase in question.phrases]
    return all(any(f" {phrase} " in f" {text} " for text in texts) for phrase in phrases)


def _in_order(view: View, numbers: list[int], asker: Asker, verdicts: _Verdicts) -> tuple[int, ...]:
    scores = {}
    for number in numbers:
        score = verdicts[number].score
        standing = _standing(view, number, asker)
        # A score may be negative, and less of it would be more.
        scores[number] = score * standing if score > 0 else score / standing
    # Among equals by address: the order in the index tells which page was changed last, if only in what others read.
    return tuple(sorted(numbers, key=lambda number: (-scores[number], view.candidate(number).page, number)))


def _standing(view: View, number: int, asker: Asker) -> float:
    """Put definitions, and pages that were replaced or not reviewed in time, behind others that answer as well."""
    page = asker.edition.page(view.candidate(number).page)
    if page is None or page.meta.status is Status.SUPERSEDED:
        return _SUPERSEDED
    return (_OVERDUE if page.is_overdue(asker.today) else 1.0) * (_GLOSSARY if is_glossary(page) else 1.0)
