"""Confirm a value or a contact for this council: that it holds here, who says so by role, and since when."""

from dataclasses import dataclass
from datetime import date

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Kind
from knowledge_base.data_files.entry_text import change_entry
from knowledge_base.data_files.errors import DataFileError
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.pages.set_up import LocalEntry, State, local_groups
from knowledge_base.publishing.changes import Change, FileChange
from knowledge_base.publishing.publish import ENTRY
from knowledge_base.publishing.store import ContentStore

LONGEST_ROLE = 80


@dataclass(frozen=True)
class ToConfirm:
    """The values and contacts that a person may confirm, and those that have no value to confirm yet."""

    unconfirmed: tuple[LocalEntry, ...]
    unset: tuple[LocalEntry, ...]


def left_to_confirm(edition: Edition, viewer: Viewer) -> ToConfirm:
    """Return what of this council's values is left to confirm, as far as the viewer may know of it."""
    groups = {group.state: group.entries for group in local_groups(edition, edition.may_read(viewer))}
    return ToConfirm(groups.get(State.NOT_CONFIRMED, ()), groups.get(State.NOT_SET, ()))


def confirmation(  # noqa: PLR0913 - of what, by whom, when
    store: ContentStore, edition: Edition, entry: str, *, role: str, today: date, viewer: Viewer
) -> Change:
    """Return the change that confirms one value, named as in `council.yml/uasc_threshold`. Raises DataFileError."""
    role = " ".join(role.split())
    if not role or len(role) > LONGEST_ROLE:
        message = f"Type your role, in {LONGEST_ROLE} characters or fewer, such as Head of children’s services"
        raise DataFileError(message)
    found = {f"{one.file}/{one.key}": one for one in left_to_confirm(edition, viewer).unconfirmed}.get(entry)
    if found is None:
        message = "That value is confirmed already, or there is none to confirm"
        raise DataFileError(message)
    path = f"{DATA_FOLDER}/{found.file}"
    base = store.files.read(path) or b""
    text = change_entry(base.decode(), found.key, {"confirmed": {"on": today.isoformat(), "by": role}})
    return Change(
        (FileChange(path, text.encode(), base),),
        subject=path,
        note=f"Confirmed for this council: {found.name}",
        is_minor=True,
        kind=Kind.VALUE_CONFIRMED,
        trailers={ENTRY: found.name},
    )
