"""What the timer starts each night, as it stands in deploy/: a backup, old ones away, the history tidied up."""

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge_base.accounts.register import Register
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import ROOT, Settings
from tests.backup.conftest import BUSY_PAGE, Place, contributor, publish_words, publishing_without_pause
from tests.backup.processes import run_for

SCRIPT = ROOT / "deploy" / "systemd" / "knowledge-base-backup"
DAY = 24 * 60 * 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an old backup, one of last week, and somebody else's file."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for name, days in (
        ("2026-01-01-023000.tar.gz", 15),
        ("2026-01-09-023000.tar.gz", 7),
        ("before-upgrade.tar.gz", 99),
    ):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - days * DAY, time.time() - days * DAY))
    return folder


def test_keeps_a_backup_and_tidies_up_while_others_publish(
    store: ContentStore, settings: Settings, accounts: Register, place: Place, folder: Path
) -> None:
    jane = contributor(accounts, "jane", roles=("editor",))
    (store.content / BUSY_PAGE).write_bytes((store.content / "referral/index.md").read_bytes())
    publish_words(store, "Once.", by=jane, path=BUSY_PAGE)
    store.database.dispose()
    with publishing_without_pause(store, jane, stop=folder.parent / "stop") as confirmed:
        ran = run_for(settings, SCRIPT, folder)
        for _ in range(3):
            store.repository.git.run("gc", "--quiet")
        revisions = [confirmed.readline().strip() for _ in range(3)]

    assert ran.returncode == 0, ran.stderr
    (new,) = {path.name for path in folder.iterdir()} - {"2026-01-09-023000.tar.gz", "before-upgrade.tar.gz"}
    assert new > "2026-11"
    assert place.run("backup", "verify", folder / new).exit_code == 0
    git = store.repository.git
    assert git.succeeds("fsck", "--full", "--strict")
    assert all(git.succeeds("merge-base", "--is-ancestor", revision, "HEAD") for revision in revisions)
    assert publish_words(store, "Still.", by=jane, path=BUSY_PAGE) == store.repository.head()


def test_deletes_nothing_when_the_backup_is_not_whole(store: ContentStore, settings: Settings, folder: Path) -> None:
    with store.database.write() as session:
        session.execute(text("UPDATE audit_heads SET number = 7"))
    store.database.dispose()

    ran = run_for(settings, SCRIPT, folder)

    assert ran.returncode == 1
    assert "Error: The record of events in it is not whole." in ran.stderr
    assert (folder / "2026-01-01-023000.tar.gz").exists()
