"""Make a backup while the site is in use: the content and the database of one moment, in one file."""

import itertools
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.backup import content, tables
from knowledge_base.backup.archive import member_of, write_archive
from knowledge_base.backup.errors import BackupError, PlaceNotEmptyError
from knowledge_base.backup.kept_settings import kept_settings
from knowledge_base.backup.manifest import ContentPart, Manifest, TablePart
from knowledge_base.backup.workplace import workplace
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.recovery import recover
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import Git, GitError
from knowledge_base.schema import schema_of
from knowledge_base.settings import ROOT

PURPOSE = b"backup\n"

# Is told what is being done, how much of it is done, and of how much: of 0 where nobody knows.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """A backup that was made. `left_out` are files of the content whose names nothing can be done with."""

    path: Path
    manifest: Manifest
    left_out: tuple[str, ...]


def create_backup(store: ContentStore, path: Path, *, environ: Mapping[str, str], now: datetime, tell: Tell) -> Made:
    """Make a backup at a path where nothing is yet. Whatever stops it, nothing half is left there.

    Nothing is published while the moment is noted, which takes about as long as a publication. Raises BackupError.
    """
    path = path.absolute()
    if path.exists():
        message = f"{path} is there already. Name a file that is not there yet."
        raise PlaceNotEmptyError(message)
    try:
        with workplace(path.parent) as folder:
            manifest, left_out = _gather(store, folder, environ=environ, now=now, tell=tell)
            _pack(folder, manifest, path, keys=store.keys, tell=tell)
    except OSError as error:
        message = f"The backup cannot be written to {path.parent}: {error.strerror}."
        raise BackupError(message) from error
    except GitError as error:
        message = f"The content's history cannot be read, so no backup was made. {error}"
        raise BackupError(message) from error
    except PublishingError as error:
        message = f"No backup was made. {error}"
        raise BackupError(message) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"What this site has cannot be noted in a backup, so none was made: {where}: {first['msg']}."
        raise BackupError(message) from error
    except (SQLAlchemyError, ValueError) as error:
        why = error.orig if isinstance(error, OperationalError) else error
        message = f"The database cannot be read, so no backup was made: {' '.join(str(why).split())[:300]}"
        raise BackupError(message) from error
    return Made(path, manifest, left_out)


def seal_of(keys: ChainKeys) -> Callable[[bytes], str]:
    """Return what seals a manifest with the site's secret key."""
    return lambda text: keys.seal(PURPOSE + text)


def is_sealed_with(keys: ChainKeys) -> Callable[[bytes, str], bool]:
    """Return what says whether a manifest is sealed with the site's secret key, or one that it had."""
    return lambda text, seal: keys.age_of(PURPOSE + text, seal) is not None


def _gather(
    store: ContentStore, folder: Path, *, environ: Mapping[str, str], now: datetime, tell: Tell
) -> tuple[Manifest, tuple[str, ...]]:
    _check_started(store)
    for name in (content.FOLDER, tables.FOLDER):
        (folder / name).mkdir()
    with ExitStack() as reading:
        tell("The pages and the database as they are at this moment", 0, 0)
        with store.locked():
            recover(store, now=now, may_abandon=store.shared is None)
            # From its first question on, it sees the database as it is now, whoever writes.
            connection = reading.enter_context(store.database.read()).connection()
            schema = schema_of(connection) or ""
            part, left_out = _note_content(store, folder)
        dumped = _dump(connection, folder, tell=tell)
    if part.revision:
        tell("The history of the pages", 0, 0)
        with (folder / content.BUNDLE).open("xb") as file:
            content.write_bundle(store.content, part, file)
    plain, secrets = kept_settings(environ)
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    manifest = Manifest(
        made_at=now,
        code=_code(),
        schema_name=schema,
        content=part,
        tables=dumped,
        settings=plain,
        secrets=secrets,
        members=tuple(member_of(folder, name) for name in names),
    )
    return manifest, left_out


def _note_content(store: ContentStore, folder: Path) -> tuple[ContentPart, tuple[str, ...]]:
    try:
        return content.note_content(store.content, folder)
    except OSError as error:
        if Path(error.filename or folder).is_relative_to(folder):
            raise
        message = f"{error.filename} cannot be read, so no backup was made: {error.strerror}."
        raise BackupError(message) from error


def _check_started(store: ContentStore) -> None:
    with store.database.read() as session:
        if schema_of(session.connection()) is None:
            message = "The database has no tables yet. Start the site once; then make a backup."
            raise BackupError(message)


def _dump(connection: Connection, folder: Path, *, tell: Tell) -> tuple[TablePart, ...]:
    found = tables.tables_in(connection)
    total = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in found)
    done = itertools.count(1)

    def count_row() -> None:
        tell("Rows", next(done), total)

    return tuple(tables.dump_table(connection, table, folder, progress=count_row) for table in found)


def _pack(folder: Path, manifest: Manifest, path: Path, *, keys: ChainKeys, tell: Tell) -> None:
    tell("Packing", 0, 0)
    packed = folder / "packed"
    descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        write_archive(
            file, folder, manifest, seal=seal_of(keys), progress=lambda done, total: tell("Bytes", done, total)
        )
        file.flush()
        os.fsync(file.fileno())
    packed.rename(path)
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _code() -> str:
    """Return the version of the site: the newest heading of its changelog, and the commit where that is known."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    version = next((line.removeprefix("## ") for line in lines if line.startswith("## ")), "unknown")
    git = Git(ROOT)
    if (ROOT / ".git").exists() and git.succeeds("rev-parse", "HEAD"):
        version += f", commit {git.text('rev-parse', '--short=12', 'HEAD')}"
    return version
