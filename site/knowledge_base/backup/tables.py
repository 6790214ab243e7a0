"""The database as text: each table a file with a row in each line, the same from SQLite as from PostgreSQL.

What the tables are is asked of the database, not of the models, so that a database of any schema can be kept.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, func, select, text, types

from knowledge_base.backup.errors import BackupError
from knowledge_base.backup.manifest import Kind, TablePart
from knowledge_base.schema import VERSION_TABLE

FOLDER = "database"
# A row may hold a picture.
ROWS_AT_ONCE = 50
KINDS: tuple[tuple[type[types.TypeEngine[Any]], Kind], ...] = (
    (types.JSON, "json"),
    (types.LargeBinary, "bytes"),
    (types.Boolean, "boolean"),
    (types.DateTime, "moment"),
    (types.Date, "day"),
    (types.Integer, "integer"),
    (types.Numeric, "number"),
    (types.String, "text"),
)

# Is told how many rows are done, and of how many.
Progress = Callable[[int, int], None]


def file_of(table: str) -> str:
    """Return the name of the file that has a table's rows."""
    return f"{FOLDER}/{table}.jsonl"


def tables_in(connection: Connection) -> list[Table]:
    """Return the tables of a database, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def columns_of(table: Table) -> dict[str, Kind]:
    """Return what each column of a table holds. Raises BackupError."""
    return {column.name: _kind_of(column) for column in table.columns}


def dump_table(connection: Connection, table: Table, folder: Path, *, progress: Callable[[], None]) -> TablePart:
    """Write the rows of a table into the folder. `progress` is called after each."""
    columns = columns_of(table)
    query = select(*table.columns).order_by(*table.primary_key).execution_options(yield_per=ROWS_AT_ONCE)
    count = 0
    with (folder / file_of(table.name)).open("x", encoding="ascii") as file:
        for row in connection.execute(query):
            values = [_ENCODE[kind](value) for kind, value in zip(columns.values(), row, strict=True)]
            print(json.dumps(values, separators=(",", ":"), default=_refuse), file=file)
            count += 1
            progress()
    return TablePart(name=table.name, columns=columns, rows=count, last_number=_last_number(connection, table))


def read_rows(file: Path, columns: Mapping[str, Kind]) -> Iterator[dict[str, object]]:
    """Yield the rows that a file has. Raises ValueError for a line that is not one."""
    with file.open(encoding="ascii") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                values = json.loads(line)
                if not isinstance(values, list) or len(values) != len(columns):
                    raise ValueError  # noqa: TRY301 - told below, like all that is wrong with a line
                yield {
                    name: None if value is None else _DECODE[kind](value)
                    for (name, kind), value in zip(columns.items(), values, strict=True)
                }
            except (ValueError, TypeError, RecursionError) as error:
                message = f"row {number} cannot be read"
                raise ValueError(message) from error


def numbered_column(table: Table) -> Column[Any] | None:
    """Return the column whose values the database itself counts up, if there is one."""
    return table.autoincrement_column


def counts_for_ever(connection: Connection, table: Table) -> bool:
    """Say whether SQLite remembers the last number of a table also when its row is gone."""
    made_by = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table.name})
    return "AUTOINCREMENT" in (made_by or "")


def sequence_of(connection: Connection, table: Table, column: str) -> str | None:
    """Return the sequence that PostgreSQL takes the numbers of a column from."""
    query = text("SELECT pg_get_serial_sequence(:table, :column)")
    name: str | None = connection.scalar(query, {"table": table.name, "column": column})
    return name


def _last_number(connection: Connection, table: Table) -> int | None:
    column = numbered_column(table)
    if column is None:
        return None
    found: list[int | None] = [connection.scalar(select(func.max(column)))]
    if connection.dialect.name == "sqlite":
        if counts_for_ever(connection, table):
            query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            found.append(connection.scalar(query, {"name": table.name}))
    elif sequence := sequence_of(connection, table, column.name):
        found.append(connection.scalar(text(f"SELECT last_value FROM {sequence} WHERE is_called")))  # noqa: S608 - its own name
    return max((number for number in found if number is not None), default=0)


def _kind_of(column: Column[Any]) -> Kind:
    for type_, kind in KINDS:
        if isinstance(column.type, type_):
            return kind
    message = f"The database has a column of an unknown kind: {column.table.name}.{column.name}."
    raise BackupError(message)


def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    # SQLite keeps moments without their zone, which is always UTC.
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()


def _refuse(value: object) -> str:
    message = f"The database holds something unknown: {type(value).__name__}."
    raise BackupError(message)


def _as_it_is(value: object) -> object:
    return value


def _expect(type_: type) -> Callable[[Any], object]:
    def check(value: object) -> object:
        if type(value) is not type_:
            raise ValueError
        return value

    return check


_ENCODE: Mapping[Kind, Callable[[Any], object]] = {
    "integer": _as_it_is,
    "number": lambda value: None if value is None else float(value),
    "text": _as_it_is,
    "boolean": _as_it_is,
    "json": _as_it_is,
    "moment": _moment,
    "day": lambda value: None if value is None else value.isoformat(),
    "bytes": lambda value: None if value is None else base64.b64encode(value).decode("ascii"),
}
_DECODE: Mapping[Kind, Callable[[Any], object]] = {
    "integer": _expect(int),
    "number": _expect(float),
    "text": _expect(str),
    "boolean": _expect(bool),
    "json": _as_it_is,
    "moment": lambda value: datetime.fromisoformat(value).astimezone(UTC),
    "day": date.fromisoformat,
    "bytes": lambda value: base64.b64decode(value, validate=True),
}
