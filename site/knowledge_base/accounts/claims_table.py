"""The table that turns values of the provider's claim into groups and roles. What is not in it gives nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.accounts.errors import ProfileRefusedError
from knowledge_base.accounts.models import Role
from knowledge_base.accounts.people import check_group, check_role
from knowledge_base.environment import SettingsError

EXAMPLE = '"Prevent team=group:staff,role:editor; All staff=group:staff"'
FILES = (".yml", ".yaml")


@dataclass(frozen=True)
class Grant:
    """Groups and roles that somebody has."""

    groups: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()


Table = Mapping[str, Grant]


def read_table(setting: str) -> Table:
    """Return the table that the setting writes out, or that stands in the file it names. Raises SettingsError."""
    text = setting.strip()
    entries = _entries_of_file(Path(text)) if text.endswith(FILES) else _entries_of_text(text)
    table: dict[str, Grant] = {}
    for value, words in entries:
        if value in table:
            message = f"KB_OIDC_GROUPS: {value!r} is there twice. Write all that it gives in one place."
            raise SettingsError(message)
        table[value] = _grant(value, words)
    return table


def grant_of(table: Table, values: Iterable[str]) -> Grant:
    """Return what all these values give together."""
    found = [table[value] for value in values if value in table]
    return Grant(
        frozenset(group for grant in found for group in grant.groups),
        frozenset(role for grant in found for role in grant.roles),
    )


def _entries_of_text(text: str) -> Iterable[tuple[str, list[str]]]:
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        # A value may have the sign in it, as in CN=Staff,OU=Groups.
        value, sign, words = entry.rpartition("=")
        if not sign or not value.strip():
            message = f"KB_OIDC_GROUPS: {entry!r} is not like {EXAMPLE}."
            raise SettingsError(message)
        yield value.strip(), words.split(",")


def _entries_of_file(path: Path) -> Iterable[tuple[str, list[str]]]:
    try:
        document = yaml.safe_load(path.expanduser().read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        message = f"KB_OIDC_GROUPS: the file {path} cannot be read: {type(error).__name__}."
        raise SettingsError(message) from error
    if not isinstance(document, dict):
        message = f"KB_OIDC_GROUPS: the file {path} must give for each value a list such as [group:staff, role:editor]."
        raise SettingsError(message)
    for value, words in document.items():
        yield str(value), list(map(str, words)) if isinstance(words, list) else str(words).split(",")


def _grant(value: str, words: Iterable[str]) -> Grant:
    groups, roles = set(), set()
    for word in words:
        kind, _, name = (part.strip() for part in word.partition(":"))
        try:
            if kind == "group":
                groups.add(check_group(name))
            elif kind == "role":
                roles.add(check_role(name))
            else:
                message = f"'{word.strip()}' is neither group:NAME nor role:NAME"
                raise ProfileRefusedError(message)  # noqa: TRY301 - it is told like the others
        except ProfileRefusedError as error:
            message = f"KB_OIDC_GROUPS: for {value!r}: {error}."
            raise SettingsError(message) from error
    return Grant(frozenset(groups), frozenset(roles))
