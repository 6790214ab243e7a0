"""Fill an empty database from the files of an archive, whichever of SQLite and PostgreSQL they came from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, func, insert, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge_base.backup.errors import ArchiveFaultError, BackupError, PlaceNotEmptyError
from knowledge_base.backup.manifest import Manifest, TablePart
from knowledge_base.backup.tables import (
    ROWS_AT_ONCE,
    Progress,
    columns_of,
    counts_for_ever,
    file_of,
    numbered_column,
    read_rows,
    sequence_of,
    tables_in,
)
from knowledge_base.db import Database, is_postgresql, upgrade_within
from knowledge_base.engines import leave_foreign_keys_alone
from knowledge_base.schema import known_schemas

PATIENCE = timedelta(seconds=30)


def check_empty(url: str) -> None:
    """Raise PlaceNotEmptyError for a database that has tables."""
    try:
        with _opened(url) as database, database.engine.connect() as connection:
            _check_has_no_tables(connection)
    except SQLAlchemyError as error:
        message = f"The database does not answer: {_in_one_line(error)}"
        raise BackupError(message) from error


def check_known(manifest: Manifest) -> None:
    """Raise ArchiveFaultError for a schema that this code does not know."""
    if manifest.schema_name not in known_schemas():
        message = (
            f"Its database has schema {manifest.schema_name}, and this version of the site goes no further than "
            f"{known_schemas()[-1]}: install a newer one. It was made with {manifest.code}."
        )
        raise ArchiveFaultError(message)


@contextmanager
def loaded_database(url: str, manifest: Manifest, folder: Path, *, progress: Progress) -> Iterator[Session]:
    """Fill an empty database and bring it to the newest schema, all in one transaction, which it yields.

    So whatever ends it, also a power cut, the database is whole or still empty. Raises ArchiveFaultError and
    BackupError.
    """
    check_known(manifest)
    check_empty(url)
    try:
        with _opened(url) as database, database.write(patience=PATIENCE) as session:
            connection = session.connection()
            # Somebody else may have been quicker.
            _check_has_no_tables(connection)
            upgrade_within(connection, to=manifest.schema_name)
            _Loading(connection, manifest, folder, progress).run()
            upgrade_within(connection)
            _check_foreign_keys(connection)
            yield session
    except SQLAlchemyError as error:
        message = f"The database refuses what is in the backup: {_in_one_line(error)}"
        raise BackupError(message) from error


class _Loading:
    def __init__(self, connection: Connection, manifest: Manifest, folder: Path, progress: Progress) -> None:
        self._connection = connection
        self._parts = {part.name: part for part in manifest.tables}
        self._folder = folder
        self._progress = progress
        self._total = sum(part.rows for part in manifest.tables)
        self._done = 0

    def run(self) -> None:
        tables = tables_in(self._connection)
        if {table.name for table in tables} != self._parts.keys() or len(self._parts) != len(tables):
            message = "Its tables are not those of its schema."
            raise ArchiveFaultError(message)
        # What the migrations have put in refers to nothing, and the record's head must not be ahead of the record.
        prefilled = [table for table in tables if self._count(table)]
        for table in (*(table for table in tables if table not in prefilled), *prefilled):
            self._load(table, self._parts[table.name], is_prefilled=table in prefilled)

    def _load(self, table: Table, part: TablePart, *, is_prefilled: bool) -> None:
        if columns_of(table) != dict(part.columns):
            message = f"The columns of its table {table.name} are not those of its schema."
            raise ArchiveFaultError(message)
        for column in table.columns:
            if part.columns[column.name] == "json":
                column.type.none_as_null = True  # type: ignore[attr-defined]
        file = self._folder / file_of(table.name)
        if not file.is_file():
            message = f"Its table {table.name} is missing."
            raise ArchiveFaultError(message)
        try:
            left = read_rows(file, part.columns)
            while rows := list(islice(left, ROWS_AT_ONCE)):
                self._put(table, rows, is_prefilled=is_prefilled)
        except ValueError as error:
            message = f"Its table {table.name} has a fault: {error}."
            raise ArchiveFaultError(message) from error
        if self._count(table) != part.rows:
            message = f"Its table {table.name} has not the {part.rows} rows that the manifest says."
            raise ArchiveFaultError(message)
        self._go_on_counting(table, part.last_number or 0)

    def _put(self, table: Table, rows: list[dict[str, Any]], *, is_prefilled: bool) -> None:
        new = [row for row in rows if not (is_prefilled and self._replace(table, row))]
        if new:
            self._connection.execute(insert(table), new)
        self._done += len(rows)
        self._progress(self._done, self._total)

    def _replace(self, table: Table, row: dict[str, Any]) -> bool:
        which = [column == row[column.name] for column in table.primary_key]
        return bool(self._connection.execute(update(table).where(*which).values(row)).rowcount)

    def _count(self, table: Table) -> int:
        return self._connection.scalar(select(func.count()).select_from(table)) or 0

    def _go_on_counting(self, table: Table, last: int) -> None:
        """Let the next row get a number that none had before, also where the newest rows are gone."""
        column = numbered_column(table)
        if column is None or not last:
            return
        if self._connection.dialect.name != "sqlite":
            if sequence := sequence_of(self._connection, table, column.name):
                last = max(last, self._connection.scalar(select(func.max(column))) or 0)
                self._connection.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})
        elif counts_for_ever(self._connection, table):
            values = {"name": table.name, "last": last}
            self._connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            self._connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    if not is_postgresql(url):
        event.listen(database.engine, "connect", leave_foreign_keys_alone)
    try:
        yield database
    finally:
        database.dispose()


def _check_has_no_tables(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        message = (
            "The database has tables already. A backup goes into an empty one: name another in KB_DATABASE_URL, "
            "or move this one away."
        )
        raise PlaceNotEmptyError(message)


def _check_foreign_keys(connection: Connection) -> None:
    """Find on SQLite, where they are off because of the migrations, what PostgreSQL has refused by now."""
    if connection.dialect.name == "sqlite" and (fault := connection.execute(text("PRAGMA foreign_key_check")).first()):
        message = f"Its table {fault[0]} has a row that refers to none in {fault[2]}."
        raise ArchiveFaultError(message)


def _in_one_line(error: SQLAlchemyError) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:300]
