"""Offer a correction for words that nothing holds, made of words that the asker may read and of no others."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.search.words import COMMON, words_of

_SHORTEST = 3
_LONG_ENOUGH_FOR_TWO = 6
_SHORTEST_PART = 2
_MOST_CORRECTED = 5

# Of symspellpy only this list is used: 82,765 words in British and American spelling, each with how often it is used.
_WORD_LIST = "frequency_dictionary_en_82_765.txt"

Count = Callable[[str], int]


@cache
def english_words() -> frozenset[str]:
    """Return the words of the language, so that one which happens to be in no page is not taken for a slip."""
    text = files("symspellpy").joinpath(_WORD_LIST).read_text(encoding="utf-8-sig")
    return frozenset(line.partition(" ")[0] for line in text.splitlines())


class Spelling:
    """The words of the documents that one kind of asker may read.

    `lexicon` may hold other words too; `count` must not: it says in how many of the asker's documents a word stands.
    """

    def __init__(self, lexicon: Sequence[str], *, count: Count) -> None:
        self._lexicon = lexicon
        self._count = count

    def correct(self, text: str, *, known: Callable[[str], bool]) -> str | None:
        """Return what was probably meant, or None when no word is unknown, or no unknown one is like another."""
        words = list(words_of(text))
        typed = list(self._joined(words, known))
        unknown = [word for word in dict.fromkeys(typed) if not known(word) and not self._count(word)]
        closest = {word: self._closest(word) for word in unknown[:_MOST_CORRECTED]}
        if typed == words and not any(closest.values()):
            return None
        return " ".join(closest.get(word) or word for word in typed)

    def _joined(self, words: Sequence[str], known: Callable[[str], bool]) -> Iterator[str]:
        """Yield the words, two as one where that is a word and one of the two is not."""
        rest = list(words)
        while rest:
            first, *rest = rest
            if rest and not (known(first) and known(rest[0])) and self._count(first + rest[0]):
                first, *rest = first + rest[0], *rest[1:]
            yield first

    def _closest(self, word: str) -> str | None:
        """Return the likeliest word at one slip's distance, or two that were typed as one, or one at two slips'.

        A slip is a letter too few, too many, wrong, or exchanged with its neighbour. The first letter is rarely wrong.
        """
        if len(word) < _SHORTEST or not word.isalpha():
            return None
        most = 2 if len(word) >= _LONG_ENOUGH_FOR_TWO else 1
        # All that are alike: among a few, words that the asker may not read would take the places of others.
        found = process.extract(word, self._lexicon, scorer=OSA.distance, score_cutoff=most, limit=None)
        ranked = [
            (slips, one[0] != word[0], -self._count(one), one)
            for one, slips, _ in found
            if one.isalpha() and self._count(one)
        ]
        best = min(ranked, default=None)
        if best and best[0] == 1:
            return best[-1]
        return self._split(word) or (best[-1] if best else None)

    def _split(self, word: str) -> str | None:
        """Return two words that were typed as one: of all such pairs, the one whose rarer word is commonest."""
        pairs = [(word[:at], word[at:]) for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)]
        ranked = [(min(map(self._standing, pair)), pair) for pair in pairs]
        best = max(ranked, default=(0, ()))
        return " ".join(best[1]) if best[0] else None

    def _standing(self, word: str) -> int:
        return max(self._count(word), int(word in COMMON))
