"""A node without content gets it from the remote that the nodes share, as soon as there is some."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.publishing.bringing_in import keep_what_was_changed_by_hand
from knowledge_base.publishing.commands import follow_up
from knowledge_base.publishing.following import follow
from knowledge_base.publishing.sharing import CLONING
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import Git
from knowledge_base.repository.working_files import LOST_AND_FOUND
from knowledge_base.settings import Settings
from tests.conftest import MakeApp
from tests.publishing.conftest import NOW, SHARE, git
from tests.publishing.test_sharing import Node, node, remote, run_until_killed, settings_of, text_of
from tests.repository.conftest import run_git

__all__ = ["node", "remote", "settings_of"]

DIES = """
import os, signal
from knowledge_base.app import create_app
from knowledge_base.publishing.commands import follow_up
from knowledge_base.repository.git import Git

def run(git, *arguments, run=Git.run, **options):
    if arguments[0] == {command!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(git, *arguments, **options)

app = create_app()
Git.run = run
with app.app_context():
    follow_up()
"""


def test_content_that_comes_to_the_remote_later_reaches_a_node_that_has_none(
    node: Node, store: ContentStore, remote: Path
) -> None:
    run_git(remote, "update-ref", "-d", "refs/heads/main")
    begun = node("new")
    assert not follow(begun, now=NOW)
    run_git(store.content, "push", "-q", str(remote), "HEAD:main")

    assert follow(begun, now=NOW)

    assert text_of(begun) == text_of(store)
    assert begun.repository.head() == store.repository.head()
    assert git(begun, "status", "--porcelain") == ""
    assert not follow(begun, now=NOW)


def test_a_disk_of_its_own_may_have_what_disks_have(
    settings_of: Callable[[str], Settings], node: Node, store: ContentStore
) -> None:
    (settings_of("new").content_dir / LOST_AND_FOUND).mkdir(parents=True)

    found = node("new")

    assert text_of(found) == text_of(store)
    assert not found.library.edition().faults


@pytest.mark.parametrize("command", ["fetch", "read-tree", "symbolic-ref", "update-ref"])
def test_whoever_is_killed_meanwhile_does_it_again(
    settings_of: Callable[[str], Settings], node: Node, store: ContentStore, command: str
) -> None:
    run_until_killed(DIES.format(command=command), settings_of("new"))

    found = node("new")

    assert text_of(found) == text_of(store)
    assert found.repository.head() == store.repository.head()
    assert git(found, "status", "--porcelain") == ""
    assert not (found.content / CLONING).exists()


def test_a_lock_of_whoever_was_killed_is_removed_once_it_is_old(
    settings_of: Callable[[str], Settings], node: Node, store: ContentStore
) -> None:
    lock = settings_of("new").content_dir / ".git" / "index.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    begun = node("new")
    assert not (begun.content / SHARE).exists()
    os.utime(lock, (0, 0))

    assert follow(begun, now=NOW)

    assert text_of(begun) == text_of(store)
    assert git(begun, "status", "--porcelain") == ""


def test_files_are_as_the_history_has_them_whatever_it_says_of_line_ends(
    node: Node, store: ContentStore, remote: Path
) -> None:
    (store.content / ".gitattributes").write_text("*.md text eol=crlf\n")
    run_git(store.content, "add", ".gitattributes")
    run_git(store.content, "commit", "-qm", "Set line ends")
    run_git(store.content, "push", "-q", str(remote), "HEAD:main")

    found = node("new")

    assert (found.content / SHARE).read_bytes() == (store.content / SHARE).read_bytes()
    assert keep_what_was_changed_by_hand(found) == []


def test_what_was_changed_by_hand_since_it_was_killed_at_the_end_stays(node: Node) -> None:
    cloned = node("new")
    (cloned.content / CLONING).touch()
    (cloned.content / SHARE).write_text("By hand.")

    follow(cloned, now=NOW)

    assert (cloned.content / SHARE).read_text() == "By hand."
    assert not (cloned.content / CLONING).exists()


def test_what_somebody_puts_there_while_it_is_fetched_is_left_as_it_is(
    settings_of: Callable[[str], Settings], node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, run = settings_of("new").content_dir / SHARE, Git.run

    def run_slowly(git: Git, *arguments: str, **options: Any) -> bytes:  # noqa: ANN401 - those of `run`
        printed = run(git, *arguments, **options)
        if arguments[0] == "fetch":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("Ours.")
        return printed

    monkeypatch.setattr(Git, "run", run_slowly)

    node("new")

    assert file.read_text() == "Ours."


def test_what_stands_there_already_is_left_as_it_is(
    settings_of: Callable[[str], Settings], make_app: MakeApp, store: ContentStore
) -> None:
    settings = settings_of("new")
    (settings.content_dir / "referral").mkdir(parents=True)
    (settings.content_dir / SHARE).write_text("Ours.")
    with make_app(settings).app_context():
        follow_up()

    assert (settings.content_dir / SHARE).read_text() == "Ours."
