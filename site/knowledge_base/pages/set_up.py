"""What a council still has to make its own: the values and contacts that are not set, or are another council's."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import split_by_audience
from knowledge_base.pages.inline import entries_used
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.page_view import Link
from knowledge_base.pages.values import CONTACT_FIELDS, NATIONAL, Contact, Value


class State(StrEnum):
    """How far a value is this council's own. In the order of what is to be done."""

    NOT_SET = "Not set"
    NOT_CONFIRMED = "Not confirmed"
    CONFIRMED = "Confirmed"
    NATIONAL = "National"


@dataclass(frozen=True)
class LocalEntry:
    """A value or a contact, as the set-up page lists it. `confirmed` says who confirmed it, and when."""

    key: str
    file: str
    name: str
    shown: str
    state: State
    provenance: str
    confirmed: str
    pages: tuple[Link, ...]


@dataclass(frozen=True)
class Group:
    """The entries of one state, in the order of their names."""

    state: State
    entries: tuple[LocalEntry, ...]


def local_groups(edition: Edition, may_read: MayRead) -> tuple[Group, ...]:
    """Return what the reader may know of the local values and contacts, what is to be done first."""
    users = _users(edition, may_read)
    entries = [
        _entry(key, file, entry, users[id(entry)])
        for file, kind in (("council.yml", edition.data.values), ("contacts.yml", edition.data.contacts))
        for key, entry in kind.items()
        if may_read(Requirement().narrowed_by(entry.audience))
    ]
    entries.sort(key=lambda entry: entry.name.lower())
    groups = (Group(state, tuple(entry for entry in entries if entry.state is state)) for state in State)
    return tuple(group for group in groups if group.entries)


def _users(edition: Edition, may_read: MayRead) -> dict[int, list[Page]]:
    """Return the pages that use each entry where the reader may read it."""
    users: dict[int, list[Page]] = defaultdict(list)
    for page in edition.readable_pages(may_read):
        for stretch in split_by_audience(page.body):
            if not may_read(page.requirement.narrowed_by(stretch.audience)):
                continue
            for entry in entries_used(stretch.markdown, edition.data):
                if page not in users[id(entry)]:
                    users[id(entry)].append(page)
    return users


def _entry(key: str, file: str, entry: Value | Contact, users: list[Page]) -> LocalEntry:
    confirmed = entry.confirmed
    return LocalEntry(
        key=key,
        file=file,
        name=entry.label if isinstance(entry, Value) else entry.name,
        shown=_shown(entry),
        state=_state(entry),
        provenance=entry.provenance if _state(entry) is State.NOT_CONFIRMED else "",
        confirmed=f"{confirmed.by}, {confirmed.on.day} {confirmed.on:%B %Y}" if confirmed else "",
        pages=tuple(Link(page.meta.title, page.url) for page in users),
    )


def _shown(entry: Value | Contact) -> str:
    if isinstance(entry, Value):
        return entry.value or ""
    return ", ".join(text for field in CONTACT_FIELDS if (text := getattr(entry, field)))


def _state(entry: Value | Contact) -> State:
    if not (entry.value if isinstance(entry, Value) else entry.phone or entry.email):
        return State.NOT_SET
    if entry.origin == NATIONAL:
        return State.NATIONAL
    return State.CONFIRMED if entry.confirmed else State.NOT_CONFIRMED
