"""Every table, with something in every column, from one kind of database into another."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from knowledge_base.backup.errors import ArchiveFaultError, BackupError
from knowledge_base.backup.loading import check_empty, loaded_database
from knowledge_base.backup.manifest import ContentPart, Manifest, TablePart
from knowledge_base.backup.tables import FOLDER, dump_table, file_of, tables_in
from knowledge_base.db import Database, upgrade_database
from knowledge_base.schema import known_schemas, schema_of
from tests.databases import PAIRS, empty_database_on
from tests.rows import ROWS, Rows, fill, rows_in

pytestmark = pytest.mark.database
NEWEST = known_schemas()[-1]


@pytest.fixture(params=PAIRS, ids="-to-".join)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two databases without tables, of the kinds between which a site can move."""
    one, other = request.param
    with empty_database_on(one, tmp_path / "one") as source, empty_database_on(other, tmp_path / "other") as target:
        yield source, target


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir()
    return tmp_path


def dumped(url: str, folder: Path) -> Manifest:
    """Write all tables of a database into the folder."""
    database = Database(url)
    with database.read() as session:
        connection = session.connection()
        schema = schema_of(connection) or ""
        parts = [dump_table(connection, table, folder, progress=lambda: None) for table in tables_in(connection)]
    database.dispose()
    content = ContentPart(revision=None, branch="main", prefix="", shallow=(), changed={}, removed=(), remotes={})
    return Manifest(
        made_at=datetime(2026, 11, 22, tzinfo=UTC),
        code="test",
        schema_name=schema,
        content=content,
        tables=tuple(parts),
        settings={},
        secrets=(),
        members=(),
    )


def load(url: str, manifest: Manifest, folder: Path) -> None:
    with loaded_database(url, manifest, folder, progress=lambda _done, _total: None):
        pass


def filled(url: str, schema: str) -> Rows:
    upgrade_database(url, to=schema)
    database = Database(url)
    with database.engine.begin() as connection:
        fill(connection)
    database.dispose()
    return rows_of(url)


def rows_of(url: str) -> Rows:
    database = Database(url)
    with database.engine.connect() as connection:
        found = rows_in(connection)
    database.dispose()
    return found


def test_everything_in_every_table_comes_back(urls: tuple[str, str], folder: Path) -> None:
    source, target = urls
    before = filled(source, NEWEST)

    load(target, dumped(source, folder), folder)

    assert rows_of(target) == before


@pytest.mark.parametrize("schema", ["0001", "0003", "0006"])
def test_a_backup_of_an_older_schema_comes_back_in_the_newest(urls: tuple[str, str], folder: Path, schema: str) -> None:
    source, target = urls
    before = filled(source, schema)

    load(target, dumped(source, folder), folder)

    after = rows_of(target)
    assert {name: len(rows) for name, rows in after.items() if name in before} == {
        name: len(rows) for name, rows in before.items()
    }
    assert [row["email"] for row in after["accounts"]] == [row["email"] for row in before["accounts"]]


def test_counting_goes_on_after_the_last_number_that_was_ever_given(urls: tuple[str, str], folder: Path) -> None:
    source, target = urls
    filled(source, NEWEST)
    database = Database(source)
    with database.write() as session:
        drafts = next(table for table in tables_in(session.connection()) if table.name == "drafts")
        row = {
            "account_id": 1,
            "text": "",
            "version": 1,
            "publish_note": {},
            "created_at": datetime.now(UTC),
            "updated_at": datetime.now(UTC),
        }
        session.execute(insert(drafts).values(id=40, page_path="x", **row))
        session.execute(text("DELETE FROM drafts WHERE id = 40"))
        if database.engine.dialect.name != "sqlite":
            session.execute(text("SELECT setval(pg_get_serial_sequence('drafts', 'id'), 40)"))
    database.dispose()

    load(target, dumped(source, folder), folder)

    database = Database(target)
    with database.write() as session:
        session.execute(insert(drafts).values(page_path="y", **row))
        number = session.scalar(text("SELECT max(id) FROM drafts"))
        link = text("INSERT INTO sign_in_attempts (email_key, address_key, at, succeeded) VALUES ('', '', :at, true)")
        session.execute(link, {"at": datetime.now(UTC)})
        attempt = session.scalar(text("SELECT max(id) FROM sign_in_attempts"))
    database.dispose()
    assert number == 41
    assert attempt == ROWS + 1


def test_a_database_with_tables_is_not_touched(urls: tuple[str, str], folder: Path) -> None:
    source, target = urls
    before = filled(source, NEWEST)
    upgrade_database(target)
    manifest = dumped(source, folder)

    with pytest.raises(BackupError, match="The database has tables already"):
        load(target, manifest, folder)

    assert rows_of(source) == before
    assert all(not rows for name, rows in rows_of(target).items() if name != "audit_heads")


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("accounts", "[1]\n", "Its table accounts has a fault: row 1 cannot be read"),
        ("accounts", "{}\n", "Its table accounts has a fault: row 1 cannot be read"),
        ("accounts", "not json\n", "Its table accounts has a fault: row 1 cannot be read"),
        ("account_groups", '["1","staff"]\n', "Its table account_groups has a fault: row 1 cannot be read"),
        ("account_groups", '[true,"staff"]\n', "Its table account_groups has a fault: row 1 cannot be read"),
        ("account_groups", '[99,"staff"]\n', "refers to none in accounts|The database refuses what is in the backup: "),
        ("account_groups", '[null,"staff"]\n', "The database refuses what is in the backup: "),
        ("past_queries", '["w","a","2026-13-01",1]\n', "Its table past_queries has a fault: row 1 cannot be read"),
    ],
)
def test_a_row_that_cannot_be_leaves_the_database_empty(
    urls: tuple[str, str], folder: Path, table: str, line: str, words: str
) -> None:
    source, target = urls
    upgrade_database(source)
    manifest = dumped(source, folder)
    parts = [part.model_copy(update={"rows": 1}) if part.name == table else part for part in manifest.tables]
    manifest = manifest.model_copy(update={"tables": tuple(parts)})
    (folder / file_of(table)).write_text(line)

    with pytest.raises(BackupError, match=words):
        load(target, manifest, folder)

    check_empty(target)


def test_tables_that_the_schema_does_not_have_are_refused(urls: tuple[str, str], folder: Path) -> None:
    source, target = urls
    upgrade_database(source)
    manifest = dumped(source, folder)
    more = manifest.model_copy(
        update={"tables": (*manifest.tables, TablePart(name="more", columns={}, rows=0, last_number=None))}
    )
    first = manifest.tables[0].model_copy(update={"columns": {"other": "text"}})
    other = manifest.model_copy(update={"tables": (first, *manifest.tables[1:])})

    for wrong in (more, other):
        with pytest.raises(ArchiveFaultError, match="not those of its schema"):
            load(target, wrong, folder)

    check_empty(target)


def test_what_fails_after_loading_leaves_the_database_empty(urls: tuple[str, str], folder: Path) -> None:
    source, target = urls
    filled(source, NEWEST)
    manifest = dumped(source, folder)

    with (
        pytest.raises(KeyboardInterrupt),
        loaded_database(target, manifest, folder, progress=lambda _done, _total: None),
    ):
        raise KeyboardInterrupt

    check_empty(target)
