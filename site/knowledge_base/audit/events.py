"""An event: somebody did something. What is recorded of it, and how it is told in a sentence."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.errors import EventRefusedError
from knowledge_base.audit.kinds import Kind
from knowledge_base.audit.wordings import WORDINGS

__all__ = ["NOBODY", "SITE", "Actor", "Event", "Kind", "rows_in_words", "sentence_of"]

LONGEST_VALUE = 1_000


@dataclass(frozen=True)
class Actor:
    """Whoever did it: a person with an account, or somebody or something without one, under a name that says so."""

    account_id: int | None
    name: str

    @classmethod
    def of(cls, viewer: Viewer) -> "Actor":
        """Return the person who asks, whomever they view the site as, or nobody in particular."""
        person = viewer.real
        return cls(person.account_id, person.name) if person.is_signed_in else NOBODY

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Return somebody who acts without an account, such as `operating-system user root`."""
        return cls(None, name)

    @classmethod
    def of_command(cls) -> "Actor":
        """Return the operating-system user who runs this process, for commands."""
        try:
            user = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            # In a container a user may have a number and no name.
            user = str(os.geteuid())
        return cls.system(f"operating-system user {user}")


NOBODY = Actor.system("Someone not signed in")
SITE = Actor.system("The site")


@dataclass(frozen=True)
class Event:
    """What happened. `subject` is the person or the page it happened to, `subject_id` a person's account number.

    Values are kept on one line and cut at 1,000 characters. Raises EventRefusedError when it lacks what its sentence
    tells, or has details that its kind does not know: nothing is kept that nobody is told of.
    """

    kind: Kind
    actor: Actor
    subject: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    subject_id: int | None = None

    def __post_init__(self) -> None:
        wording = WORDINGS[self.kind]
        if self.details.keys() != wording.details:
            message = f"{self.kind} has the details {sorted(wording.details)}, not {sorted(self.details)}."
            raise EventRefusedError(message)
        if bool(self.subject) != wording.has_subject:
            message = f"{self.kind} has {'a' if wording.has_subject else 'no'} subject."
            raise EventRefusedError(message)
        object.__setattr__(self, "actor", Actor(self.actor.account_id, _on_one_line(self.actor.name)))
        object.__setattr__(self, "subject", _on_one_line(self.subject))
        object.__setattr__(self, "details", {name: _on_one_line(value) for name, value in self.details.items()})

    @property
    def sentence(self) -> str:
        """The event in plain English."""
        return sentence_of(self.kind, self.actor, self.subject, self.details, subject_id=self.subject_id)


def sentence_of(
    kind: str, actor: Actor, subject: str, details: Mapping[str, str], *, subject_id: int | None = None
) -> str:
    """Tell in plain English what happened, also for a row that lacks something or is of a kind no longer known."""
    wording = WORDINGS.get(kind)
    if wording is None:
        return f"{actor.name} did something that this version of the site has no words for: {kind}."
    is_own = bool(wording.own) and subject_id is not None and subject_id == actor.account_id
    values = _Values(details, actor=actor.name, subject=subject)
    sentence = (wording.own if is_own else wording.sentence).format_map(values)
    return sentence[:1].upper() + sentence[1:]


class _Values(dict[str, str]):
    """What stands for the names in a sentence."""

    def __missing__(self, name: str) -> str:
        return f"({name} is missing)"


def rows_in_words(count: int) -> str:
    """Say how many rows of the record, as sentences tell it: "1 row", "1,234 rows"."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _on_one_line(value: str) -> str:
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return line if len(line) <= LONGEST_VALUE else f"{line[: LONGEST_VALUE - 1]}…"
