"""Decide who may read what. Pure functions: the unknown person, audience or section means no."""

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge_base.access.audiences import Audiences, Requirement


@dataclass(frozen=True)
class Viewer:
    """Whoever asks: a signed-in person or nobody in particular. Roles never widen what may be read.

    While a person views the site as another reader, this is that reader: `viewing_as` says who that is, `person` is who
    really asks, and roles are empty. Of a reader who stands for an audience nothing else is known: such a one has no
    groups but the name of the audience in `in_audience`.
    """

    account_id: int | None = None
    name: str = ""
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    in_audience: str = ""
    viewing_as: str = ""
    person: "Viewer | None" = None

    @property
    def is_signed_in(self) -> bool:
        """Whether we know who this is."""
        return self.account_id is not None

    @property
    def real(self) -> "Viewer":
        """The person who really asks."""
        return self.person or self


ANONYMOUS = Viewer()


def can_read(viewer: Viewer, requirement: Requirement, *, audiences: Audiences) -> bool:
    """Say whether the viewer is in every audience that the requirement names.

    Whoever views the site as another reader must be in them too, so that nothing is ever gained by it.
    """
    if viewer.person and not can_read(viewer.person, requirement, audiences=audiences):
        return False
    return all(_is_in(viewer, name, audiences) for name in requirement.audiences)


def audiences_of(viewer: Viewer, audiences: Audiences) -> frozenset[str]:
    """Return the names of the audiences that the viewer is in, besides everyone's."""
    return frozenset(
        name for name in audiences.by_name if can_read(viewer, Requirement(frozenset({name})), audiences=audiences)
    )


def readable(viewer: Viewer, requirements: Iterable[Requirement], *, audiences: Audiences) -> frozenset[Requirement]:
    """Return those of the requirements that the viewer meets."""
    return frozenset(one for one in requirements if can_read(viewer, one, audiences=audiences))


def _is_in(viewer: Viewer, name: str, audiences: Audiences) -> bool:
    groups = audiences.groups_of(name)
    if viewer.in_audience:
        # Everybody in the one audience is in the other too.
        known = audiences.groups_of(viewer.in_audience)
        return bool(known) and known <= groups
    return not viewer.groups.isdisjoint(groups)
