"""What a search asks for, word by word, and a section's stems as texts in which the words are quickly found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from knowledge_base.search.words import COMMON_STEMS

Stems = tuple[str, ...]
Rarity = Callable[[str], float]
WeightOf = Callable[[str], float]

_COMMON_IN_WEIGHT = 0.2
# A text that says a word more often than this is not looked through to its end.
_MOST_PLACES = 500


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


def padded(stems: Iterable[str]) -> str:
    """Return stems as one text, each between two spaces of its own: what is padded alike is found only as whole words.

    Python looks through such a text faster than any list of places could be kept for it.
    """
    text = "  ".join(stems)
    return f" {text} " if text else ""


def _padded_text(stems: str) -> str:
    return f" {stems.replace(' ', '  ')} " if stems else ""


def weight_of(asked: str, rarity: Rarity) -> float:
    """Return how telling the words of an author's question are, padded, to whoever they are so rare for."""
    return sum(rarity(stem) * (_COMMON_IN_WEIGHT if stem in COMMON_STEMS else 1) for stem in set(asked.split()))


def places_in(text: str, wanted: str) -> Sequence[int]:
    """Return where wanted stems stand one after the other in a text, as numbers of words, both of them padded."""
    places: list[int] = []
    start, words, at = 0, 0, text.find(wanted)
    while at >= 0 and len(places) < _MOST_PLACES:
        words += text.count("  ", start, at + 1)
        places.append(words)
        start = at + 1
        # A stem may end one match and start the next.
        at = text.find(wanted, start)
    return places


FIELDS = ("title", "heading", "body", "keywords")


@dataclass(frozen=True)
class Candidate:
    """A section that may be an answer: its page, its fields and the questions its author says it answers, all padded.

    Nothing in it depends on who asks.
    """

    page: str
    fields: Mapping[str, str]
    asked: tuple[str, ...]
    is_opening: bool
    body_length: int

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Candidate":
        """Take what the index stores of a section."""
        stems = stored["stems"]
        return cls(
            page=stored["page"],
            fields={name: _padded_text(stems[name]) for name in FIELDS},
            asked=tuple(map(_padded_text, stems["asked"])),
            is_opening=not stored["anchor"],
            body_length=stems["body"].count(" ") + 1 if stems["body"] else 0,
        )

    @cached_property
    def everything(self) -> str:
        """All fields and questions, parted so that no stems stand together across them."""
        return "\n".join((*self.fields.values(), *self.asked))
