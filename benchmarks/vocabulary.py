"""Make up text that a search meets as it meets the shipped pages' text: with their words, as often, in their company.

A chain of words, each drawn from those that follow its predecessor in the shipped pages, has their frequencies. But a
larger manual also has more words, so rare names are strewn in, of which a longer text has more.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from knowledge_base.search.words import COMMON

WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")

_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ASKED = re.compile(r"^/// asked\n(.*?)^///$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*?)(?:\{#.*\})?$", re.MULTILINE)
# What is Markdown's and not the text's: values, attributes, targets of links, comments, lines of blocks and tables.
_MARKUP = re.compile(r"\{.*?\}|\]\(.*?\)|<!--.*?-->|^///.*$|^    \w+:.*$|^\[\^.*?\]:", re.DOTALL | re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?:|](?:\s|$)|\n\s*\n|\n(?=[-|\d])")
_SHORTEST_SENTENCE = 4
_LONGEST_SENTENCE = 40

_SHARE_OF_NAMES = 0.03
# The number of different names grows with this power of the number of names, as words do in real collections, and so
# many of them are about equally common.
_NAMES_GROW = 0.75
_COMMON_NAMES = 1_000
_SYLLABLES = ("ald", "bar", "cor", "den", "el", "far", "gar", "hol", "kes", "lan", "mar", "nor", "pen", "tor", "wen")
_ENDINGS = ("bury", "field", "ford", "ham", "ley", "stead", "ton", "wick")


class Chain:
    """Draws sentences whose neighbouring words are neighbours in the sentences it has learnt."""

    def __init__(self, sentences: Iterable[Sequence[str]]) -> None:
        self._following: dict[str, list[str]] = {}
        for sentence in sentences:
            for word, following in zip(("", *sentence), (*sentence, ""), strict=True):
                self._following.setdefault(word, []).append(following)

    def sentence(self, chance: Random, *, longest: int = _LONGEST_SENTENCE) -> list[str]:
        """Return the words of a sentence, its last one where the chain ends or, later, where it is cut."""
        words: list[str] = []
        while len(words) < longest and (following := chance.choice(self._following[words[-1] if words else ""])):
            words.append(following)
        return words


@dataclass(frozen=True)
class Vocabulary:
    """What the shipped pages say, what their headings say, and what their readers ask."""

    prose: Chain
    headings: Chain
    asked: Chain

    def sentence(self, chance: Random) -> list[str]:
        """Return the words of a sentence of prose, with a rare name now and then."""
        words: list[str] = []
        while len(words) < _SHORTEST_SENTENCE:
            words = self.prose.sentence(chance)
        return [one for word in words for one in _with_name(word, chance)]


def learn(content: Path) -> Vocabulary:
    """Learn from the pages in a content folder."""
    texts = [_HEADER.sub("", path.read_text(encoding="utf-8")) for path in sorted(content.rglob("*.md"))]
    asked = [line for text in texts for block in _ASKED.findall(text) for line in block.splitlines()]
    headings = [heading for text in texts for heading in _HEADING.findall(text)]
    bodies = (_MARKUP.sub(" ", _HEADING.sub("", _ASKED.sub("", text))) for text in texts)
    sentences = (sentence for body in bodies for sentence in _SENTENCE_END.split(body))
    return Vocabulary(Chain(_worded(sentences)), Chain(_worded(headings)), Chain(_worded(asked)))


def telling_words(words: Iterable[str]) -> list[str]:
    """Return the words without those that say little, as somebody types who is used to searching."""
    return [word for word in words if word.lower() not in COMMON and len(word) > 1]


def _worded(texts: Iterable[str]) -> Iterator[list[str]]:
    return (words for text in texts if (words := WORD.findall(text)))


def _with_name(word: str, chance: Random) -> Iterator[str]:
    yield word
    if chance.random() < _SHARE_OF_NAMES:
        yield _name(int(_COMMON_NAMES * (chance.paretovariate(_NAMES_GROW) - 1)))


def _name(rank: int) -> str:
    """Return the name of a rank: the commonest has 0."""
    rank, ending = divmod(rank, len(_ENDINGS))
    parts = [_ENDINGS[ending]]
    while rank or len(parts) == 1:
        rank, syllable = divmod(rank, len(_SYLLABLES))
        parts.insert(0, _SYLLABLES[syllable])
    return "".join(parts).capitalize()
