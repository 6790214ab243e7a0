"""The register of sources: `content/_data/sources.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from knowledge_base.pages import strict_yaml
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.strict_yaml import Day, Text, YamlError, YamlFile


class Source(BaseModel):
    """A document that pages rest on, with the parts of it that they name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    publisher: Text
    date: Day | None
    date_note: Text | None = None
    status: Literal["current", "dated", "superseded"]
    url: Annotated[str, StringConstraints(pattern=r"^https://")] | None = None
    parts: Annotated[dict[str, Text], BeforeValidator(lambda value: value or {})] = {}

    @property
    def date_text(self) -> str:
        """The day, or what is known of it."""
        if self.date is None:
            return self.date_note or "Undated"
        return f"{self.date.day} {self.date:%B %Y}"


@dataclass(frozen=True)
class Sources:
    """The register as read. A register that cannot be read is empty and has a fault."""

    by_id: Mapping[str, Source] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def load_sources(path: YamlFile) -> Sources:
    """Read the register."""
    name = f"_data/{path.name}"
    try:
        return Sources(TypeAdapter(dict[str, Source]).validate_python(strict_yaml.read(path) or {}))
    except FileNotFoundError:
        return Sources()
    except YamlError as error:
        return Sources(faults=(error.fault_of(name, "the register of sources is not used"),))
    except ValidationError as error:
        faults = [f"'{'.'.join(map(str, one['loc']))}': {one['msg']}" for one in error.errors(include_url=False)]
        return Sources(
            faults=tuple(Fault(name, f"the register of sources is not used: {one}", is_whole=True) for one in faults)
        )
