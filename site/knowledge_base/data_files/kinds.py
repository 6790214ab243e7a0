"""What the data files hold: for each the fields of an entry, in the words of its form."""

from dataclasses import dataclass

from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.publishing.permission import AUDIENCE


@dataclass(frozen=True)
class FieldKind:
    """A field of an entry. A list is typed one a line; parts, too, each with its name and a colon before it.

    `is_kept` is for one that stands in the file when it is empty, too.
    """

    name: str
    label: str
    hint: str = ""
    is_list: bool = False
    has_parts: bool = False
    is_required: bool = False
    is_kept: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataFile:
    """A data file. `entry` is what one of its entries is called; `naming` is the field that names it in lists."""

    name: str
    title: str
    about: str
    entry: str
    naming: str
    fields: tuple[FieldKind, ...]
    has_keys: bool = True
    is_for_administrators: bool = False

    @property
    def path(self) -> str:
        """Where it stands under `content/`."""
        return f"{DATA_FOLDER}/{self.name}"


_AUDIENCE = FieldKind(AUDIENCE, "Who may know of it", "Everybody, or an audience that you are in", is_required=True)
_FOR_WHOM = FieldKind(AUDIENCE, "Who it is for", "Everybody, or an audience that you are in")
_ORIGIN = FieldKind(
    "origin", "Where it comes from", "The council, or “national” for what holds everywhere", is_required=True
)
_AS_OF = FieldKind("as_of", "As of", "A year, month or day: 2026, 2026-11 or 2026-11-22")
_SOURCE = FieldKind("source", "Source", "An identifier of the register of sources, with the part after #")
_IF_UNSET = FieldKind("if_unset", "Words to show while it is not set")

FILES = (
    DataFile(
        "council.yml",
        "Values of this council",
        "What changes from council to council. Pages take each value from here.",
        "value",
        "label",
        (
            FieldKind("label", "What it is", is_required=True),
            FieldKind("value", "Value", "Empty: not set yet"),
            _AUDIENCE,
            _ORIGIN,
            _AS_OF,
            _SOURCE,
            _IF_UNSET,
        ),
    ),
    DataFile(
        "contacts.yml",
        "Contacts",
        "Teams and services to turn to, never a person. Pages take them from here.",
        "contact",
        "name",
        (
            FieldKind("name", "Name of the team or service", is_required=True),
            _AUDIENCE,
            FieldKind("purpose", "What for"),
            FieldKind("phone", "Phone number", "Empty: not set yet"),
            FieldKind("email", "Email address", "A shared mailbox. Empty: not set yet"),
            FieldKind("hours", "Hours"),
            FieldKind("address", "Address"),
            FieldKind("note", "Note"),
            FieldKind("group", "Group", "Pages can show all contacts of a group"),
            _ORIGIN,
            _AS_OF,
            _SOURCE,
            _IF_UNSET,
        ),
    ),
    DataFile(
        "synonyms.yml",
        "Other words for searches",
        "Words that people type and the pages do not use.",
        "line of words",
        "",
        (
            FieldKind(
                "same",
                "Words that mean the same",
                "One a line. Leave it empty if you fill in the next two",
                is_list=True,
            ),
            FieldKind("words", "Words that people type", "One a line", is_list=True),
            FieldKind("mean", "What the pages call it", "One a line", is_list=True),
            _FOR_WHOM,
        ),
        has_keys=False,
    ),
    DataFile(
        "pinned.yml",
        "Answers put first",
        "Searches that lead to one section, whatever else holds their words.",
        "answer",
        "leads_to",
        (
            FieldKind("searches", "Searches", "One a line", is_list=True, is_required=True),
            FieldKind(
                "leads_to", "Leads to", "The address of a page or a section: /referral/share#when", is_required=True
            ),
            _FOR_WHOM,
        ),
        has_keys=False,
    ),
    DataFile(
        "sources.yml",
        "Register of sources",
        "The documents that pages rest on.",
        "source",
        "title",
        (
            FieldKind("title", "Title", is_required=True),
            FieldKind("publisher", "Publisher", is_required=True),
            FieldKind("date", "Date", "A day: 2026-11-22. Leave it empty where nobody knows", is_kept=True),
            FieldKind("date_note", "What is known of the date", "Shown where there is no day"),
            FieldKind("status", "Status", is_required=True, choices=("current", "dated", "superseded")),
            FieldKind("url", "Address on the web", "It begins with https://"),
            FieldKind(
                "parts",
                "Parts that pages name",
                "One a line, the short name first. Such as, section-2: Section 2, Duties",
                has_parts=True,
            ),
        ),
    ),
    DataFile(
        "audiences.yml",
        "Audiences",
        "Who may read what. Only an administrator who writes can change them, and a second person has to approve it.",
        "audience",
        "title",
        (
            FieldKind("title", "Title", is_required=True),
            FieldKind("description", "Who they are", is_required=True),
            FieldKind(
                "groups",
                "Groups",
                "One a line. A person in any of them is in the audience",
                is_list=True,
                is_required=True,
            ),
        ),
        is_for_administrators=True,
    ),
)
BY_NAME = {file.name: file for file in FILES}
