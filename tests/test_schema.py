"""Every schema that was ever released: forward to the newest and back, with rows in every table."""

from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from knowledge_base.db import Database, downgrade_database, upgrade_database
from knowledge_base.schema import MIGRATIONS, DatabaseNewerError, known_schemas, schema_of
from tests.databases import on_postgresql
from tests.rows import ROWS, Rows, fill, rows_in

NEWEST = known_schemas()[-1]


@pytest.fixture
def url(empty_database_url: str) -> str:
    return empty_database_url


@pytest.fixture
def newer_database(database_url: str) -> Iterator[Database]:
    """A database that a version to come has changed."""
    database = Database(database_url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    yield database
    database.dispose()


def filled(url: str, schema: str) -> Rows:
    """Make a database of this schema with rows in every table, and return them."""
    upgrade_database(url, to=schema)
    database = Database(url)
    with database.engine.begin() as connection:
        fill(connection)
    database.dispose()
    return rows_of(url)


def rows_of(url: str) -> Rows:
    """Return all rows, once it is sure that no row refers to one that is gone."""
    database = Database(url)
    with database.engine.connect() as connection:
        if not on_postgresql:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        found = rows_in(connection)
    database.dispose()
    return found


def schema_at(url: str) -> str | None:
    database = Database(url)
    with database.engine.connect() as connection:
        found = schema_of(connection)
    database.dispose()
    return found


def without_new_columns(rows: Rows, like: Rows) -> Rows:
    """Return of the rows what those tables and columns hold that others have too."""
    return {
        table: [{name: row[name] for name in like[table][0]} for row in rows[table]] for table in like if like[table]
    }


def test_schemas_are_those_of_the_migrations_in_their_order() -> None:
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]

    assert list(known_schemas()) == revisions[::-1]


@pytest.mark.parametrize("schema", known_schemas())
def test_rows_of_every_table_stay_on_the_way_to_the_newest_schema(url: str, schema: str) -> None:
    before = filled(url, schema)

    upgrade_database(url)

    assert all(len(rows) == (1 if table == "audit_heads" else ROWS) for table, rows in before.items())
    assert without_new_columns(rows_of(url), before) == before


@pytest.mark.parametrize("schema", known_schemas())
def test_rows_of_every_table_are_as_before_after_the_way_back(url: str, schema: str) -> None:
    before = filled(url, schema)
    upgrade_database(url)

    downgrade_database(url, to=schema)

    assert rows_of(url) == before


def test_each_step_back_from_the_newest_schema_works_with_rows_in_every_table(url: str) -> None:
    filled(url, NEWEST)

    for schema in reversed(known_schemas()[:-1]):
        downgrade_database(url, to=schema)
        rows = rows_of(url)

        assert schema_at(url) == schema
        # People of a sign-in provider, whom older schemas do not know, are the only ones to go.
        assert len(rows["one_time_links"]) == ROWS
        assert len(rows["accounts"]) == (ROWS if schema >= "0004" else 0)


def test_what_was_gone_back_from_can_be_gone_to_again(url: str) -> None:
    before = filled(url, NEWEST)

    downgrade_database(url, to="0003")
    upgrade_database(url)

    assert schema_at(url) == NEWEST
    assert rows_of(url)["audit_events"] == before["audit_events"]


def test_a_newer_database_is_neither_read_nor_written_nor_migrated(newer_database: Database) -> None:
    url = newer_database.url

    with pytest.raises(DatabaseNewerError, match=r"schema 9999.*Install the newer version again"):
        newer_database.read().__enter__()
    with pytest.raises(DatabaseNewerError):
        newer_database.write().__enter__()
    with pytest.raises(DatabaseNewerError):
        upgrade_database(url)
    with pytest.raises(DatabaseNewerError):
        downgrade_database(url, to="0001")

    assert schema_at(url) == "9999"


@pytest.mark.parametrize(
    "arguments",
    [
        ["prepare"],
        ["database", "upgrade"],
        ["database", "schema"],
        ["database", "downgrade", "0001", "--yes"],
        ["users", "list"],
        ["audit", "verify"],
        ["content", "publish-due"],
    ],
)
def test_every_command_refuses_a_newer_database_in_one_line(
    newer_database: Database, app: Flask, arguments: list[str]
) -> None:
    result = app.test_cli_runner().invoke(args=arguments)

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        "Error: The database has schema 9999, and this version of the site"
    )
    assert result.output.count("Error") == 1
    assert "Traceback" not in result.output


@pytest.fixture
def record_has_begun() -> bool:
    """The database is too new to write its first row."""
    return False


def test_upgrading_says_which_step_is_done(url: str, app: Flask) -> None:
    downgrade_database(app.extensions["settings"].database_url, to="0007")

    result = app.test_cli_runner().invoke(args=["database", "upgrade"])

    assert result.exit_code == 0, result.output
    *steps, last = result.output.splitlines()
    assert steps[:2] == [
        "    0008 Changes that wait for a second person, or for their time.",
        "    0009 What readers report of pages.",
    ]
    assert [step.split()[0] for step in steps] == [schema for schema in known_schemas() if schema > "0007"]
    assert last == "The database is up to date."


def test_going_back_asks_first_and_says_what_to_install_then(app: Flask) -> None:
    runner = app.test_cli_runner()

    refused = runner.invoke(args=["database", "downgrade", "0008"], input="n\n")
    told = runner.invoke(args=["database", "schema"])
    done = runner.invoke(args=["database", "downgrade", "0008"], input="y\n")

    assert refused.exit_code == 1
    assert told.output == f"{NEWEST}\t(this version of the site: {NEWEST})\n"
    assert done.exit_code == 0, done.output
    assert "Install the version of the site that it belongs to" in done.output
    assert schema_at(app.extensions["settings"].database_url) == "0008"


@pytest.mark.parametrize("schema", ["9999", NEWEST, "base"])
def test_going_back_takes_only_an_older_schema(app: Flask, schema: str) -> None:
    result = app.test_cli_runner().invoke(args=["database", "downgrade", schema, "--yes"])

    assert result.exit_code == 1
    assert f"The database has schema {NEWEST}. Older ones are: 0001, " in result.output
