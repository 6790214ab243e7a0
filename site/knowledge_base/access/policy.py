"""Decide who may read what. Pure functions: the unknown person, audience or section means no."""

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge_base.access.audiences import Audiences, Requirement


@dataclass(frozen=True)
class Viewer:
    """Whoever asks: a signed-in person or nobody in particular. Roles never widen what may be read."""

    account_id: int | None = None
    name: str = ""
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    @property
    def is_signed_in(self) -> bool:
        """Whether we know who this is."""
        return self.account_id is not None


ANONYMOUS = Viewer()


def can_read(viewer: Viewer, requirement: Requirement, *, audiences: Audiences) -> bool:
    """Say whether the viewer is in every audience that the requirement names."""
    return all(viewer.groups & audiences.groups_of(name) for name in requirement.audiences)


def readable(viewer: Viewer, requirements: Iterable[Requirement], *, audiences: Audiences) -> frozenset[Requirement]:
    """Return those of the requirements that the viewer meets."""
    return frozenset(one for one in requirements if can_read(viewer, one, audiences=audiences))
