"""What a search asks for, word by word, and a section taken apart so that the words are quickly found in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge_base.search.words import COMMON_STEMS

Stems = tuple[str, ...]
Rarity = Callable[[str], float]

_COMMON_IN_WEIGHT = 0.2


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
class Passage:
    """Stems in their order."""

    stems: Stems

    @cached_property
    def _places(self) -> Mapping[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, stem in enumerate(self.stems):
            places.setdefault(stem, []).append(place)
        return places

    def __contains__(self, stem: str) -> bool:
        return stem in self._places

    def __len__(self) -> int:
        return len(self.stems)

    def places_of(self, wanted: Stems) -> Sequence[int]:
        """Return where the stems stand one after the other."""
        first = self._places.get(wanted[0], ())
        if len(wanted) == 1:
            return first
        return [place for place in first if self.stems[place : place + len(wanted)] == wanted]


FIELDS = ("title", "heading", "body", "keywords")


@dataclass(frozen=True)
class Candidate:
    """A section that may be an answer: its fields, and the questions its author says it answers.

    The weight of each question sums up how telling its words are.
    """

    fields: Mapping[str, Passage]
    asked: tuple[Passage, ...]
    asked_weights: tuple[float, ...]
    is_opening: bool

    @classmethod
    def of(cls, stems: Mapping[str, str | Sequence[str]], *, is_opening: bool, rarity: Rarity) -> "Candidate":
        """Take apart what the index stores of a section's stems."""
        fields = {field: Passage(tuple(str(stems[field]).split())) for field in FIELDS}
        asked = tuple(Passage(tuple(one.split())) for one in stems["asked"])
        return cls(
            fields=fields,
            asked=asked,
            asked_weights=tuple(_weight_of(one, rarity) for one in asked),
            is_opening=is_opening,
        )

    @cached_property
    def _questions_with(self) -> Mapping[str, list[int]]:
        places: dict[str, list[int]] = {}
        for number, passage in enumerate(self.asked):
            for stem in set(passage.stems):
                places.setdefault(stem, []).append(number)
        return places

    def questions_that_say(self, wanted: Stems) -> Sequence[int]:
        """Return the numbers of the questions in which the stems stand one after the other."""
        first = self._questions_with.get(wanted[0], ())
        if len(wanted) == 1:
            return first
        return [number for number in first if self.asked[number].places_of(wanted)]


def _weight_of(passage: Passage, rarity: Rarity) -> float:
    return sum(rarity(stem) * (_COMMON_IN_WEIGHT if stem in COMMON_STEMS else 1) for stem in set(passage.stems))
