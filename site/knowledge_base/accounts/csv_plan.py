"""What a file of people would do, line by line: whom it would invite, what it would change, and what it may not."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from knowledge_base.accounts.changes import Transaction
from knowledge_base.accounts.csv_file import Line, PeopleFile, cut
from knowledge_base.accounts.errors import AccountsError, ProfileRefusedError, ProvidedElsewhereError
from knowledge_base.accounts.invitations import Invitation, list_invitations
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import Person, Profile, check_email, check_profile, normalise_email, person_of
from knowledge_base.audit.events import Actor


class Outcome(StrEnum):
    """What happens to a line."""

    INVITED = "invited"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class PlannedLine:
    """What happens to a line, and what is told of it. `profile` is what the person will be."""

    number: int
    email: str
    outcome: Outcome
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    profile: Profile | None = None
    account_id: int | None = None


@dataclass(frozen=True)
class Plan:
    """What happens to each line of a file. Two plans with the same digest do the same."""

    lines: tuple[PlannedLine, ...]

    @property
    def digest(self) -> str:
        """What the dry run gives to the confirmation, to tell whether anything is different by then."""
        return hashlib.sha256(repr(self.lines).encode()).hexdigest()

    @property
    def does_something(self) -> bool:
        """Whether there is anything to confirm."""
        return bool(self.count(Outcome.INVITED) or self.count(Outcome.CHANGED))

    def count(self, outcome: str) -> int:
        """Return how many lines end so."""
        return sum(line.outcome == outcome for line in self.lines)


@dataclass(frozen=True)
class Upload:
    """A file, and the groups that open something while it is looked at."""

    file: PeopleFile
    known_groups: frozenset[str]


@dataclass(frozen=True)
class _Known:
    """What the lines are compared with, by e-mail address. Names of groups are known in their small letters."""

    actor: Actor
    people: Mapping[str, Person]
    provided: frozenset[str]
    invitations: Mapping[str, Invitation]
    groups: Mapping[str, str]
    first_lines: Mapping[str, int]
    takes_local_accounts: bool
    now: datetime


def make_plan(transaction: Transaction, upload: Upload) -> Plan:
    """Compare a file with who is there at this moment, and say what would happen to each line."""
    session, lines = transaction.session, upload.file.lines
    first_lines = {normalise_email(line.email): line.number for line in reversed(lines)}
    # PostgreSQL cannot even be asked for some of what a file may hold, such as a null character.
    emails = [email for email in first_lines if email.isprintable()]
    accounts = session.scalars(select(Account).where(Account.email.in_(emails)))
    people = [person_of(account) for account in accounts]
    known = _Known(
        actor=transaction.actor,
        people={person.email: person for person in people if person.is_local},
        provided=frozenset(person.email for person in people if not person.is_local),
        invitations={one.email: one for one in list_invitations(session)},
        groups={group.casefold(): group for group in sorted(upload.known_groups)},
        first_lines=first_lines,
        takes_local_accounts=transaction.register.local_accounts,
        now=transaction.now,
    )
    return Plan(tuple(_plan_line(line, known) for line in lines))


def _plan_line(line: Line, known: _Known) -> PlannedLine:
    try:
        if line.fault:
            raise ProfileRefusedError(line.fault)
        email = check_email(line.email)
        if known.first_lines[email] != line.number:
            message = f"Line {known.first_lines[email]} is for the same person"
            raise ProfileRefusedError(message)
        person = known.people.get(email)
        return _plan_change(line, person, known) if person else _plan_invitation(line, email, known)
    except AccountsError as error:
        return PlannedLine(line.number, cut(line.email), Outcome.REFUSED, (str(error),))


def _plan_invitation(line: Line, email: str, known: _Known) -> PlannedLine:
    if email in known.provided:
        raise ProvidedElsewhereError
    if not known.takes_local_accounts:
        message = "Nobody can be invited: on this site people come through single sign-on"
        raise ProfileRefusedError(message)
    before = known.invitations.get(email)
    if not before and not line.name:
        message = "The line needs a name: nobody of this address has an account yet"
        raise ProfileRefusedError(message)
    profile = check_profile(
        email=email,
        name=line.name or (before.name if before else ""),
        groups=_spelt(line.groups, known) if line.groups is not None else (before.groups if before else ()),
        roles=_lower(line.roles) if line.roles is not None else (before.roles if before else ()),
    )
    if before is None:
        told = _told_of(profile)
    elif before.expires_at > known.now and _is_same(profile, before):
        planned = PlannedLine(line.number, email, Outcome.UNCHANGED, ("Has been invited already.",))
        return replace(planned, warnings=_warnings(profile, known))
    else:
        told = ("An earlier link stops working.", *_told_of(profile))
    return PlannedLine(line.number, email, Outcome.INVITED, told, _warnings(profile, known), profile)


def _plan_change(line: Line, person: Person, known: _Known) -> PlannedLine:
    if person.disabled_at:
        message = "This account is disabled. Enable it first, on the person’s page"
        raise ProfileRefusedError(message)
    profile = check_profile(
        email=person.email,
        name=line.name or person.name,
        groups=person.groups if line.groups is None else _spelt(line.groups, known),
        roles=person.roles if line.roles is None else _lower(line.roles),
    )
    notes = _differences(person, profile)
    if notes and person.account_id == known.actor.account_id:
        message = "This is your own account. Change it on its page, or ask another administrator"
        raise ProfileRefusedError(message)
    outcome = Outcome.CHANGED if notes else Outcome.UNCHANGED
    warnings = _warnings(profile, known)
    return PlannedLine(line.number, person.email, outcome, notes, warnings, profile, person.account_id)


def _differences(person: Person, profile: Profile) -> tuple[str, ...]:
    notes = []
    if person.name != profile.name:
        notes.append(f"Name: {person.name} becomes {profile.name}.")
    for what, had, gets in (("group", person.groups, profile.groups), ("role", person.roles, profile.roles)):
        notes += [f"Gets the {what} {name}." for name in gets if name not in had]
        notes += [f"Loses the {what} {name}." for name in had if name not in gets]
    return tuple(notes)


def _told_of(profile: Profile) -> tuple[str, ...]:
    return (
        f"Name: {profile.name}.",
        f"Groups: {', '.join(profile.groups) or 'none'}.",
        f"Roles: {', '.join(profile.roles) or 'none'}.",
    )


def _warnings(profile: Profile, known: _Known) -> tuple[str, ...]:
    unknown = [group for group in profile.groups if group not in known.groups.values()]
    return tuple(f"The group {group} opens no page: is it spelt as in audiences.yml?" for group in unknown)


def _is_same(profile: Profile, invitation: Invitation) -> bool:
    wanted = (profile.name, sorted(profile.groups), sorted(profile.roles))
    return wanted == (invitation.name, sorted(invitation.groups), sorted(invitation.roles))


def _spelt(groups: tuple[str, ...], known: _Known) -> tuple[str, ...]:
    """Return the groups as the audiences file spells them, where only capitals differ."""
    return tuple(known.groups.get(group.casefold(), group) for group in groups)


def _lower(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role.casefold() for role in roles)
