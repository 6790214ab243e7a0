"""The register of sources: `content/_data/sources.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, TypeAdapter

from knowledge_base.pages.faults import Fault

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Source(BaseModel):
    """A document that pages rest on, with the parts of it that they name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    publisher: Text
    date: date | None
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


def load_sources(path: Path) -> Sources:
    """Read the register."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return Sources(TypeAdapter(dict[str, Source]).validate_python(found))
    except FileNotFoundError:
        return Sources()
    except Exception as error:  # noqa: BLE001 - whatever the file makes YAML do, the site goes on without it
        message = f"the register of sources cannot be read: {type(error).__name__}: {str(error)[:500]}"
        return Sources(faults=(Fault(f"_data/{path.name}", message),))
