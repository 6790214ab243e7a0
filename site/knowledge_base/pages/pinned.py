"""Answers that editors put first for certain searches, as `pinned.yml` lists them."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge_base.access.audiences import Audiences
from knowledge_base.pages.entries import Entry, load_entries
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.strict_yaml import YamlFile

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Address = Annotated[str, StringConstraints(pattern=r"^/[a-z0-9/-]*(#[A-Za-z][\w-]*)?$")]


class Pin(Entry):
    """The searches that one section answers best. The section may be for fewer people than the entry."""

    searches: Annotated[tuple[_Words, ...], Field(min_length=1, max_length=30)]
    leads_to: _Address


@dataclass(frozen=True)
class Pinned:
    """The entries that could be read. What could not is left out, and searches do without it."""

    entries: tuple[Pin, ...] = ()
    faults: tuple[Fault, ...] = ()


def load_pinned(path: YamlFile, *, audiences: Audiences) -> Pinned:
    """Read the file. An entry that is wrong is left out and reported, and the others hold."""
    return Pinned(*load_entries(path, Pin, audiences=audiences))
