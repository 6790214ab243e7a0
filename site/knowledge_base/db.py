"""The database: one engine, two kinds of transaction, and time that is always UTC."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from knowledge_base.engines import (
    PATIENCE,
    alone,
    file_of,
    give_up_open_connections,
    is_postgresql,
    make_engine,
    writing,
)
from knowledge_base.schema import Progress, check_schema, known_schemas, migration_config, schema_of
from knowledge_base.watch import PATIENCE as PATIENCE_WITH_READING
from knowledge_base.watch import Watch

__all__ = [
    "LONDON",
    "Database",
    "Model",
    "UtcDateTime",
    "downgrade_database",
    "is_postgresql",
    "london_today",
    "migration_config",
    "upgrade_database",
    "upgrade_within",
    "utc_now",
]


NO_FILE = "There is no database in its place. Bring it back, or start the site: a new site gets a new one."


class Model(DeclarativeBase):
    """The base of every table. Constraints have names, so that a migration can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC. Refuses a time without a zone; gives one back with UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn the moment into UTC on its way into the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "A moment without a time zone cannot be stored."
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that the moment is in UTC: SQLite does not."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


LONDON = ZoneInfo("Europe/London")


def london_today() -> date:
    """Return today's date where the readers are."""
    return datetime.now(LONDON).date()


def utc_now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


class Database:
    """The engine and its transactions. Safe to share between threads; make it after forking.

    Whoever uses one that is gone, or that hangs, gets an OperationalError within seconds, and once that is known at
    once.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = make_engine(url)
        self._is_known = False
        self._watch = Watch(self.check, when_silent=lambda: give_up_open_connections(self._engine))

    @contextmanager
    def read(self, *, patience: timedelta = PATIENCE_WITH_READING) -> Iterator[Session]:
        """Open a transaction for reading. The first one raises DatabaseNewerError where that is so.

        Raises OperationalError when the database does not answer for longer than our `patience`.
        """
        self._make_sure(patience)
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self, *, patience: timedelta = PATIENCE) -> Iterator[Session]:
        """Open a transaction for writing: committed at the end, rolled back on an error.

        Its first statement takes the write lock, so what is read in it cannot change before it commits. Raises
        OperationalError when somebody else has the lock for longer than our `patience`, and the first one
        DatabaseNewerError where that is so.
        """
        self._make_sure(patience)
        with Session(writing(self._engine, patience=patience)) as session, session.begin():
            yield session

    def alone(self, what: int, *, patience: timedelta) -> AbstractContextManager[None]:
        """Hold a lock that one process on all machines can have, as `engines.alone` says."""
        return alone(self._engine, what, patience=patience)

    def check(self) -> None:
        """Raise SQLAlchemyError when the database does not answer."""
        self._find_file()
        with self._engine.connect() as connection:
            # Anything less does not look into the file.
            connection.execute(text("SELECT 1" if is_postgresql(self.url) else "SELECT count(*) FROM sqlite_master"))

    def schema(self) -> str | None:
        """Ask the database which schema it has by now, None without tables. Raises SQLAlchemyError."""
        self._find_file()
        with self._engine.connect() as connection:
            return schema_of(connection)

    def _find_file(self) -> None:
        file = file_of(self.url)
        if file is not None and not file.exists():
            # To connect would make an empty one.
            raise OperationalError(None, None, FileNotFoundError(NO_FILE))

    def _make_sure(self, patience: timedelta) -> None:
        self._watch.check(patience=patience)
        if not self._is_known:
            with self._engine.connect() as connection:
                check_schema(connection)
            self._is_known = True

    def dispose(self) -> None:
        """Close all connections: before a fork, and at the end of a test."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The engine, for Alembic and the tests."""
        return self._engine


def upgrade_database(url: str, *, to: str = "head", progress: Progress | None = None) -> None:
    """Bring the database at `url` to the newest schema, or to one, making it if it is missing.

    Raises DatabaseNewerError.
    """
    found = _schema_unless_newer(url)
    if found == (known_schemas()[-1] if to == "head" else to):
        return
    # It takes a sixth of a second to read, which each start and each command would wait for.
    from alembic import command  # noqa: PLC0415

    command.upgrade(migration_config(url, progress=progress), to)


def upgrade_within(connection: Connection, *, to: str = "head") -> None:
    """Bring a database to the newest schema, or to one, as part of the transaction that the connection has open.

    On SQLite its foreign keys must be off, because it copies and drops a table to alter it.
    """
    from alembic import command  # noqa: PLC0415

    config = migration_config(str(connection.engine.url))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def downgrade_database(url: str, *, to: str, progress: Progress | None = None) -> None:
    """Bring the database at `url` back to an older schema. What that one has no place for is deleted.

    Raises DatabaseNewerError.
    """
    from alembic import command  # noqa: PLC0415

    _schema_unless_newer(url)
    command.downgrade(migration_config(url, progress=progress), to)


def _schema_unless_newer(url: str) -> str | None:
    """Return the schema of a database, None where there is none yet. Raises DatabaseNewerError."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            check_schema(connection)
            return schema_of(connection)
    finally:
        database.dispose()
