"""What changes from council to council: the values of `council.yml` and the contacts of `contacts.yml`.

A value of one council is dangerous in another, so each carries where it is from and whether this council has confirmed
it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from knowledge_base.pages import strict_yaml
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.strict_yaml import Day, Text, YamlError, YamlFile

NATIONAL = "national"
NOT_SET = "Not set yet: ask your Prevent lead"
CONTACT_FIELDS = ("phone", "email", "hours", "address")

Month = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?$")]
_Entries = dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")], Any]


class Confirmation(BaseModel):
    """When this council confirmed a value, and who, by role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Day
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


def load_local_data(council: YamlFile, contacts: YamlFile) -> LocalData:
    """Read both files. An entry that is wrong is left out and reported, and the others hold."""
    values, value_faults = _load(council, Value)
    people, contact_faults = _load(contacts, Contact)
    return LocalData(values, people, value_faults + contact_faults)


def _load(path: YamlFile, kind: type[Any]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    try:
        entries = TypeAdapter(_Entries).validate_python(strict_yaml.read(path) or {})
    except FileNotFoundError:
        return {}, ()
    except YamlError as error:
        return {}, (error.fault_of(f"_data/{path.name}", "nothing of the file is used"),)
    except ValidationError as error:
        first = _say("", error.errors(include_url=False)[0])
        return {}, (Fault(f"_data/{path.name}", f"nothing of the file is used: {first}", is_whole=True),)
    good: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, entry in entries.items():
        try:
            good[key] = kind.model_validate(entry)
        except ValidationError as error:
            faults += [Fault(f"_data/{path.name}", _say(key, one)) for one in error.errors(include_url=False)]
    return good, tuple(faults)


def _say(key: str, fault: Any) -> str:  # noqa: ANN401 - pydantic's error details are a typed dict per error
    where = ".".join([key, *(str(step) for step in fault["loc"])]).strip(".")
    said = str(fault["msg"]).removeprefix("Value error, ")
    return f"'{where}': {said[:1].lower()}{said[1:]}"


def _month_in_words(as_of: str) -> str:
    year, *rest = as_of.split("-")
    return f"{date(int(year), int(rest[0]), 1):%B %Y}" if rest else year
