"""The commands: what they say, when they refuse, and that whatever stops them leaves nothing half done."""

import re
import resource
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from filelock import FileLock
from flask import Flask
from sqlalchemy import inspect, text

from knowledge_base.accounts.register import Register
from knowledge_base.backup.kept_settings import ADDRESSES, PLAIN, SECRETS, kept_settings
from knowledge_base.db import Database
from knowledge_base.publishing import store as publishing_store
from knowledge_base.publishing.models import Publication, State
from knowledge_base.publishing.store import ContentStore
from knowledge_base.schema import known_schemas
from knowledge_base.settings import ROOT, Settings
from tests.backup.conftest import NOW, Place, contributor, manifest_of, members_of, publish_words
from tests.backup.processes import run_command
from tests.databases import only_on_sqlite

Run = Callable[..., Result]


def tables_in(url: str) -> list[str]:
    database = Database(url)
    try:
        return inspect(database.engine).get_table_names()
    finally:
        database.dispose()


def kinds_recorded(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(text("SELECT kind FROM audit_events ORDER BY number")))


def test_says_what_a_backup_holds_and_that_the_key_is_not_in_it(store: ContentStore, run: Run, tmp_path: Path) -> None:
    made = run("backup", "create", tmp_path / "backup.tar.gz")
    verified = run("backup", "verify", tmp_path / "backup.tar.gz")

    for result in (made, verified):
        assert result.exit_code == 0, result.output
        assert re.search(r"Made on \d+ \w+ \d{4} at \d\d:\d\d \(London\) by ", result.output)
        assert re.search(r"Content: at revision [0-9a-f]{12}, and 0 files that were changed by hand\.", result.output)
        assert f"Database: schema {known_schemas()[-1]}, " in result.output
        assert " tables: 0 accounts, 0 drafts, 0 uploads, 1 events." in result.output
    assert "The secret key is not in it. Keep that apart from the backups" in made.output
    assert "It is whole, and so is the record of events in it." in verified.output
    assert kinds_recorded(store.database) == ["record.began", "site.backup-made"]


