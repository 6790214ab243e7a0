"""What an archive says of itself: what it holds, of when, made by which code, and the hash of each member.

It is read before anything else, from whoever may have written the file, so every value of it is checked here.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from knowledge_base.backup.errors import ArchiveFaultError

# Goes up when older code could not restore what newer code writes.
FORMAT = 1
MOST_MEMBERS = 100_000
LONGEST_PATH = 1_000

_NO_BRANCH = re.compile(r"^-|\.\.|@\{|\.$|[\x00-\x20\x7f~^:?*\[\\]")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")


def _safe_path(path: str) -> str:
    """Refuse a path that leads anywhere but to a file below, or into git's own folder."""
    parts = path.split("/")
    if _UNSAFE.search(path) or any(not part or part.startswith(".") for part in parts):
        message = "this is not a path of the content"
        raise ValueError(message)
    return path


def _safe_prefix(prefix: str) -> str:
    parts = prefix.split("/")
    if prefix and (_UNSAFE.search(prefix) or parts.pop() or {"", ".", "..", ".git"} & {part.lower() for part in parts}):
        message = "this is not a folder of a repository"
        raise ValueError(message)
    return prefix


def _safe_branch(branch: str) -> str:
    """Refuse what git takes for no name of a branch (git-check-ref-format)."""
    parts = branch.split("/")
    if _NO_BRANCH.search(branch) or any(not part or part[0] == "." or part.endswith(".lock") for part in parts):
        message = "this is not the name of a branch"
        raise ValueError(message)
    return branch


def is_safe_path(path: str) -> bool:
    """Say whether a path leads to a file below, and can stand in a manifest."""
    try:
        return bool(_safe_path(path.encode().decode())) and len(path) <= LONGEST_PATH
    except ValueError:
        return False


Path = Annotated[str, StringConstraints(max_length=LONGEST_PATH), AfterValidator(_safe_path)]
Prefix = Annotated[str, StringConstraints(max_length=LONGEST_PATH), AfterValidator(_safe_prefix)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
MemberName = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9_]{1,63}(\.[a-z]{1,8})?$")]
Revision = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
Branch = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATH), AfterValidator(_safe_branch)]
Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
Kind = Literal["integer", "number", "text", "boolean", "moment", "day", "bytes", "json"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Part):
    """A file of the archive."""

    name: MemberName
    size: Count
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ContentPart(_Part):
    """The content: a commit with all before it, and what stood on the disk otherwise than in that commit.

    `prefix` is the content's folder within its repository. `changed` says which member holds which file. Where the
    content had no history yet there is no revision, and every file is among the changed ones. `shallow` are commits
    whose parents the repository did not have.
    """

    revision: Revision | None
    branch: Branch
    prefix: Prefix
    shallow: tuple[Revision, ...]
    changed: Mapping[Path, MemberName]
    removed: tuple[Path, ...]
    remotes: Mapping[str, str]


class TablePart(_Part):
    """A table: its columns and what they hold, how many rows it has, and the last number that it has given to one."""

    name: Name
    columns: Mapping[Name, Kind]
    rows: Count
    last_number: Count | None


class Manifest(_Part):
    """All of it. `schema_name` is the schema of the database."""

    format: Literal[1] = 1
    made_at: AwareDatetime
    code: Annotated[str, StringConstraints(max_length=200)]
    schema_name: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z_]{1,32}$")]
    content: ContentPart
    tables: tuple[TablePart, ...]
    settings: Mapping[str, str]
    secrets: tuple[str, ...]
    members: Annotated[tuple[Member, ...], Field(max_length=MOST_MEMBERS)]

    @property
    def size(self) -> int:
        """How many bytes the members have together."""
        return sum(member.size for member in self.members)


def manifest_text(manifest: Manifest) -> bytes:
    """Return the manifest as it stands in the archive."""
    return manifest.model_dump_json(indent=1).encode()


def read_manifest(text: bytes) -> Manifest:
    """Return the manifest of an archive. Raises ArchiveFaultError."""
    try:
        values: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "Its manifest cannot be read, so this is no backup of the site."
        raise ArchiveFaultError(message) from error
    found = values.get("format") if isinstance(values, dict) else None
    if isinstance(found, int) and found > FORMAT:
        message = f"It has format {found}, and this version of the site reads up to {FORMAT}: install a newer one."
        raise ArchiveFaultError(message)
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"Its manifest has a fault at {where}: {first['msg']}."
        raise ArchiveFaultError(message) from error
