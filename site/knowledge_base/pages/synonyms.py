"""Other words for the same thing, as `synonyms.yml` lists them for searches."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from knowledge_base.access.audiences import Audiences
from knowledge_base.pages.entries import Entry, load_entries
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.strict_yaml import YamlFile

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_WordList = Annotated[tuple[_Words, ...], Field(max_length=30)]


class Synonym(Entry):
    """Either words that are the `same`, or `words` that readers type and what those `mean` on the pages."""

    same: _WordList = ()
    words: _WordList = ()
    mean: _WordList = ()

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> "Synonym":
        two_way = len(self.same) > 1 and not self.words and not self.mean
        one_way = not self.same and bool(self.words and self.mean)
        if not (two_way or one_way):
            message = "give either 'same' with two or more words, or both 'words' and 'mean'"
            raise ValueError(message)
        return self

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What may be typed, and what that stands for."""
        if self.same:
            return tuple((one, other) for one in self.same for other in self.same if one != other)
        return tuple((word, meant) for word in self.words for meant in self.mean)


@dataclass(frozen=True)
class Synonyms:
    """The entries that could be read. What could not is left out, and searches do without it."""

    entries: tuple[Synonym, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __hash__(self) -> int:
        """Look only at how many there are: they are the key of a cache that each search asks."""
        return hash((len(self.entries), len(self.faults)))

    @cached_property
    def audiences(self) -> frozenset[str]:
        """Those that the entries are for."""
        return frozenset(one.audience for one in self.entries)


def load_synonyms(path: YamlFile, *, audiences: Audiences) -> Synonyms:
    """Read the file. An entry that is wrong is left out and reported, and the others hold."""
    return Synonyms(*load_entries(path, Synonym, audiences=audiences))
