"""Confirm a value or a contact for this council: that it holds here, who says so by role, and since when."""

from dataclasses import dataclass
from datetime import date

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Kind
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.pages.set_up import LocalEntry, State, local_groups
from knowledge_base.publishing.changes import Change, FileChange
from knowledge_base.publishing.entry_merge import CONFIRMED
from knowledge_base.publishing.entry_text import change_entry
from knowledge_base.publishing.errors import DataFileError
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


def name_to_confirm(entry: LocalEntry) -> str:
    """Return the words by which a form says what is confirmed: the entry, and the value that the person has seen."""
    return " ".join(f"{entry.file}/{entry.key}={entry.shown}".split())


def confirmation(  # noqa: PLR0913 - of what, by whom, when
    store: ContentStore, edition: Edition, entry: str, *, role: str, today: date, viewer: Viewer
) -> Change:
    """Return the change that confirms one value, named as by `name_to_confirm`. Raises DataFileError."""
    role = " ".join(role.split())
    if not role or len(role) > LONGEST_ROLE:
        message = f"Type your role, in {LONGEST_ROLE} characters or fewer, such as Head of children’s services."
        raise DataFileError(message)
    found = {name_to_confirm(one): one for one in left_to_confirm(edition, viewer).unconfirmed}.get(
        " ".join(entry.split())
    )
    if found is None:
        message = "That value is another now, is confirmed already, or there is none to confirm. Look at it again."
        raise DataFileError(message)
    path = f"{DATA_FOLDER}/{found.file}"
    base = store.files.read(path) or b""
    text = change_entry(_decoded(base), found.key, {CONFIRMED: {"on": today.isoformat(), "by": role}})
    return Change(
        (FileChange(path, text.replace("\n", _line_end(base)).encode(), base),),
        subject=path,
        note=f"Confirmed for this council: {found.name}",
        is_minor=True,
        kind=Kind.VALUE_CONFIRMED,
        trailers={ENTRY: found.name},
    )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        message = "The file is not UTF-8 text. Mend it in a text editor first."
        raise DataFileError(message) from error


def _line_end(content: bytes) -> str:
    return "\r\n" if b"\r\n" in content else "\n"
