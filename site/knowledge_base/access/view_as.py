"""Whom a person may view the site as, and for how long. Pure rules: viewing as another reader never shows more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from knowledge_base.access.audiences import Audiences
from knowledge_base.access.policy import Viewer, audiences_of

LASTS = timedelta(hours=1)
# A publisher checks what a page gives away, an administrator whom it is given to.
ROLES = frozenset({"admin", "publisher"})


class Whom(StrEnum):
    """What kind of reader stands for all like them."""

    ANONYMOUS = "anonymous"
    AUDIENCE = "audience"
    GROUP = "group"


class End(StrEnum):
    """Why it came to its end, as the record tells it."""

    CHOSEN = "they chose to"
    SIGNED_OUT = "they signed out"
    SIGN_IN_OVER = "their sign-in was over"
    TIME_OVER = "the hour was over"
    GROUPS_CHANGED = "their groups changed"
    NOT_ALLOWED = "they may not do so any more"


@dataclass(frozen=True)
class Choice:
    """A reader to view the site as: nobody in particular, somebody in an audience, or somebody in one group only."""

    whom: Whom
    name: str = ""

    @property
    def key(self) -> str:
        """One word for the choice: `anonymous`, `audience:staff`, `group:staff`."""
        return f"{self.whom}:{self.name}" if self.name else self.whom

    @classmethod
    def from_key(cls, key: str) -> "Choice | None":
        """Return the choice that has this key, or None when it is not the key of any."""
        whom, _, name = key.partition(":")
        choice = cls(Whom(whom), name) if whom in set(Whom) else None
        return choice if choice and bool(name) != (choice.whom is Whom.ANONYMOUS) else None

    def title(self, audiences: Audiences) -> str:
        """Name the reader within a sentence, as in "viewing the site as the group staff"."""
        if self.whom is Whom.AUDIENCE:
            return f"the audience {audiences.title_of(self.name)}"
        return f"the group {self.name}" if self.whom is Whom.GROUP else "an anonymous reader"


ANONYMOUS_READER = Choice(Whom.ANONYMOUS)


@dataclass(frozen=True)
class Viewing:
    """That a person views the site as another reader. It belongs to one sign-in and to the groups they had then.

    `number` is the row of the record that tells of the start.
    """

    choice: Choice
    title: str
    holder: str
    groups: frozenset[str]
    started_at: datetime
    number: int

    def end(self, person: Viewer, *, holder: str, audiences: Audiences, now: datetime) -> End | None:
        """Say why it has come to its end, or None while it goes on."""
        if holder != self.holder or not person.is_signed_in:
            return End.SIGN_IN_OVER
        if not self.started_at <= now < self.started_at + LASTS:
            return End.TIME_OVER
        if person.groups != self.groups:
            return End.GROUPS_CHANGED
        return None if may_view_as(self.choice, person, audiences=audiences) else End.NOT_ALLOWED

    def as_mapping(self) -> dict[str, object]:
        """Return it as plain values, for a signed cookie."""
        return {
            "choice": self.choice.key,
            "title": self.title,
            "holder": self.holder,
            "groups": sorted(self.groups),
            "started_at": self.started_at.timestamp(),
            "number": self.number,
        }

    @classmethod
    def of_mapping(cls, found: object) -> "Viewing | None":
        """Return what `as_mapping` was given, or None for anything else."""
        try:
            return cls._read(found) if isinstance(found, Mapping) else None
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    @classmethod
    def _read(cls, found: Mapping[str, object]) -> "Viewing | None":
        choice = Choice.from_key(str(found["choice"]))
        groups, started_at, number = found["groups"], found["started_at"], found["number"]
        if choice is None or not isinstance(groups, list) or not isinstance(started_at, float | int):
            return None
        return cls(
            choice=choice,
            title=str(found["title"]),
            holder=str(found["holder"]),
            groups=frozenset(map(str, groups)),
            started_at=datetime.fromtimestamp(started_at, UTC),
            number=int(str(number)),
        )


def choices_for(person: Viewer, *, audiences: Audiences) -> tuple[Choice, ...]:
    """Return all that the person may view the site as."""
    groups = sorted({group for audience in audiences.by_name.values() for group in audience.groups})
    known = (
        ANONYMOUS_READER,
        *(Choice(Whom.AUDIENCE, name) for name in audiences.by_name),
        *(Choice(Whom.GROUP, group) for group in groups),
    )
    return tuple(choice for choice in known if may_view_as(choice, person, audiences=audiences))


def may_view_as(choice: Choice, person: Viewer, *, audiences: Audiences) -> bool:
    """Say whether the person may view the site as this reader: only if they may read all that the reader may.

    A requirement asks for several audiences at once, so whoever is in all audiences that the reader is in meets every
    requirement that the reader meets, in whatever folders and pages it is made up.
    """
    if ROLES.isdisjoint(person.roles) or not person.is_signed_in or not _exists(choice, audiences):
        return False
    # Without the person behind it, who would hide the very thing that is asked about.
    return audiences_of(_alone(choice), audiences) <= audiences_of(person, audiences)


def viewer_for(viewing: Viewing, person: Viewer) -> Viewer:
    """Return the reader as whom the person views the site."""
    reader = _alone(viewing.choice)
    is_anonymous = viewing.choice.whom is Whom.ANONYMOUS
    return Viewer(
        account_id=None if is_anonymous else person.account_id,
        name="" if is_anonymous else person.name,
        groups=reader.groups,
        in_audience=reader.in_audience,
        viewing_as=viewing.title,
        person=person,
    )


def _alone(choice: Choice) -> Viewer:
    if choice.whom is Whom.GROUP:
        return Viewer(groups=frozenset({choice.name}))
    return Viewer(in_audience=choice.name)


def _exists(choice: Choice, audiences: Audiences) -> bool:
    if choice.whom is Whom.ANONYMOUS:
        return True
    if choice.whom is Whom.AUDIENCE:
        return choice.name in audiences.by_name
    return any(choice.name in audience.groups for audience in audiences.by_name.values())
