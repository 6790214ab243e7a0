"""A process is killed between any two steps of publishing; the next one finds what it left."""

import errno
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.publishing import commands, journal
from knowledge_base.publishing.changes import Change, Contributor, FileChange, new_name
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.models import State
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.recovery import recover
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Repository
from knowledge_base.repository.working_files import Staged
from tests.content_folder import ContentFolder
from tests.publishing.conftest import NOW, SHARE, change_of, git


def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_process_that_is_killed(work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


def kill_while_publishing(store: ContentStore, jane: Contributor, owner: object, name: str) -> None:
    """Publish in a process of its own, which is killed when it comes to this step."""
    change = change_of(store, SHARE, "First line.", "My line.")
    assert store.repository.head()
    store.database.dispose()

    def work() -> None:
        setattr(owner, name, die)
        publish(store, change, by=jane, now=NOW)

    in_a_process_that_is_killed(work)


def published_events(store: ContentStore) -> int:
    with store.database.read() as session:
        return len(session.scalars(select(AuditEvent).where(AuditEvent.kind == "page.published")).all())


def follow_up(store: ContentStore) -> int:
    with store.locked():
        return recover(store, now=NOW, may_abandon=True)


def names(store: ContentStore) -> list[str]:
    return [file.name for file in store.content.rglob("*") if ".unfinished" in file.name]


def test_before_the_commit_nothing_is_live_and_nothing_is_left(store: ContentStore, jane: Contributor) -> None:
    before = store.files.read(SHARE)

    kill_while_publishing(store, jane, Repository, "_commit_on")
    assert names(store)
    found = follow_up(store)

    assert found == 1
    assert store.files.read(SHARE) == before
    assert published_events(store) == 0
    assert names(store) == []
    assert journal.begun(store) == []


def test_killed_before_the_files_are_all_written_nothing_is_left(store: ContentStore, jane: Contributor) -> None:
    kill_while_publishing(store, jane, os, "fsync")

    assert names(store)
    assert follow_up(store) == 1
    assert names(store) == []


def test_what_a_killed_sync_has_left_is_removed_at_a_start(app: Flask, store: ContentStore) -> None:
    (store.content / "referral" / ".unfinished-0123").write_text("Half a pa")

    with app.app_context():
        commands.follow_up()

    assert names(store) == []


@pytest.mark.parametrize(
    ("owner", "name"), [(Staged, "put_in_place"), (Repository, "refresh_index"), (journal, "finish")]
)
def test_after_the_commit_it_is_finished(store: ContentStore, jane: Contributor, owner: object, name: str) -> None:
    kill_while_publishing(store, jane, owner, name)
    follow_up(store)

    assert b"My line." in (store.files.read(SHARE) or b"")
    assert published_events(store) == 1
    assert names(store) == []
    assert git(store, "status", "--porcelain") == ""
    assert follow_up(store) == 0


@pytest.mark.parametrize("since", ["switch --quiet --create elsewhere HEAD~1", "checkout --quiet --detach HEAD~1"])
def test_what_is_in_the_history_is_recorded_once_whatever_is_checked_out_since(
    store: ContentStore, jane: Contributor, app: Flask, since: str
) -> None:
    publish(store, change_of(store, SHARE, "Third line.", "Last line."), by=jane, now=NOW)
    kill_while_publishing(store, jane, Staged, "put_in_place")
    git(store, *since.split()[:1], "--force", *since.split()[1:])
    with app.app_context():
        commands.follow_up()
        git(store, "switch", "--quiet", "--force", "main")
        commands.follow_up()
        commands.follow_up()

    assert published_events(store) == 2
    assert journal.begun(store) == []


def test_the_very_first_commit_is_finished_too(app: Flask, content: ContentFolder, jane: Contributor) -> None:
    (content.root / "_data" / "audiences.yml").unlink()
    store: ContentStore = app.extensions["content_store"]
    page = b"---\ntitle: Home\nsummary: A page of a test.\n---\n\nWords.\n"
    assert store.repository.head() is None
    store.database.dispose()

    def work() -> None:
        setattr(Staged, "put_in_place", die)  # noqa: B010 - as in kill_while_publishing
        publish(store, Change((FileChange("index.md", page, None),), subject="index", note="Begin"), by=jane, now=NOW)

    in_a_process_that_is_killed(work)
    assert follow_up(store) == 1

    assert store.files.read("index.md") == page
    assert published_events(store) == 1


def test_a_page_that_was_saved_by_hand_since_is_left_as_it_is(store: ContentStore, jane: Contributor) -> None:
    kill_while_publishing(store, jane, Staged, "put_in_place")
    by_hand = (store.files.read(SHARE) or b"").replace(b"Third line.", b"By hand.")
    (store.content / SHARE).write_bytes(by_hand)

    follow_up(store)

    assert store.files.read(SHARE) == by_hand
    assert published_events(store) == 1


@pytest.mark.parametrize("in_the_way", ["a folder", "a link", "a file instead of its folder"])
def test_what_was_put_in_the_pages_place_by_hand_stops_nothing(
    store: ContentStore, jane: Contributor, in_the_way: str
) -> None:
    kill_while_publishing(store, jane, Staged, "put_in_place")
    place = store.content / SHARE
    place.unlink()
    if in_the_way == "a folder":
        place.mkdir()
    elif in_the_way == "a link":
        place.symlink_to("/dev/null")
    else:
        shutil.rmtree(place.parent)
        place.parent.touch()

    assert follow_up(store) == 1
    assert journal.begun(store) == []
    assert published_events(store) == 1


def test_the_next_publication_follows_up_by_itself_and_finds_no_lock(store: ContentStore, jane: Contributor) -> None:
    kill_while_publishing(store, jane, Staged, "put_in_place")

    publish(store, change_of(store, "referral/index.md", "See", "Read"), by=jane, now=NOW)

    assert b"My line." in (store.files.read(SHARE) or b"")
    assert published_events(store) == 2


def test_a_disk_that_is_full_leaves_nothing_begun(
    store: ContentStore, jane: Contributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    change = change_of(store, SHARE, "First line.", "My line.")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(PublishingBusyError, match="No space left"):
            publish(store, change, by=jane, now=NOW)

    assert journal.begun(store) == []
    assert journal.state_of(store, change.name) is State.ABANDONED
    assert names(store) == []


def test_an_index_of_gits_that_is_broken_stops_nothing(store: ContentStore, jane: Contributor) -> None:
    (store.content / ".git" / "index").write_bytes(b"no index")

    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)

    assert b"My line." in (store.files.read(SHARE) or b"")
    assert published_events(store) == 1
    assert journal.begun(store) == []


@pytest.mark.parametrize("lock", ["HEAD.lock", "refs/heads/main.lock"])
def test_a_branch_that_another_git_has_locked_is_said_and_a_lock_left_behind_is_removed(
    store: ContentStore, jane: Contributor, lock: str
) -> None:
    left = store.content / ".git" / lock
    left.touch()
    change = change_of(store, SHARE, "First line.", "My line.")

    with pytest.raises(PublishingBusyError, match="Try again in a minute"):
        publish(store, change, by=jane, now=NOW)
    assert journal.begun(store) == []
    assert b"First line." in (store.files.read(SHARE) or b"")
    os.utime(left, (left.stat().st_mtime - 61,) * 2)

    assert publish(store, replace(change, name=new_name()), by=jane, now=NOW).is_new
    assert not left.exists()


def test_names_that_are_no_text_are_refused_and_stop_neither_publishing_nor_the_checks(
    app: Flask, store: ContentStore, jane: Contributor
) -> None:
    folder = store.content / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "index.md").write_text("Words.\n")
    (store.content / "referral" / os.fsdecode(b"caf\xe9.md")).write_text("Words.\n")

    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)
    checked = app.test_cli_runner().invoke(args=["content", "check"])

    assert "referral/caf\ufffd.md: error: left out: its name makes no address" in checked.stdout
    assert "caf\ufffd/index.md: error: left out: its name makes no address" in checked.stdout
