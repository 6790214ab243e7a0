"""What changes from council to council: the values of `council.yml` and the contacts of `contacts.yml`.

A value of one council is dangerous in another, so each carries where it is from and whether this council has confirmed
it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from knowledge_base.pages.faults import Fault

NATIONAL = "national"
NOT_SET = "Not set yet: ask your Prevent lead"
CONTACT_FIELDS = ("phone", "email", "hours", "address")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# YAML reads 2024-02-20 as a day and 2024-02 as text.
Month = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$")]


class Confirmation(BaseModel):
    """When this council confirmed a value, and who, by role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    by: Text


class _Local(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    audience: Text
    origin: Text
    as_of: Month | None = None
    source: Text | None = None
    confirmed: Confirmation | None = None
    if_unset: Text = NOT_SET

    @property
    def provenance(self) -> str:
        """What stands beside a value that this council has not confirmed; empty for one that it has."""
        if self.confirmed or self.origin == NATIONAL:
            return ""
        when = f", {_month_in_words(self.as_of)}" if self.as_of else ""
        return f"{self.origin}’s{when}: not confirmed here"


class Value(_Local):
    """A local word, number or amount."""

    label: Text
    value: Text | None = None


class Contact(_Local):
    """Somebody to turn to: a team or a service, never a person."""

    name: Text
    purpose: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    hours: Text | None = None
    address: Text | None = None
    note: Text | None = None
    group: Text | None = None


@dataclass(frozen=True)
class LocalData:
    """The values and contacts that could be read. What could not is absent, so it shows as not set."""

    values: Mapping[str, Value] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def contacts_in(self, group: str) -> tuple[tuple[str, Contact], ...]:
        """Return the contacts of a group in the file's order, each with its name in the file."""
        return tuple((key, contact) for key, contact in self.contacts.items() if contact.group == group)


class _PlainTextLoader(yaml.SafeLoader):
    """YAML that keeps numbers and words as written: a phone number its first nought, and `on` what it says."""


_PlainTextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":int", ":float", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_local_data(directory: Path) -> LocalData:
    """Read both files. An entry that is wrong is left out and reported, and the others hold."""
    values, value_faults = _load(directory / "council.yml", Value)
    contacts, contact_faults = _load(directory / "contacts.yml", Contact)
    return LocalData(values, contacts, value_faults + contact_faults)


def _load(path: Path, kind: type[Any]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_PlainTextLoader) or {}  # noqa: S506 - a SafeLoader
        entries = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")], Any]).validate_python(found)
    except FileNotFoundError:
        return {}, ()
    except Exception as error:  # noqa: BLE001 - whatever a file makes YAML do, the site goes on without it
        message = f"the file cannot be read: {type(error).__name__}: {str(error)[:500]}"
        return {}, (Fault(f"_data/{path.name}", message),)
    good: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, entry in entries.items():
        try:
            good[key] = kind.model_validate(entry)
        except ValidationError as error:
            faults += [Fault(f"_data/{path.name}", _say(key, one)) for one in error.errors(include_url=False)]
    return good, tuple(faults)


def _say(key: str, fault: Any) -> str:  # noqa: ANN401 - pydantic's error details are a typed dict per error
    where = ".".join([key, *(str(step) for step in fault["loc"])])
    return f"'{where}': {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _month_in_words(as_of: str) -> str:
    year, *rest = as_of.split("-")
    return f"{date(int(year), int(rest[0]), 1):%B %Y}" if rest else year
