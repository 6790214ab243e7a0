"""A site whose nodes share a history is brought back: nothing at the remote is lost or written over."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from knowledge_base.accounts.register import Register
from knowledge_base.audit.models import AuditEvent
from knowledge_base.publishing import standing
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.commands import follow_up
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.following import follow
from knowledge_base.publishing.store import ContentStore
from tests.backup.conftest import NOW, SHARE, Place, contributor, publish_words
from tests.repository.conftest import run_git

pytestmark = pytest.mark.database
MAIN = "refs/heads/main"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """An empty repository."""
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    return bare


@pytest.fixture
def node(place: Place, remote: Path) -> Place:
    """An empty place that shares its history there."""
    return Place(replace(place.settings, content_remote=str(remote)))


@pytest.fixture
def jane(accounts: Register, store: ContentStore) -> Contributor:
    return contributor(accounts, "jane", roles=("editor",))


def send(store: ContentStore, remote: Path) -> str:
    """Have the remote hold what the site has now."""
    run_git(store.content, "push", "-q", str(remote), f"HEAD:{MAIN}")
    return run_git(remote, "rev-parse", MAIN)


def started(node: Place, do: Callable[[Flask, ContentStore], None]) -> None:
    """Start the restored site, and let it look at the remote once."""
    with node.app() as app, app.app_context():
        follow_up()
        store: ContentStore = app.extensions["content_store"]
        do(app, store)


def publish_again(app: Flask, store: ContentStore) -> None:
    follow(store, now=NOW)
    jane = contributor(app.extensions["accounts"], "janet", roles=("editor",))
    publish_words(store, "After the restore.", by=jane)


def is_recorded(_app: Flask, store: ContentStore) -> None:
    with store.database.read() as session:
        subjects = list(session.scalars(select(AuditEvent.subject)))
    assert f"what others changed at the shared remote: {SHARE}" in subjects


def look(_app: Flask, store: ContentStore) -> None:
    assert follow(store, now=NOW)


def text_at(remote: Path) -> str:
    return run_git(remote, "show", f"{MAIN}:{SHARE}")


def test_an_empty_remote_gets_the_history_at_the_start(
    jane: Contributor, archive: Path, store: ContentStore, node: Place, remote: Path
) -> None:
    restored = node.run("backup", "restore", archive)

    assert restored.exit_code == 0, restored.output
    assert standing.EMPTY in restored.output
    started(node, look)
    assert run_git(remote, "rev-parse", MAIN) == store.repository.head()


def test_the_same_history_goes_on(
    jane: Contributor, archive: Path, store: ContentStore, node: Place, remote: Path
) -> None:
    before = send(store, remote)

    restored = node.run("backup", "restore", archive)

    assert standing.SAME in restored.output
    started(node, publish_again)
    assert "After the restore." in text_at(remote)
    assert run_git(remote, "rev-parse", f"{MAIN}~1") == before


def test_what_was_published_after_the_backup_is_brought_in(
    jane: Contributor, archive: Path, store: ContentStore, node: Place, remote: Path
) -> None:
    publish_words(store, "Published later.", by=jane)
    newest = send(store, remote)

    restored = node.run("backup", "restore", archive)

    assert standing.NEWER.format(theirs="1 commit") in restored.output
    assert "Published later." not in (node.settings.content_dir / SHARE).read_text()
    started(node, publish_again)
    started(node, is_recorded)
    assert "Published later." in (node.settings.content_dir / SHARE).read_text()
    assert "After the restore." in text_at(remote)
    assert run_git(remote, "rev-parse", f"{MAIN}~1") == newest
    assert node.run("audit", "verify").exit_code == 0


def test_what_was_not_committed_in_the_backup_is_merged_with_what_came_later(
    jane: Contributor, store: ContentStore, run: Callable[..., object], node: Place, remote: Path, tmp_path: Path
) -> None:
    (store.content / "referral" / "by-hand.md").write_bytes((store.content / SHARE).read_bytes())
    run("backup", "create", tmp_path / "by-hand.tar.gz")
    publish_words(store, "Published later.", by=jane)
    send(store, remote)

    node.run("backup", "restore", tmp_path / "by-hand.tar.gz")

    started(node, publish_again)
    assert "referral/by-hand.md" in run_git(remote, "ls-tree", "-r", "--name-only", MAIN)
    assert "Published later." in text_at(remote)


def test_an_older_history_is_brought_up_to_date(
    jane: Contributor, store: ContentStore, run: Callable[..., object], node: Place, remote: Path, tmp_path: Path
) -> None:
    send(store, remote)
    newest = publish_words(store, "Published later.", by=jane)
    run("backup", "create", tmp_path / "newer.tar.gz")

    restored = node.run("backup", "restore", tmp_path / "newer.tar.gz")

    assert standing.OLDER.format(ours="1 commit") in restored.output
    started(node, look)
    assert run_git(remote, "rev-parse", MAIN) == newest


def test_another_history_is_left_as_it_is_and_nothing_is_published(
    archive: Path, node: Place, remote: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    run_git(tmp_path, "init", "-q", "-b", "main", str(other))
    run_git(other, "commit", "-q", "--allow-empty", "-m", "Another site")
    run_git(other, "push", "-q", str(remote), "HEAD:main")
    theirs = run_git(remote, "rev-parse", MAIN)

    restored = node.run("backup", "restore", archive)

    assert restored.exit_code == 0, restored.output
    assert standing.OTHER in restored.output

    def try_to_publish(app: Flask, store: ContentStore) -> None:
        jane = contributor(app.extensions["accounts"], "janet", roles=("editor",))
        with pytest.raises(PublishingBusyError, match="content sync"):
            publish_words(store, "After the restore.", by=jane)

    started(node, try_to_publish)
    synced = node.run("content", "sync")
    assert (synced.exit_code, "nothing in common" in synced.output) == (1, True)
    assert run_git(remote, "rev-parse", MAIN) == theirs
    assert "After the restore." not in (node.settings.content_dir / SHARE).read_text()


def test_a_remote_that_is_away_is_told(archive: Path, node: Place, remote: Path) -> None:
    remote.rename(remote.with_name("away.git"))

    restored = node.run("backup", "restore", archive)

    assert restored.exit_code == 0, restored.output
    assert standing.AWAY in restored.output
