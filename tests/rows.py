"""Rows for every table that a database has, made from what the database itself says of its tables."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, insert, select, types, update

Row = dict[str, object]
Rows = dict[str, list[Row]]

ROWS = 3
# By the type that the database says a column has; the number is the row's.
VALUES: Mapping[type[types.TypeEngine[Any]], Callable[[Column[object], int], object]] = {
    types.JSON: lambda column, number: {"name": f"{column.name} {number} ünïcode", "list": [1, None, True]},
    types.LargeBinary: lambda _column, number: bytes([0, 255, number]),
    types.Boolean: lambda _column, number: number % 2 == 0,
    types.DateTime: lambda _column, number: datetime(2026, 3, 29, 0, 59, number, 123456, tzinfo=UTC),
    types.Date: lambda _column, number: date(2026, 10, number),
    types.Integer: lambda _column, number: number,
    types.String: lambda column, number: f"{number} {column.name} ‘é’\n"[: getattr(column.type, "length", None)],
}


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables as they are in the database, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection) -> None:
    """Put rows into every table. What may be empty is so in the last of them."""
    for table in tables_of(connection):
        if table.name == "audit_heads":
            connection.execute(update(table).values(number=ROWS, hash="h", seal="s"))
        else:
            connection.execute(insert(table), [_row(table, number) for number in range(1, ROWS + 1)])


def rows_in(connection: Connection) -> Rows:
    """Return everything that the tables hold. A moment is in UTC, whatever the database says of it."""
    return {
        table.name: [
            {name: _comparable(value) for name, value in row._mapping.items()}
            for row in connection.execute(select(table).order_by(*table.primary_key))
        ]
        for table in tables_of(connection)
    }


def _row(table: Table, number: int) -> Row:
    is_last = number == ROWS
    return {column.name: None if is_last and column.nullable else _value(column, number) for column in table.columns}


def _value(column: Column[object], number: int) -> object:
    return next(make(column, number) for kind, make in VALUES.items() if isinstance(column.type, kind))


def _comparable(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value
