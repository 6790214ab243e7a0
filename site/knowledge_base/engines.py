"""Connections to SQLite and to PostgreSQL, set up so that the same promises hold on both."""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

WRITES = "knowledge_base_writes"
PATIENCE_OPTION = "knowledge_base_patience"
PATIENCE = timedelta(seconds=5)
# Any number that no other program on the same database takes: it is the bytes of "kbwrites".
WRITE_LOCK = 0x6B627772_69746573
FILE = "knowledge_base_file"
# The connections that each engine has to a server.
_OPEN: WeakKeyDictionary[Engine, "WeakSet[psycopg.Connection[Any]]"] = WeakKeyDictionary()
# A machine that is switched off in a transaction would hold its lock for the two hours that TCP waits by itself.
POSTGRESQL_SESSION = {
    "idle_in_transaction_session_timeout": "120s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


def is_postgresql(url: str) -> bool:
    """Tell whether a database is one of PostgreSQL's."""
    return make_url(url).get_backend_name() == "postgresql"


def make_engine(url: str) -> Engine:
    """Return the engine for the database at `url`. It connects when it is first used."""
    return _postgresql_engine(url) if is_postgresql(url) else _sqlite_engine(url)


def writing(engine: Engine, *, patience: timedelta = PATIENCE) -> Engine:
    """Return the same engine with transactions that begin with the write lock."""
    options: dict[str, object] = {WRITES: True, PATIENCE_OPTION: patience}
    if engine.dialect.name == "postgresql":
        # What one reads after it has the lock must be what the one before left, not what there was when it asked.
        options["isolation_level"] = "READ COMMITTED"
    return engine.execution_options(**options)


@contextmanager
def alone(engine: Engine, what: int, *, patience: timedelta) -> Iterator[None]:
    """Hold a lock that one process on all machines can have; it is free again when its holder is gone.

    `what` is a number of one's own. An SQLite database is one machine's, which has locks of its own: there it does
    nothing. Raises OperationalError when somebody else has it for longer than our `patience`.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    # In no transaction: what lasts long would keep the database from tidying up.
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {_milliseconds(patience)}")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({what})")
        try:
            yield
        finally:
            # Gives the lock back with the connection, also one that is broken.
            connection.invalidate()


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite database, None for any other."""
    name = make_url(url).database
    return Path(name) if name and name != ":memory:" and not is_postgresql(url) else None


def give_up_open_connections(engine: Engine) -> None:
    """Let everybody who waits for a server that has fallen silent get an OperationalError now.

    Nothing else ends that wait: the machine of a server that stands still takes what is sent to it.
    """
    for connection in list(_OPEN.get(engine, ())):
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def leave_foreign_keys_alone(connection: sqlite3.Connection, _record: object) -> None:
    """Let a new connection to SQLite alter tables, which it copies and drops: else the rows that refer to one would go.

    For the event "connect" of an engine. In a transaction it would be too late.
    """
    connection.execute("PRAGMA foreign_keys = OFF")


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite_connection)
    if file := file_of(url):
        _watch_file(engine, file)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _postgresql_engine(url: str) -> Engine:
    address = make_url(url)
    # Those that the address itself has, such as a search path, come last, so that they hold.
    ours = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_SESSION.items())
    options = f"{ours} {address.query.get('options', '')}".rstrip()
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        # What a statement was about is nobody's business who reads a log.
        hide_parameters=True,
        # A transaction that reads sees one state, as on SQLite.
        isolation_level="REPEATABLE READ",
        # The server may have been started again since.
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": options},
    )
    event.listen(engine, "begin", _begin_postgresql_transaction)
    opened = _OPEN[engine] = WeakSet()
    event.listen(engine, "connect", lambda connection, _record: opened.add(connection))
    return engine


def _watch_file(engine: Engine, file: Path) -> None:
    """Let nobody use the file that was, once it is gone or another is in its place: what is written there is lost."""
    was_there = False

    def note(_connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401 - a record of SQLAlchemy's pool
        nonlocal was_there
        was_there, record.info[FILE] = True, _identity(file)

    def refuse_new(*_what: object) -> None:
        # SQLite would make an empty one, beside what is left of the old one's journal.
        if was_there:
            _identity(file)

    def compare(_connection: sqlite3.Connection, record: Any, _proxy: object) -> None:  # noqa: ANN401
        if record.info.get(FILE) != _identity(file):
            message = "another database file is in the place of the one that was open"
            raise DisconnectionError(message)

    event.listen(engine, "do_connect", refuse_new)
    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", compare)


def _identity(file: Path) -> tuple[int, int]:
    """Return what tells a file from another of its name. Raises sqlite3.OperationalError where there is none."""
    try:
        found = file.stat()
    except OSError as error:
        message = f"the database's file cannot be found: {error.strerror}"
        raise sqlite3.OperationalError(message) from error
    return found.st_dev, found.st_ino


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
