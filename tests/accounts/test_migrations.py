import os
import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from knowledge_base.db import Database, Model, migration_config, upgrade_database

SITE = Path(__file__).parents[2] / "site"
UPGRADE = """
import sys
from knowledge_base.db import upgrade_database

print("ready", flush=True)
sys.stdin.readline()
upgrade_database(sys.argv[1])
"""


def test_migrations_make_the_tables_that_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Model.metadata)

    assert differences == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = database.schema()

    upgrade_database(database.url)

    assert database.schema() == before


def test_downgrading_removes_every_table(database: Database) -> None:
    command.downgrade(migration_config(database.url), "base")

    assert inspect(database.engine).get_table_names() == ["alembic_version"]


def test_processes_that_start_together_upgrade_a_new_database_once(empty_database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, empty_database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SITE)},
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0, 0], errors
