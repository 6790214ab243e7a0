"""Offer a correction for words that nothing holds, made of words that the asker may read and of no others."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from knowledge_base.search.words import COMMON, stem_of, words_of

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST = 5
_SHORTEST_PART = 4
_LONG_ENOUGH_FOR_TWO = 7
_MOST_CORRECTED = 5
_SHOWN_FIELDS = ("title", "heading", "body", "reader_words")


class Vocabulary:
    """The words of the documents that one kind of asker may read, and how often each occurs."""

    def __init__(self, words: Iterable[str]) -> None:
        self._counts = Counter(words)
        self._stems = {stem_of(word) for word in self._counts}
        self._by_initial: dict[str, list[str]] = {}
        for word in self._counts:
            self._by_initial.setdefault(word[:1], []).append(word)

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, str]]) -> "Vocabulary":
        """Collect the words of what is stored of some documents."""
        return cls(word for document in documents for field in _SHOWN_FIELDS for word in words_of(document[field]))

    def correct(self, text: str, *, known: Callable[[str], bool] = lambda _word: False) -> str | None:
        """Return what was probably meant, or None when no word is unknown, or no unknown one is like another.

        Words that are `known` for another reason are left alone.
        """

        def is_unknown(word: str) -> bool:
            return not self._knows(word) and not known(word)

        words = list(words_of(text))
        typed = list(self._joined(words, is_unknown))
        unknown = [word for word in dict.fromkeys(typed) if is_unknown(word)]
        closest = {word: self._closest(word) for word in unknown[:_MOST_CORRECTED]}
        if typed == words and not any(closest.values()):
            return None
        return " ".join(closest.get(word) or word for word in typed)

    def _joined(self, words: Sequence[str], is_unknown: Callable[[str], bool]) -> Iterator[str]:
        """Yield the words, two as one where that is a word and one of the two is not."""
        rest = list(words)
        while rest:
            first, *rest = rest
            joined = first + rest[0] if rest else ""
            if joined in self._counts and (is_unknown(first) or is_unknown(rest[0])):
                rest = rest[1:]
                first = joined
            yield first

    def _split(self, word: str) -> str | None:
        """Return two words that were typed as one."""
        for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            if word[:at] in self._counts and word[at:] in self._counts:
                return f"{word[:at]} {word[at:]}"
        return None

    def _knows(self, word: str) -> bool:
        return word in COMMON or stem_of(word) in self._stems

    def _closest(self, word: str) -> str | None:
        """Return the commonest word at one slip's distance, else, for a long one, at two."""
        if len(word) < _SHORTEST or not word.isalpha():
            return None
        candidates = [one for one in _one_slip_away(word) if one in self._counts]
        if not candidates and (split := self._split(word)):
            return split
        if not candidates and len(word) >= _LONG_ENOUGH_FOR_TWO:
            candidates = [one for one in self._by_initial.get(word[:1], ()) if _is_two_slips_away(word, one)]
        return max(candidates, key=lambda one: (self._counts[one], one), default=None)


def _one_slip_away(word: str) -> Iterator[str]:
    """Yield what may have been meant: a letter was too few, too many, wrong, or exchanged with its neighbour."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]


def _is_two_slips_away(word: str, other: str) -> bool:
    return abs(len(word) - len(other)) <= 2 and _distance(word, other) <= 2  # noqa: PLR2004 - as the name says


def _distance(word: str, other: str) -> int:
    """Count the slips between two words: letters added, left out, replaced, or exchanged with a neighbour."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, start=1):
        current = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == wanted:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        before_last, last = last, current
    return last[-1]
