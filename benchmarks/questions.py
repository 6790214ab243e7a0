"""Make up what people type: words of a section, whole questions, and either with a slip in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from benchmarks.corpus import Corpus
from benchmarks.vocabulary import Vocabulary, telling_words

_SEED = "questions"
_SHORTEST, _LONGEST = 2, 8
_LONG_ENOUGH_FOR_SLIP = 5
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Kind(StrEnum):
    """What somebody types: some words, a question, or some words of which one is misspelt."""

    WORDS = "words"
    QUESTION = "question"
    TYPO = "typo"


@dataclass(frozen=True)
class Question:
    """What somebody types, and in which groups they are."""

    text: str
    kind: str
    groups: frozenset[str] = frozenset()

    @property
    def asked_by(self) -> str:
        """What the tables call whoever asks."""
        return "staff" if self.groups else "anonymous"


# In ten searches. Who asks changes with each ten.
_KINDS = (*[Kind.WORDS] * 5, *[Kind.QUESTION] * 4, Kind.TYPO)
_ASKERS = (frozenset[str](), frozenset({"staff"}))


def questions_about(corpus: Corpus, vocabulary: Vocabulary) -> Iterator[Question]:
    """Yield questions without end, the same each time."""
    chance = Random(_SEED)
    open_passages = [passage.words for passage in corpus.passages if passage.is_open]
    all_passages = [passage.words for passage in corpus.passages]
    while True:
        for groups in _ASKERS:
            for kind in _KINDS:
                passage = chance.choice(all_passages if groups else open_passages)
                words = _asked(vocabulary, chance) if kind is Kind.QUESTION else _some_of(passage, chance)
                text = " ".join(words) if kind is not Kind.TYPO else _with_slip(words, chance)
                yield Question(text, kind, groups)


def hard_questions(corpus: Corpus) -> tuple[Question, ...]:
    """Return what should cost a search most, each kind once, asked by whoever may read most."""
    common = [word for word, _ in corpus.words.most_common() if telling_words([word])]
    chance = Random(_SEED)
    long = [word for word in common if len(word) > _LONG_ENOUGH_FOR_SLIP and word.isalpha()]
    texts = {
        "the 2 commonest words": " ".join(common[:2]),
        "the 8 commonest words": " ".join(common[:8]),
        "the 25 commonest words": " ".join(common[:25]),
        "8 words misspelt": " ".join(_slip(word, chance) for word in long[100:108]),
        "a phrase of common words": f'"{common[0]} {common[1]}" {common[2]}',
        "a word that nothing has": "qzxwvkjq",
        "200 letters without a space": "".join(chance.choices(_LETTERS, k=200)),
        "40 unknown words of 4 letters": " ".join("".join(chance.choices(_LETTERS, k=4)) for _ in range(40)),
        "only small words": "what do i do if it is not for me",
    }
    return tuple(Question(text, kind, frozenset({"staff"})) for kind, text in texts.items())


def _asked(vocabulary: Vocabulary, chance: Random) -> list[str]:
    words: list[str] = []
    while len(words) <= _SHORTEST:
        words = vocabulary.asked.sentence(chance, longest=_LONGEST)
    return words


def _some_of(passage: Sequence[str], chance: Random) -> list[str]:
    """Return some telling words of the passage in its order; of one that has few, any."""
    words = telling_words(passage)
    words = words if len(words) >= _SHORTEST else list(passage)
    wanted = min(len(words), chance.randint(_SHORTEST, _LONGEST))
    places = sorted(chance.sample(range(len(words)), wanted))
    return [words[place].lower() for place in places]


def _with_slip(words: Sequence[str], chance: Random) -> str:
    """Misspell one of the longer words."""
    longest = max(words, key=lambda word: (word.isalpha(), len(word)))
    return " ".join(_slip(word, chance) if word == longest else word for word in words)


def _slip(word: str, chance: Random) -> str:
    """Leave a letter out, put one in, put another in its place, or exchange it with its neighbour."""
    if len(word) < _LONG_ENOUGH_FOR_SLIP:
        return word
    at = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    other = chance.choice(_LETTERS)
    middles = (after, f"{other}{letter}{after}", f"{other}{after}", f"{after[0]}{letter}{after[1:]}")
    return before + chance.choice(middles)
