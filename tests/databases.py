"""The databases of the tests: files of SQLite, or databases on the server that script/with-postgresql runs."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from knowledge_base.db import Database, upgrade_database

SERVER = os.environ.get("KB_TEST_POSTGRESQL")
on_postgresql = SERVER is not None
only_on_sqlite = pytest.mark.skipif(on_postgresql, reason="is about SQLite alone")
only_on_postgresql = pytest.mark.skipif(not on_postgresql, reason="is about PostgreSQL alone")

# From which to which a site can move.
PAIRS = (
    [("postgresql", "postgresql"), ("sqlite", "postgresql"), ("postgresql", "sqlite")]
    if on_postgresql
    else [("sqlite", "sqlite")]
)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Make a database without tables, and take it away at the end. Yields its URL."""
    with _postgresql_database() if on_postgresql else _sqlite_database(folder) as url:
        yield url


@contextmanager
def empty_database_on(backend: str, folder: Path) -> Iterator[str]:
    """Make a database without tables on SQLite or on PostgreSQL, and take it away at the end. Yields its URL."""
    with _postgresql_database() if backend == "postgresql" else _sqlite_database(folder) as url:
        yield url


@contextmanager
def copied_database(source: str, folder: Path) -> Iterator[str]:
    """Make a copy of a database that nobody is connected to, and take it away at the end. Yields its URL."""
    if on_postgresql:
        with _postgresql_database(template=make_url(source).database) as url:
            yield url
    else:
        with _sqlite_database(folder) as url:
            shutil.copy(make_url(source).database or "", make_url(url).database or "")
            yield url


@contextmanager
def prepared_database(folder: Path) -> Iterator[str]:
    """Make a database of the newest schema, and take it away at the end. Yields its URL."""
    with empty_database(folder) as url:
        upgrade_database(url)
        yield url


def refuse_rows(database: Database, table: str) -> None:
    """Make the database refuse each new row of a table, as a full one does, with the word "full"."""
    with database.engine.begin() as connection:
        if on_postgresql:
            connection.exec_driver_sql(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$;"
                f"CREATE TRIGGER is_full BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        else:
            connection.exec_driver_sql(
                f"CREATE TRIGGER is_full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            )


@contextmanager
def _sqlite_database(folder: Path) -> Iterator[str]:
    folder.mkdir(mode=0o700, exist_ok=True)
    yield f"sqlite:///{folder / 'knowledge_base.sqlite3'}"


@contextmanager
def _postgresql_database(*, template: str | None = None) -> Iterator[str]:
    name = f"kb_{secrets.token_hex(8)}"
    _run_on_server(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
    try:
        yield make_url(SERVER or "").set(database=name).render_as_string(hide_password=False)
    finally:
        _run_on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _run_on_server(statement: str) -> None:
    with psycopg.connect(SERVER or "", autocommit=True) as connection:
        connection.execute(statement.encode())
