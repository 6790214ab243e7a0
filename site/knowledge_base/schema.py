"""The schemas of the database: which ones this code knows, which one a database has, and the way from one to another.

Each is named after the migration that leads to it.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from knowledge_base.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = ROOT / "migrations"
VERSION_TABLE = "alembic_version"

# Is told, after each migration that is done, which one it was.
Progress = Callable[[str], None]


class DatabaseNewerError(Exception):
    """A newer version of the site has changed the database. The message says what to do."""


@cache
def known_schemas() -> tuple[str, ...]:
    """Return the schemas that this code knows, the oldest first."""
    # By the names of their files: to have Alembic read them takes longer than everything else that a command does.
    return tuple(sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def schema_of(connection: Connection) -> str | None:
    """Return the schema of a database, or None where it has no tables of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    schema: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - our name
    return schema


def check_schema(connection: Connection) -> None:
    """Raise DatabaseNewerError for a database that this code would not understand."""
    schema = schema_of(connection)
    if schema is not None and schema not in known_schemas():
        message = (
            f"The database has schema {schema}, and this version of the site goes no further than "
            f"{known_schemas()[-1]}. Install the newer version again, or restore a backup into an empty database."
        )
        raise DatabaseNewerError(message)


def migration_config(url: str, *, progress: Progress | None = None) -> "Config":
    """Return Alembic's configuration for the database at `url`."""
    from alembic.config import Config  # noqa: PLC0415 - as in db.py

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    config.attributes["progress"] = progress
    return config