def test_no_secret_is_in_a_backup(app: Flask, archive: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {name: f"very secret {name}" for name in (*SECRETS, "KB_SOMETHING_NEW")}
    for name, value in {**secrets, "KB_SMTP_HOST": "mail.example.gov.uk"}.items():
        monkeypatch.setenv(name, value)
    for name in ("KB_TEST_POSTGRESQL", "KB_TEST_CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    address = "postgresql://kb:hunter2@db.example/kb?password=hunter3&sslpassword=hunter4&sslmode=require"
    monkeypatch.setenv("KB_DATABASE_URL", address)
    path = archive.with_name("second.tar.gz")

    assert run("backup", "create", path).exit_code == 0

    held = b"".join(content for _, content in members_of(path))
    assert b"very secret" not in held
    assert b"hunter" not in held
    assert app.extensions["settings"].secret_key.encode() not in held
    manifest = manifest_of(path)
    assert manifest["secrets"] == sorted(secrets)
    assert manifest["settings"]["KB_SMTP_HOST"] == "mail.example.gov.uk"
    assert manifest["settings"]["KB_DATABASE_URL"] == "postgresql://kb:***@db.example/kb?sslmode=require"


def test_each_setting_is_either_noted_or_a_secret() -> None:
    settings = (ROOT / "README.md").read_text(encoding="utf-8")

    names = {name for name in re.findall(r"\bKB_[A-Z_]+\b", settings) if not name.startswith("KB_TEST_")}

    assert len(names) > 30
    assert names == PLAIN | SECRETS | set(ADDRESSES)
    assert kept_settings({"KB_DATABASE_URL": "::"})[0] == {"KB_DATABASE_URL": "not an address"}


@pytest.mark.parametrize(
    ("given", "noted"),
    [
        ("https://git.example.gov.uk/pages.git", "https://git.example.gov.uk/pages.git"),
        ("https://jo:hunter2@git.example.gov.uk/pages.git", "https://git.example.gov.uk/pages.git"),
        ("https://token-of-jo@git.example.gov.uk/pages.git?key=k", "https://git.example.gov.uk/pages.git"),
        ("ssh://git:hunter2@git.example.gov.uk:22/pages.git", "ssh://git@git.example.gov.uk:22/pages.git"),
        ("ssh://git@git.example.gov.uk/pages.git", "ssh://git@git.example.gov.uk/pages.git"),
        ("git@git.example.gov.uk:pages.git", "git@git.example.gov.uk:pages.git"),
        ("/srv/pages.git", "/srv/pages.git"),
        ("https://[git/pages.git", "not an address"),
    ],
)
def test_the_address_of_a_remote_is_noted_without_its_secrets(given: str, noted: str) -> None:
    assert kept_settings({"KB_CONTENT_REMOTE": given}) == ({"KB_CONTENT_REMOTE": noted}, ())


def test_a_backup_takes_the_place_of_nothing(archive: Path, run: Run) -> None:
    before = archive.read_bytes()

    result = run("backup", "create", archive)

    assert result.exit_code == 1
    assert "backup.tar.gz is there already. Name a file that is not there yet." in result.output
    assert archive.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(store: ContentStore, run: Run, tmp_path: Path) -> None:
    result = run("backup", "create", tmp_path / "nowhere" / "backup.tar.gz")

    assert result.exit_code == 1
    assert f"The backup cannot be written to {tmp_path / 'nowhere'}: No such file or directory." in result.output


def test_waits_for_whoever_publishes_and_not_for_ever(
    store: ContentStore, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing_store, "PATIENCE", ((0.05, 0.01),))

    with FileLock(store.lock_file):
        result = run("backup", "create", tmp_path / "backup.tar.gz")

    assert result.exit_code == 1
    assert "No backup was made. Others are publishing at the moment." in result.output
    assert not list(tmp_path.glob("*backup*"))


def test_a_publication_that_was_cut_short_is_followed_up_first(
    store: ContentStore, accounts: Register, run: Run, place: Place, tmp_path: Path
) -> None:
    publish_words(store, "More.", by=contributor(accounts, "jane", roles=("editor",)))
    with store.database.write() as session:
        session.execute(text("UPDATE publications SET state = 'begun', revision = NULL, ended_at = NULL"))

    assert run("backup", "create", tmp_path / "backup.tar.gz").exit_code == 0

    assert place.run("backup", "restore", tmp_path / "backup.tar.gz").exit_code == 0
    with place.app() as other, other.extensions["database"].read() as session:
        publication = session.query(Publication).one()
        assert (publication.state, publication.revision) == (State.DONE, store.repository.head())


def test_a_full_disk_leaves_nothing_half(store: ContentStore, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    store.database.dispose()
    # No file may be longer than this: the system refuses the rest as it does on a full disk.
    first = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"

    ended = run_command(settings, "backup", "create", folder / "backup.tar.gz", first=first)

    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000
    assert ended.returncode == 1
    assert "Error: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_timer_that_gives_up_leave_nothing_half(
    store: ContentStore, settings: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    store.database.dispose()
    # In the middle of it: when the first table has been written.
    first = (
        # Whoever runs the tests in the background may have told them to ignore it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from knowledge_base.backup import tables; write = tables.dump_table\n"
        f"tables.dump_table = lambda *a, **k: (write(*a, **k), os.kill(os.getpid(), {int(number)}))[0]"
    )

    ended = run_command(settings, "backup", "create", folder / "backup.tar.gz", first=first)

    assert ended.returncode == 1
    assert ended.stderr.endswith("Error: Stopped. Nothing was changed, and nothing half is left.\n")
    assert list(folder.iterdir()) == []


def test_restoring_with_another_key_says_what_to_do_and_changes_nothing(
    archive: Path, place: Place, settings: Settings
) -> None:
    other = Place(replace(place.settings, secret_key="another secret key of 32 characters"))

    refused = other.run("backup", "restore", archive)
    empty = not place.settings.content_dir.exists() and not tables_in(place.settings.database_url)
    verified = other.run("backup", "verify", archive)
    restored = other.run("backup", "restore", archive, "--lost-secret-key")

    assert refused.exit_code == 1
    assert "This backup was made with another secret key than the site has here. Put the key" in refused.output
    assert empty
    assert verified.exit_code == 0
    assert "so the record of events in it was not checked" in verified.output
    assert restored.exit_code == 0, restored.output
    assert "The secret key is a new one: second factors have to be set up again" in restored.output


def test_an_old_key_that_is_still_named_is_enough(archive: Path, place: Place) -> None:
    old = place.settings.secret_key
    other = Place(replace(place.settings, secret_key="another secret key of 32 characters", old_secret_keys=(old,)))

    restored = other.run("backup", "restore", archive)
    checked = other.run("audit", "verify")

    assert restored.exit_code == 0, restored.output
    assert checked.exit_code == 0, checked.output


def test_restoring_over_a_site_is_refused(archive: Path, run: Run, store: ContentStore, place: Place) -> None:
    over_all = run("backup", "restore", archive)
    shutil.copytree(store.content, place.settings.content_dir)
    over_content = place.run("backup", "restore", archive)

    assert over_all.exit_code == over_content.exit_code == 1
    assert "The database has tables already. A backup goes into an empty one" in over_all.output
    assert "is not empty: set KB_CONTENT_DIR" in over_content.output
    assert tables_in(place.settings.database_url) == []
    assert store.repository.head() == manifest_of(archive)["content"]["revision"]


def test_a_database_that_does_not_answer_is_told_in_one_line(archive: Path, place: Place) -> None:
    nowhere = Place(replace(place.settings, database_url="sqlite:////nowhere/to/be/found.sqlite3"))

    created = nowhere.run("backup", "create", archive.with_name("new.tar.gz"))
    restored = nowhere.run("backup", "restore", archive)

    assert "Error: The database cannot be read, so no backup was made: " in created.output
    assert "Error: The database does not answer: " in restored.output
    assert all(isinstance(result.exception, SystemExit) for result in (created, restored))


def test_a_record_that_is_not_whole_is_found_and_can_still_be_restored(
    store: ContentStore, run: Run, place: Place, tmp_path: Path
) -> None:
    with store.database.write() as session:
        session.execute(text("UPDATE audit_heads SET number = 7"))
    path = tmp_path / "backup.tar.gz"
    assert run("backup", "create", path).exit_code == 0

    verified = run("backup", "verify", path)
    counted = run("backup", "create", "--verify", path.with_name("second.tar.gz"))
    restored = place.run("backup", "restore", path)

    assert counted.exit_code == 1
    assert kinds_recorded(store.database).count("site.backup-made") == 1
    assert verified.exit_code == 1
    assert "Error: The record of events in it is not whole." in verified.output
    assert restored.exit_code == 0, restored.output
    assert "The record of events was not whole when the backup was made." in restored.output


def test_says_what_was_set_otherwise(archive: Path, place: Place, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_AUDIT_MONTHS", "36")
    monkeypatch.setenv("KB_SMTP_PASSWORD", "secret")
    path = archive.with_name("second.tar.gz")
    assert run("backup", "create", path).exit_code == 0
    monkeypatch.delenv("KB_AUDIT_MONTHS")

    restored = place.run("backup", "restore", path)

    assert "It was set otherwise: KB_AUDIT_MONTHS=36" in restored.output
    assert "Set then, with a value that is not in the backup: KB_SMTP_PASSWORD" in restored.output


def test_says_what_was_left_out_and_which_remotes_there_were(
    store: ContentStore, place: Place, run: Run, tmp_path: Path
) -> None:
    (store.content / "two\nlines.md").write_text("x")
    store.repository.git.run("remote", "add", "origin", "https://jo:hunter2@git.example.gov.uk/pages.git")

    made = run("backup", "create", tmp_path / "backup.tar.gz")
    restored = place.run("backup", "restore", tmp_path / "backup.tar.gz")

    assert "Left out, for its name: two?lines.md" in made.output
    assert "Add it again: git remote add origin https://git.example.gov.uk/pages.git" in restored.output


def test_a_history_that_cannot_be_read_is_told_in_one_line(store: ContentStore, run: Run, tmp_path: Path) -> None:
    for pack in (store.content / ".git" / "objects").rglob("*"):
        if pack.is_file():
            pack.unlink()

    result = run("backup", "create", tmp_path / "backup.tar.gz")

    assert result.exit_code == 1
    assert "The content's history cannot be read, so no backup was made. The newest commit" in result.output
    assert not list(tmp_path.glob("*backup*"))


@only_on_sqlite
def test_a_site_that_was_never_started_has_nothing_to_keep(settings: Settings, tmp_path: Path) -> None:
    empty = replace(settings, database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}")

    result = Place(empty).run("backup", "create", tmp_path / "backup.tar.gz")

    assert result.exit_code == 1
    assert "so no backup was made: There is no database in its place." in result.output


def test_restoring_is_recorded(archive: Path, place: Place) -> None:
    assert place.run("backup", "restore", archive).exit_code == 0

    with place.app() as other:
        assert kinds_recorded(other.extensions["database"]) == ["record.began", "site.restored"]
        page = text("SELECT details FROM audit_events WHERE kind = 'site.restored'")
        with other.extensions["database"].read() as session:
            assert f"{NOW.year}" in str(session.scalar(page))
