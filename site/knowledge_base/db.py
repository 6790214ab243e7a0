"""The database: one engine, two kinds of transaction, and time that is always UTC."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from knowledge_base.settings import ROOT

MIGRATIONS = ROOT / "migrations"
WRITES = "knowledge_base_writes"
PATIENCE_OPTION = "knowledge_base_patience"
PATIENCE = timedelta(seconds=5)
# Any number that no other program on the same database takes: it is the bytes of "kbwrites".
WRITE_LOCK = 0x6B627772_69746573
# A machine that is switched off in a transaction would hold its lock for the two hours that TCP waits by itself.
POSTGRESQL_SESSION = {
    "idle_in_transaction_session_timeout": "120s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


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
    """The engine and its transactions. Safe to share between threads; make it after forking."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _postgresql_engine(url) if is_postgresql(url) else _sqlite_engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction for reading."""
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self, *, patience: timedelta = PATIENCE) -> Iterator[Session]:
        """Open a transaction for writing: committed at the end, rolled back on an error.

        Its first statement takes the write lock, so what is read in it cannot change before it commits. Raises
        OperationalError when somebody else has the lock for longer than our `patience`.
        """
        with Session(self.writing_engine(patience)) as session, session.begin():
            yield session

    def writing_engine(self, patience: timedelta = PATIENCE) -> Engine:
        """Return the engine whose transactions begin with the write lock."""
        options: dict[str, object] = {WRITES: True, PATIENCE_OPTION: patience}
        if is_postgresql(self.url):
            # What one reads after it has the lock must be what the one before left, not what there was when it asked.
            options["isolation_level"] = "READ COMMITTED"
        return self._engine.execution_options(**options)

    def check(self) -> None:
        """Raise SQLAlchemyError when the database does not answer."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close all connections: before a fork, and at the end of a test."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The engine, for Alembic and the tests."""
        return self._engine


def migration_config(url: str) -> Config:
    """Return Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade_database(url: str) -> None:
    """Bring the database at `url` to the newest schema, making it if it is missing."""
    command.upgrade(migration_config(url), "head")


def is_postgresql(url: str) -> bool:
    """Tell whether a database is one of PostgreSQL's."""
    return make_url(url).get_backend_name() == "postgresql"


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _postgresql_engine(url: str) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_SESSION.items())
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        # What a statement was about is nobody's business who reads a log.
        hide_parameters=True,
        # A transaction that reads sees one state, as on SQLite.
        isolation_level="REPEATABLE READ",
        # The server may have been started again since.
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": options},
    )
    event.listen(engine, "begin", _begin_postgresql_transaction)
    return engine


def _begin_postgresql_transaction(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(WRITES, False):
        patience = _milliseconds(options.get(PATIENCE_OPTION, PATIENCE))
        # One writer at a time, as on SQLite: what holds there holds here (docs/decisions/0007).
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}; SELECT pg_advisory_xact_lock({WRITE_LOCK})")


def _set_up_sqlite_connection(connection: sqlite3.Connection, _record: object) -> None:
    # Durable at commit, also against a power cut; readers do not wait for a writer.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_milliseconds(PATIENCE)}")
    _turn_wal_on(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _turn_wal_on(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        # Where another process is making the same new database, SQLite refuses at once, whatever the timeout: both
        # have read, so each would wait for the other. A transaction, which has not read yet, does wait.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite_transaction(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get(WRITES, False)
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_milliseconds(options.get(PATIENCE_OPTION, PATIENCE))}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _milliseconds(patience: timedelta) -> int:
    return int(patience.total_seconds() * 1000)
