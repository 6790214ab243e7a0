import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from knowledge_base.audit.events import SITE
from knowledge_base.audit.models import AuditEvent
from knowledge_base.publishing import journal
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.errors import EditConflictError, PublishingBusyError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.pulling import SyncRefusedError
from knowledge_base.publishing.store import ContentStore
from knowledge_base.publishing.sync import Synced, sync
from knowledge_base.repository.git import Git
from tests.publishing.conftest import NOW, SHARE, change_of, git
from tests.repository.conftest import run_git


@pytest.fixture
def remote(store: ContentStore, tmp_path: Path) -> Path:
    """A bare repository that has the site's content."""
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    run_git(store.content, "remote", "add", "origin", str(bare))
    run_git(store.content, "push", "-q", "origin", "HEAD:main")
    return bare


@pytest.fixture
def colleague(remote: Path, tmp_path: Path) -> Path:
    """Somebody else's clone of it."""
    run_git(tmp_path, "clone", "-q", str(remote), "colleague")
    return tmp_path / "colleague"


def push(clone: Path, path: str, old: str, new: str) -> str:
    file = clone / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    return commit_and_push(clone)


def commit_and_push(clone: Path) -> str:
    run_git(clone, "add", "-A")
    run_git(clone, "commit", "-q", "-m", "Changed by a colleague")
    run_git(clone, "push", "-q", "origin", "HEAD:main")
    return run_git(clone, "rev-parse", "HEAD")


def run_sync(store: ContentStore) -> Synced:
    return sync(store, actor=SITE, now=NOW)


def text_of(store: ContentStore, path: str = SHARE) -> str:
    return (store.content / path).read_text()


def test_what_a_colleague_pushed_is_live(store: ContentStore, colleague: Path) -> None:
    theirs = push(colleague, SHARE, "First line.", "Their line.")

    synced = run_sync(store)

    assert synced == Synced("origin", (SHARE,), was_pushed=False)
    assert "Their line." in text_of(store)
    assert git(store, "rev-parse", "HEAD") == theirs
    assert git(store, "status", "--porcelain") == ""
    page = store.library.edition().page("/referral/share")
    assert page is not None
    assert "Their line." in page.body


def test_what_was_published_here_is_pushed(
    store: ContentStore, remote: Path, colleague: Path, jane: Contributor
) -> None:
    mine = publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW).revision

    assert run_sync(store).was_pushed

    assert run_git(remote, "rev-parse", "main") == mine
    assert run_sync(store) == Synced("origin", (), was_pushed=False)


def test_changes_of_both_sides_are_merged(
    store: ContentStore, remote: Path, colleague: Path, jane: Contributor
) -> None:
    push(colleague, SHARE, "Third line.", "Their line.")
    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)

    synced = run_sync(store)

    assert (synced.pulled, synced.was_pushed) == ((SHARE,), True)
    assert "My line." in text_of(store)
    assert "Their line." in text_of(store)
    assert run_git(remote, "show", f"main:{SHARE}") == text_of(store).rstrip("\n")
    assert git(store, "status", "--porcelain") == ""


def test_new_keys_of_a_header_on_both_sides_are_merged(store: ContentStore, colleague: Path, jane: Contributor) -> None:
    push(colleague, SHARE, "owner: Prevent lead", "owner: Duty desk")
    publish(store, change_of(store, SHARE, "summary: A page of a test.", "summary: Another."), by=jane, now=NOW)

    run_sync(store)

    assert "owner: Duty desk" in text_of(store)
    assert "summary: Another." in text_of(store)


def test_what_was_changed_by_hand_is_kept_and_pushed(store: ContentStore, remote: Path, colleague: Path) -> None:
    push(colleague, SHARE, "Third line.", "Their line.")
    file = store.content / SHARE
    file.write_text(text_of(store).replace("First line.", "Hand-made line."))

    run_sync(store)

    assert "Hand-made line." in run_git(remote, "show", f"main:{SHARE}")
    assert "Their line." in text_of(store)


def test_a_conflict_changes_nothing_and_is_named(
    store: ContentStore, remote: Path, colleague: Path, jane: Contributor
) -> None:
    theirs = push(colleague, SHARE, "First line.", "Their line.")
    mine = publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW).revision

    with pytest.raises(EditConflictError) as raised:
        run_sync(store)

    assert [conflict.path for conflict in raised.value.conflicts] == [SHARE]
    assert git(store, "rev-parse", "HEAD") == mine
    assert run_git(remote, "rev-parse", "main") == theirs
    assert "My line." in text_of(store)


