"""Data files that are lists of entries, each for an audience: synonyms and pinned answers."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge_base.access.audiences import OPEN, Audiences
from knowledge_base.pages import strict_yaml
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.pages.strict_yaml import YamlError, YamlFile


class Entry(BaseModel):
    """One entry of a list. `audience` says whose searches it is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audience: str = OPEN


AnyEntry = TypeVar("AnyEntry", bound=Entry)


def load_entries(
    path: YamlFile, kind: type[AnyEntry], *, audiences: Audiences
) -> tuple[tuple[AnyEntry, ...], tuple[Fault, ...]]:
    """Read a list. An entry that is wrong is left out and reported, and the others hold. No file is an empty list."""
    name, outcome = f"{DATA_FOLDER}/{path.name}", "nothing of the file is used"
    try:
        entries = strict_yaml.read(path) or []
    except FileNotFoundError:
        return (), ()
    except YamlError as error:
        return (), (error.fault_of(name, outcome),)
    if not isinstance(entries, list):
        return (), (Fault(name, f"{outcome}: it must be a list", is_whole=True),)
    good: list[AnyEntry] = []
    faults: list[Fault] = []
    for number, entry in enumerate(entries, start=1):
        try:
            one = kind.model_validate(entry)
        except ValidationError as error:
            faults += [Fault(name, f"entry {number}: {fault['msg']}") for fault in error.errors(include_url=False)]
            continue
        if one.audience not in audiences:
            faults.append(Fault(name, f"entry {number}: there is no audience '{one.audience}'"))
            continue
        good.append(one)
    return tuple(good), tuple(faults)
