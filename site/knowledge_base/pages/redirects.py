"""Old addresses of pages, as `redirects.yml` lists them: where each page is now, or why there is none any more."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from knowledge_base.access.audiences import Audiences, Requirement
from knowledge_base.pages.entries import Entry, load_entries
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import DATA_FOLDER, RESERVED
from knowledge_base.pages.strict_yaml import Text, YamlFile

PATH = f"{DATA_FOLDER}/redirects.yml"

_Address = Annotated[str, StringConstraints(pattern=r"^/[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$")]
_Target = Annotated[str, StringConstraints(pattern=r"^(/|(/[a-z0-9]+(-[a-z0-9]+)*)+)(#[A-Za-z0-9][\w-]*)?$")]


class Redirect(Entry):
    """Where the page of an old address is now. Without `to` it was withdrawn, and `reason` says why."""

    old: Annotated[_Address, Field(alias="from")]
    to: Annotated[_Target | None, BeforeValidator(lambda value: value or None)]
    reason: Text | None = None

    @model_validator(mode="after")
    def _says_why_or_where(self) -> "Redirect":
        if self.to is None and self.reason is None:
            message = "a page without a new address was withdrawn: give the 'reason'"
            raise ValueError(message)
        if self.to is not None and self.reason is not None:
            message = "a page with a new address needs no 'reason': leave one of the two out"
            raise ValueError(message)
        if self.old.split("/")[1] in RESERVED:
            message = f"the address {self.old} belongs to the program"
            raise ValueError(message)
        return self


@dataclass(frozen=True)
class Gone:
    """What became of the page of an old address: its new one, or (`to` empty) the reason why it was withdrawn.

    `requirement` is what the entries themselves ask of a reader.
    """

    to: str
    reason: str
    requirement: Requirement


@dataclass(frozen=True)
class Redirects:
    """The entries that could be read, by their old address. One that is wrong is left out and reported."""

    entries: Mapping[str, Redirect] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def resolved(self, live: Container[str]) -> tuple[dict[str, Gone], list[Fault]]:
        """Return what became of each old address, and what leads in a circle.

        An address at which there is a page (`live`) is not an old one. Where an entry leads to another old address, it
        leads to the end of that at once.
        """
        found: dict[str, Gone] = {}
        faults: list[Fault] = []
        for old in self.entries:
            if old in live:
                continue
            if gone := self._end_of(old, live):
                found[old] = gone
            else:
                faults.append(Fault(PATH, f"{old} leads back to itself: change where it leads, or delete the entry"))
        return found, faults

    def _end_of(self, old: str, live: Container[str]) -> Gone | None:
        requirement, seen = Requirement(), set()
        while old not in seen:
            seen.add(old)
            entry = self.entries[old]
            requirement = requirement.narrowed_by(entry.audience)
            next_one = (entry.to or "").partition("#")[0]
            if next_one in live or next_one not in self.entries:
                return Gone(entry.to or "", entry.reason or "", requirement)
            old = next_one
        return None


def load_redirects(path: YamlFile, *, audiences: Audiences) -> Redirects:
    """Read the file. Of two entries for the same address the first holds."""
    entries, faults = load_entries(path, Redirect, audiences=audiences)
    first: dict[str, Redirect] = {}
    for entry in entries:
        first.setdefault(entry.old, entry)
    twice = [Fault(PATH, f"{entry.old} stands twice: delete one") for entry in entries if first[entry.old] is not entry]
    return Redirects(first, (*faults, *twice))