def test_pages_that_were_added_moved_and_deleted_come_over(store: ContentStore, colleague: Path) -> None:
    run_git(colleague, "mv", SHARE, "referral/tell.md")
    run_git(colleague, "rm", "-q", "staff/rota.md")
    run_git(colleague, "commit", "-q", "-m", "Move")
    (colleague / "referral" / "index.md").write_text(text_of(store, "referral/index.md").replace("/share", "/tell"))
    commit_and_push(colleague)

    synced = run_sync(store)

    assert set(synced.pulled) == {SHARE, "referral/tell.md", "referral/index.md", "staff/rota.md"}
    edition = store.library.edition()
    assert edition.page("/referral/tell")
    assert not edition.page("/referral/share")
    assert not (store.content / "staff" / "rota.md").exists()


def test_a_remote_that_is_still_empty_is_filled(store: ContentStore, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", "empty.git")
    run_git(store.content, "remote", "add", "origin", str(tmp_path / "empty.git"))

    assert run_sync(store).was_pushed

    assert run_git(tmp_path / "empty.git", "rev-parse", "main") == git(store, "rev-parse", "HEAD")


def test_a_history_of_something_else_is_refused(store: ContentStore, remote: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "-b", "main", "other")
    (tmp_path / "other" / "file.md").write_text("Something else.\n")
    run_git(tmp_path / "other", "add", ".")
    run_git(tmp_path / "other", "commit", "-q", "-m", "Begin")
    run_git(tmp_path / "other", "push", "-q", "--force", str(remote), "main")

    with pytest.raises(SyncRefusedError, match="nothing in common"):
        run_sync(store)


def test_a_link_to_another_place_is_not_brought_in(store: ContentStore, colleague: Path) -> None:
    (colleague / "referral" / "passwords.md").symlink_to("/etc/passwd")
    commit_and_push(colleague)
    head = git(store, "rev-parse", "HEAD")

    with pytest.raises(SyncRefusedError, match=r"referral/passwords\.md"):
        run_sync(store)

    assert git(store, "rev-parse", "HEAD") == head


@pytest.mark.parametrize("name", [".git", "..", ".GIT ", "caf\udce9.md"])
def test_names_that_git_would_not_check_out_or_that_are_no_text_are_not_brought_in(
    store: ContentStore, colleague: Path, name: str
) -> None:
    head, settings = git(store, "rev-parse", "HEAD"), (store.content / ".git" / "config").read_bytes()
    work = Git(colleague)
    blob = work.text("hash-object", "-w", "--stdin", stdin=b"[core]\n\tfsmonitor = false\n")
    folder = work.text("mktree", stdin=f"100644 blob {blob}\tconfig\n".encode())
    entry = f"100644 blob {blob}" if name.endswith(".md") else f"040000 tree {folder}"
    tree = work.text("mktree", "-z", stdin=os.fsencode(f"{entry}\t{name}\0"), environment={"LC_ALL": "C.UTF-8"})
    author = {
        "GIT_AUTHOR_NAME": "Jo",
        "GIT_AUTHOR_EMAIL": "jo@x",
        "GIT_COMMITTER_NAME": "Jo",
        "GIT_COMMITTER_EMAIL": "jo@x",
    }
    commit = work.text("commit-tree", tree, "-p", "HEAD", "-m", "Sly", environment=author)
    run_git(colleague, "push", "-q", "origin", f"{commit}:main")

    with pytest.raises(SyncRefusedError, match="no content"):
        run_sync(store)

    assert git(store, "rev-parse", "HEAD") == head
    assert (store.content / ".git" / "config").read_bytes() == settings
    assert not (store.content.parent / "config").exists()


def test_without_a_remote_it_says_what_to_do(store: ContentStore) -> None:
    with pytest.raises(SyncRefusedError, match="git remote add"):
        run_sync(store)


def test_a_lock_that_a_killed_fetch_has_left_is_removed(store: ContentStore, colleague: Path) -> None:
    run_sync(store)
    push(colleague, SHARE, "First line.", "Their line.")
    lock = store.content / ".git" / "refs" / "remotes" / "origin" / "main.lock"
    lock.touch()
    with pytest.raises(PublishingBusyError, match="Try again in a minute"):
        run_sync(store)

    os.utime(lock, (lock.stat().st_mtime - 61,) * 2)
    push(colleague, SHARE, "Their line.", "Their second line.")

    assert run_sync(store).pulled == (SHARE,)
    assert not lock.exists()


def test_a_remote_that_is_not_there_changes_nothing(store: ContentStore, remote: Path) -> None:
    remote.rename(remote.with_name("away.git"))

    with pytest.raises(PublishingBusyError):
        run_sync(store)


def test_what_somebody_has_staged_stays_theirs(store: ContentStore, colleague: Path) -> None:
    push(colleague, SHARE, "First line.", "Their line.")
    (store.content / "notes.txt").write_text("Mine.\n")
    run_git(store.content, "add", "notes.txt")

    run_sync(store)

    assert git(store, "status", "--porcelain") == "A  notes.txt"


def test_another_push_in_between_is_pulled_too(
    store: ContentStore, remote: Path, colleague: Path, jane: Contributor
) -> None:
    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)
    # The colleague is faster by a moment, once.
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    forget = "unset GIT_QUARANTINE_PATH $(git rev-parse --local-env-vars)"
    hook.write_text(f"#!/bin/sh\nrm -- {hook}\n{forget}\ncd {colleague} && git push -q origin HEAD:main\n")
    hook.chmod(0o755)
    (colleague / "staff" / "rota.md").write_text(text_of(store, "staff/rota.md") + "\nMore.\n")
    run_git(colleague, "commit", "-q", "-a", "-m", "Meanwhile")

    synced = run_sync(store)

    assert synced == Synced("origin", ("staff/rota.md",), was_pushed=True)
    assert run_git(remote, "rev-parse", "main") == git(store, "rev-parse", "HEAD")


