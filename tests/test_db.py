"""The database: durable, safe between writers, and always in UTC."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, inspect, make_url, select, text
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from knowledge_base.accounts.models import SignInAttempt
from knowledge_base.db import Database, UtcDateTime
from knowledge_base.schema import known_schemas
from tests.conftest import fill_in
from tests.databases import only_on_postgresql, only_on_sqlite


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@only_on_sqlite
def test_what_is_written_survives_a_power_cut(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_waits_for_another_process_that_makes_the_same_new_database(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite3"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    statements: list[str] = []

    def let_the_other_finish(statement: str) -> None:
        if any("journal_mode" in earlier for earlier in statements):
            other.close()
        statements.append(statement)

    database = Database(f"sqlite:///{file}")
    event.listen(
        database.engine,
        "connect",
        lambda connection, _record: connection.set_trace_callback(let_the_other_finish),
        insert=True,
    )
    with database.read() as session:
        mode = session.scalar(text("PRAGMA journal_mode"))
    database.dispose()

    assert mode == "wal"


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    def stop_halfway(session: Session) -> None:
        session.execute(text("CREATE TABLE half (x INTEGER)"))
        session.execute(text("INSERT INTO nothing VALUES (1)"))

    with pytest.raises(DBAPIError), database.write() as session:
        stop_halfway(session)

    assert not inspect(database.engine).has_table("half")


def test_a_writer_waits_for_another_no_longer_than_its_patience(database: Database) -> None:
    def write_something() -> None:
        with database.write(patience=timedelta(milliseconds=1)) as session:
            session.execute(text("SELECT 1"))

    with database.write() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(OperationalError):
            write_something()

    write_something()


def test_a_reader_sees_one_state(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (n INTEGER)"))

    with database.read() as reader:
        before = reader.scalar(text("SELECT count(*) FROM counter"))
        with database.write() as session:
            session.execute(text("INSERT INTO counter VALUES (1)"))
        after = reader.scalar(text("SELECT count(*) FROM counter"))

    assert (before, after) == (0, 0)


def test_two_writers_do_not_lose_each_others_work(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (n INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))

    def add() -> None:
        for _ in range(25):
            with database.write() as session:
                n = session.scalar(text("SELECT n FROM counter"))
                session.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as session:
        assert session.scalar(text("SELECT n FROM counter")) == 100


def test_a_moment_comes_back_in_utc() -> None:
    column = UtcDateTime()
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))

    assert column.process_bind_param(summer, dialect()) == datetime(2026, 7, 1, 11, 0, tzinfo=UTC)
    assert column.process_result_value(datetime(2026, 7, 1, 11, 0), dialect()) == summer  # noqa: DTZ001
    assert column.process_bind_param(None, dialect()) is None
    assert column.process_result_value(None, dialect()) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 7, 1), dialect())  # noqa: DTZ001


def test_the_database_answers(database: Database) -> None:
    assert database.schema() == known_schemas()[-1]
    with database.read() as session:
        assert session.scalars(select(SignInAttempt)).all() == []


def test_to_ask_for_the_schema_makes_no_database(tmp_path: Path) -> None:
    file = tmp_path / "gone.sqlite3"

    with pytest.raises(OperationalError):
        Database(f"sqlite:///{file}").schema()

    assert not file.exists()


@only_on_postgresql
def test_a_server_that_only_reads_for_now_is_no_fault_of_the_sites(app: Flask, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION only_reads() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'read-only' USING ERRCODE = 'read_only_sql_transaction'; END $$;"
            "CREATE TRIGGER only_reads BEFORE INSERT ON sign_in_attempts FOR EACH ROW EXECUTE FUNCTION only_reads()"
        )

    answer = fill_in(app.test_client(), "/login", {"email": "ada@example.gov.uk", "password": "three random words"})

    assert answer.status_code == 503
    assert "cannot use its database" in answer.text


@only_on_postgresql
def test_what_the_address_says_of_a_connection_holds(database_url: str) -> None:
    options = "-c search_path=elsewhere -c statement_timeout=7s"
    database = Database(
        make_url(database_url).update_query_dict({"options": options}).render_as_string(hide_password=False)
    )
    with database.engine.connect() as connection:
        said = [connection.scalar(text(f"SHOW {name}")) for name in ("search_path", "statement_timeout")]
        ours = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
    database.dispose()

    assert said == ["elsewhere", "7s"]
    assert ours == "2min"
