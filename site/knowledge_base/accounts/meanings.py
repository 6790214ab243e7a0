"""What groups and roles mean, in plain words, for the pages on which they are given."""

from dataclasses import dataclass

from knowledge_base.access.audiences import Audiences
from knowledge_base.accounts.errors import ProfileRefusedError
from knowledge_base.accounts.models import Role
from knowledge_base.accounts.people import check_group


@dataclass(frozen=True)
class Meaning:
    """A group or a role: what it is called, and what comes with it."""

    name: str
    title: str
    explanation: str


ROLES = (
    Meaning(Role.EDITOR, "Editor", "Writes and changes pages, of those that they can read."),
    Meaning(Role.PUBLISHER, "Publisher", "Approves and publishes changes, of pages that they can read."),
    Meaning(
        Role.ADMIN,
        "Administrator",
        "Manages people, and reads the record of events. Reads no more pages than their groups allow.",
    ),
)
OPENS_NOTHING = "No page is for this group yet."


def groups_of(audiences: Audiences) -> frozenset[str]:
    """Return the groups that open something, leaving out what no account could be put into."""
    named = {group for audience in audiences.by_name.values() for group in audience.groups}
    return frozenset(group for group in named if _can_be_given(group))


def explain_groups(audiences: Audiences, groups: frozenset[str]) -> tuple[Meaning, ...]:
    """Return what each group opens: the audiences whose pages its people can read, as the audiences file tells it."""
    return tuple(Meaning(group, group, _opened_by(audiences, group)) for group in sorted(groups))


def title_of_role(role: str) -> str:
    """Return what people call a role."""
    return next(meaning.title for meaning in ROLES if meaning.name == role)


def _opened_by(audiences: Audiences, group: str) -> str:
    opened = sorted(
        (audience.title, audience.description)
        for name, audience in audiences.by_name.items()
        if group in audiences.groups_of(name)
    )
    if not opened:
        return OPENS_NOTHING
    return "Opens pages for: " + " ".join(f"{title} ({_without_stop(text)})." for title, text in opened)


def _without_stop(text: str) -> str:
    return text.strip().rstrip(".")


def _can_be_given(group: str) -> bool:
    try:
        check_group(group)
    except ProfileRefusedError:
        return False
    return True