@pytest.mark.parametrize("where", ["before the commit", "after the commit"])
def test_killed_midway_and_done_again_it_comes_to_the_same_end(
    store: ContentStore, colleague: Path, remote: Path, app: Flask, jane: Contributor, where: str
) -> None:
    push(colleague, SHARE, "Third line.", "Their line.")
    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)
    script = KILLED_BEFORE if where == "before the commit" else KILLED_AFTER
    assert run_and_be_killed(app, script) == -signal.SIGKILL
    assert "Their line." in text_of(store)

    synced = run_sync(store)

    assert synced.was_pushed
    assert "My line." in text_of(store)
    assert "Their line." in text_of(store)
    assert run_git(remote, "rev-parse", "main") == git(store, "rev-parse", "HEAD")
    assert git(store, "status", "--porcelain") == ""


def run_and_be_killed(app: Flask, script: str) -> int:
    settings = app.extensions["settings"]
    environment = {
        "KB_DATABASE_URL": settings.database_url,
        "KB_INSTANCE_DIR": str(settings.instance_dir),
        "KB_CONTENT_DIR": str(settings.content_dir),
        "KB_INDEX_DIR": str(settings.index_dir),
        "PYTHONPATH": "site",
    }
    return subprocess.run([sys.executable, "-c", script], env=os.environ | environment, check=False).returncode


KILLED = """
import os, signal
from knowledge_base.app import create_app
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.publishing import journal
from knowledge_base.publishing.sync import sync
from knowledge_base.repository.repository import Repository
from knowledge_base.repository.remote import Remote

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = die
sync(create_app().extensions["content_store"], actor=SITE, now=utc_now())
"""
KILLED_BEFORE = KILLED.format(where="Repository.move_to")
KILLED_AFTER = KILLED.format(where="Remote.push")


def recorded(store: ContentStore) -> list[str]:
    with store.database.read() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.kind == "page.published"))
        return [event.subject for event in found]


@pytest.mark.parametrize("where", ["Repository.move_to", "Repository.refresh_index", "journal.finish"])
def test_killed_at_any_step_what_others_changed_is_recorded_once(
    store: ContentStore, colleague: Path, app: Flask, jane: Contributor, where: str
) -> None:
    push(colleague, SHARE, "Third line.", "Their line.")
    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)
    done = run_and_be_killed(app, KILLED.format(where=where))
    assert done == -signal.SIGKILL

    publish(store, change_of(store, "index.md", "Some words.", "Other words."), by=jane, now=NOW)
    run_sync(store)
    run_sync(store)

    of_others = [subject for subject in recorded(store) if "others" in subject]
    assert of_others == [f"what others changed at origin: {SHARE}"]
    assert journal.begun(store) == []


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["content", *arguments])


def test_the_command_says_what_it_did(app: Flask, store: ContentStore, colleague: Path) -> None:
    push(colleague, SHARE, "First line.", "Their line.")
    push(colleague, "staff/rota.md", "audience: staff", "audience: stafff")

    result = run(app, "sync")

    assert result.exit_code == 0, result.output
    assert f"Pulled {SHARE}" in result.output
    assert "2 files pulled; nothing to push." in result.output
    assert "Left out: staff/rota.md" in result.output


def test_the_command_names_a_conflict(app: Flask, store: ContentStore, colleague: Path, jane: Contributor) -> None:
    push(colleague, SHARE, "First line.", "Their line.")
    publish(store, change_of(store, SHARE, "First line.", "My line."), by=jane, now=NOW)

    result = run(app, "sync")

    assert result.exit_code == 3
    assert SHARE in result.stderr
    assert "the same lines on both sides" in result.stderr
