"""Audiences: named sets of groups, defined by editors in `content/_data/audiences.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

OPEN = "open"


class AudiencesError(Exception):
    """What the audiences file says cannot be used, so nobody is in any audience."""


class Audience(BaseModel):
    """A person in any of `groups` is in the audience. A misspelt key is an error, not an open door."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: str
    description: str
    groups: tuple[str, ...] = Field(min_length=1, strict=False)


@dataclass(frozen=True)
class Requirement:
    """The audiences that a reader must all be in. None means open to everyone.

    A page has its own audience and that of every folder above it, so going down the tree only narrows.
    """

    audiences: frozenset[str] = frozenset()

    def narrowed_by(self, audience: str | None) -> "Requirement":
        """Return this requirement with one audience more."""
        return self if audience in {None, OPEN} else Requirement(self.audiences | {str(audience)})

    @property
    def is_open(self) -> bool:
        """Whether everyone may read."""
        return not self.audiences

    @property
    def key(self) -> str:
        """One word for the requirement, the same for equal ones: `open`, `staff`, `members+staff`."""
        return OPEN if self.is_open else "+".join(sorted(self.audiences))

    @classmethod
    def from_key(cls, key: str) -> "Requirement":
        """Return the requirement that has this key."""
        return cls() if key == OPEN else cls(frozenset(key.split("+")))


@dataclass(frozen=True)
class Audiences:
    """The audiences that exist. `open` always does."""

    by_name: Mapping[str, Audience] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name == OPEN or name in self.by_name

    def groups_of(self, name: str) -> frozenset[str]:
        """Return the groups of an audience: none for one that does not exist, so that nobody is in it."""
        audience = self.by_name.get(name)
        return frozenset(audience.groups) if audience else frozenset()

    def names_for(self, groups: frozenset[str]) -> frozenset[str]:
        """Return the audiences that a person of these groups is in, besides everyone's."""
        return frozenset(name for name in self.by_name if groups & self.groups_of(name))

    def title_of(self, name: str) -> str:
        """Return what people call the audience."""
        audience = self.by_name.get(name)
        return audience.title if audience else name


def audiences_from(found: object) -> Audiences:
    """Make audiences of what the audiences file holds. Raises AudiencesError when any of it is wrong."""
    try:
        by_name = TypeAdapter(dict[str, Audience]).validate_python(found)
    except ValidationError as error:
        one = error.errors(include_url=False)[0]
        message = f"'{'.'.join(map(str, one['loc']))}': {one['msg']}"
        raise AudiencesError(message) from error
    if OPEN in by_name:
        message = f"'{OPEN}' always means everyone and cannot be defined."
        raise AudiencesError(message)
    wrong = sorted(name for name in by_name if not name.replace("-", "").isalnum())
    if wrong:
        message = f"'{wrong[0]}' is not a name of letters, digits and hyphens."
        raise AudiencesError(message)
    return Audiences(by_name)
