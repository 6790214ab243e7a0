"""Two nodes that share a database, and a git remote for the content."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from knowledge_base.accounts.people import find_active_person
from knowledge_base.audit.events import SITE, Actor
from knowledge_base.audit.models import AuditEvent
from knowledge_base.publishing import journal
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.commands import follow_up
from knowledge_base.publishing.errors import EditConflictError, PublishingBusyError
from knowledge_base.publishing.following import Follower, follow
from knowledge_base.publishing.models import Publication, State
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.publishing.sync import sync
from knowledge_base.repository.repository import Author
from knowledge_base.settings import Settings
from tests.conftest import MakeApp
from tests.publishing.conftest import NOW, SHARE, change_of, git
from tests.repository.conftest import run_git

ANNA, BERT = "First line.", "Third line."
Node = Callable[[str], ContentStore]

DIES = """
import os, signal
from knowledge_base.app import create_app
from knowledge_base.db import utc_now
from knowledge_base.publishing import publish as publishing, sharing
from knowledge_base.publishing.publish import publish
from knowledge_base.repository.remote import Remote
from tests.publishing.conftest import SHARE, change_of
from tests.publishing.test_sharing import person

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

def push_and_die(remote, commit, push=Remote.push):
    push(remote, commit)
    die()

{where}
app = create_app()
store = app.extensions["content_store"]
change = change_of(store, SHARE, "First line.", "Anna's line.")
publish(store, change, by=person(app), now=utc_now())
"""
MOMENTS = {
    "before it is pushed": "Remote.push = die",
    "once it is pushed": "Remote.push = push_and_die",
    "once the file is in place": "publishing.move_to = die",
    "before it is recorded": "publishing.journal.finish = die",
}


def person(app: Flask) -> Contributor:
    """Return Jane, who is an editor."""
    jane = find_active_person(app.extensions["accounts"], "jane@example.gov.uk")
    return Contributor(jane.viewer, Author(jane.name, jane.email), Actor.of(jane.viewer))


@pytest.fixture
def remote(store: ContentStore, tmp_path: Path) -> Path:
    """A bare repository that has the site's content."""
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    run_git(store.content, "push", "-q", str(bare), "HEAD:main")
    return bare


@pytest.fixture
def settings_of(remote: Path, settings: Settings, tmp_path: Path) -> Callable[[str], Settings]:
    def read(name: str) -> Settings:
        folder = tmp_path / name
        (folder / "instance").mkdir(parents=True, exist_ok=True)
        return dataclasses.replace(
            settings,
            content_dir=folder / "content",
            index_dir=folder / "index",
            instance_dir=folder / "instance",
            content_remote=str(remote),
        )

    return read


@pytest.fixture
def node(settings_of: Callable[[str], Settings], make_app: MakeApp) -> Node:
    """Start a node that has nothing yet."""

    def start(name: str) -> ContentStore:
        app = make_app(settings_of(name))
        with app.app_context():
            follow_up()
        found: ContentStore = app.extensions["content_store"]
        return found

    return start


def text_of(store: ContentStore, path: str = SHARE) -> str:
    return (store.content / path).read_text()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_so()


def records(store: ContentStore) -> list[str]:
    with store.database.read() as session:
        query = select(AuditEvent.kind).where(AuditEvent.kind == "page.published")
        return list(session.scalars(query))


def test_a_new_node_begins_with_what_the_others_have(node: Node, store: ContentStore) -> None:
    found = node("new")

    assert text_of(found) == text_of(store)
    assert found.library.edition().page("/referral/share")


def test_what_one_publishes_the_other_brings_in(node: Node, jane: Contributor) -> None:
    one, other = node("one"), node("other")

    published = publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW)

    assert follow(other, now=NOW)
    assert "Anna's line." in text_of(other)
    assert other.repository.head() == one.repository.head() == published.revision
    assert git(other, "status", "--porcelain") == git(one, "status", "--porcelain") == ""
    assert len(records(one)) == 1


def test_nothing_to_follow_is_nothing_to_do(node: Node) -> None:
    assert not follow(node("one"), now=NOW)


def test_changes_of_two_nodes_that_do_not_touch_are_both_live(node: Node, jane: Contributor) -> None:
    one, other = node("one"), node("other")
    mine, theirs = change_of(one, SHARE, ANNA, "Anna's line."), change_of(other, SHARE, BERT, "Bert's line.")

    publish(one, mine, by=jane, now=NOW)
    published = publish(other, theirs, by=jane, now=NOW)

    assert published.was_merged
    follow(one, now=NOW)
    for each in (one, other):
        assert "Anna's line." in text_of(each)
        assert "Bert's line." in text_of(each)
    assert len(records(one)) == 2


def test_changes_of_two_nodes_that_touch_are_a_conflict(node: Node, jane: Contributor) -> None:
    one, other = node("one"), node("other")
    mine, theirs = change_of(one, SHARE, ANNA, "Anna's line."), change_of(other, SHARE, ANNA, "Bert's line.")
    publish(one, mine, by=jane, now=NOW)

    with pytest.raises(EditConflictError):
        publish(other, theirs, by=jane, now=NOW)

    assert "Anna's line." in text_of(other)


def test_who_is_overtaken_at_the_remote_does_it_again(
    node: Node, jane: Contributor, tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = node("one")
    run_git(tmp_path, "clone", "-q", str(remote), "colleague")
    shared, colleague = one.shared, tmp_path / "colleague"
    assert shared
    push = type(shared).push

    def push_after_the_colleague(self: object, commit: str) -> None:
        file = colleague / SHARE
        if BERT in file.read_text():
            file.write_text(file.read_text().replace(BERT, "Bert's line."))
            run_git(colleague, "commit", "-qam", "Changed by a colleague")
            run_git(colleague, "push", "-q", "origin", "HEAD:main")
        push(self, commit)  # type: ignore[arg-type]

    monkeypatch.setattr(type(shared), "push", push_after_the_colleague)

    published = publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW)

    assert run_git(remote, "rev-parse", "main") == published.revision
    assert "Anna's line." in text_of(one)
    assert "Bert's line." in text_of(one)
    assert not journal.begun(one)


def test_without_the_remote_nothing_is_published_and_pages_stay(node: Node, jane: Contributor, remote: Path) -> None:
    one = node("one")
    remote.rename(remote.with_name("away.git"))

    with pytest.raises(PublishingBusyError, match="cannot be reached, so nothing was published"):
        publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW)

    assert ANNA in text_of(one)
    remote.with_name("away.git").rename(remote)
    assert publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW).is_new


def test_what_cannot_be_brought_in_keeps_others_waiting_and_is_not_named_to_them(
    node: Node, jane: Contributor, tmp_path: Path, remote: Path
) -> None:
    one = node("one")
    run_git(tmp_path, "clone", "-q", str(remote), "colleague")
    (tmp_path / "colleague" / "referral" / "secret.md").symlink_to("share.md")
    run_git(tmp_path / "colleague", "add", "-A")
    run_git(tmp_path / "colleague", "commit", "-qm", "A link")
    run_git(tmp_path / "colleague", "push", "-q", "origin", "HEAD:main")

    # What was approved for a set time is given up for any other error.
    with pytest.raises(PublishingBusyError, match="has to run `content sync`") as refused:
        publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW)

    assert "secret" not in str(refused.value)


def test_what_was_pushed_with_git_is_recorded_once(node: Node, tmp_path: Path, remote: Path) -> None:
    nodes = [node("one"), node("other")]
    run_git(tmp_path, "clone", "-q", str(remote), "colleague")
    file = tmp_path / "colleague" / SHARE
    file.write_text(file.read_text().replace(BERT, "Bert's line."))
    run_git(tmp_path / "colleague", "commit", "-qam", "Changed by a colleague")
    run_git(tmp_path / "colleague", "push", "-q", "origin", "HEAD:main")

    for one in nodes:
        follow(one, now=NOW)

    assert [("Bert's line." in text_of(one)) for one in nodes] == [True, True]
    assert len(records(nodes[0])) == 1


def test_a_published_change_that_somebody_makes_again_with_git_is_recorded(
    node: Node, tmp_path: Path, remote: Path, jane: Contributor
) -> None:
    one = node("one")
    published = publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW).revision
    run_git(tmp_path, "clone", "-q", str(remote), "colleague")
    run_git(tmp_path / "colleague", "revert", "--no-edit", published)
    run_git(tmp_path / "colleague", "push", "-q", "origin", "HEAD:main")
    follow(one, now=NOW)
    # Its message is that of the publication, whose name stands in it.
    run_git(tmp_path / "colleague", "cherry-pick", published)
    run_git(tmp_path / "colleague", "push", "-q", "origin", "HEAD:main")

    follow(one, now=NOW)

    assert "Anna's line." in text_of(one)
    assert len(records(one)) == 3


def test_a_fetch_that_was_killed_half_way_is_made_again(node: Node, tmp_path: Path, remote: Path) -> None:
    one = node("one")
    run_git(tmp_path, "clone", "-q", str(remote), "colleague")
    file = tmp_path / "colleague" / SHARE
    file.write_text(file.read_text().replace(BERT, "Bert's line."))
    run_git(tmp_path / "colleague", "commit", "-qam", "Changed by a colleague")
    run_git(tmp_path / "colleague", "push", "-q", "origin", "HEAD:main")
    # Git stores a commit before what it is about.
    commit = tmp_path / "commit"
    commit.write_text(run_git(remote, "cat-file", "commit", "main") + "\n")
    stored = run_git(one.content, "hash-object", "-w", "-t", "commit", str(commit))
    assert stored == run_git(remote, "rev-parse", "main")

    follow(one, now=NOW)

    assert "Bert's line." in text_of(one)


def test_what_was_changed_by_hand_reaches_the_others(node: Node, remote: Path, jane: Contributor) -> None:
    one, other = node("one"), node("other")
    file = one.content / SHARE
    file.write_text(file.read_text().replace(BERT, "By hand."))

    publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW)
    follow(other, now=NOW)

    assert "By hand." in text_of(other)
    assert "Anna's line." in text_of(other)


def test_what_was_committed_here_with_git_reaches_the_others_by_itself(node: Node) -> None:
    one, other = node("one"), node("other")
    file = one.content / SHARE
    file.write_text(file.read_text().replace(BERT, "Committed."))
    run_git(one.content, "commit", "-qam", "By hand")

    assert follow(one, now=NOW)
    follow(other, now=NOW)

    assert "Committed." in text_of(other)


def test_what_was_changed_by_hand_reaches_the_others_by_a_command(node: Node) -> None:
    one, other = node("one"), node("other")
    file = one.content / SHARE
    file.write_text(file.read_text().replace(BERT, "By hand."))
    assert not follow(one, now=NOW)

    assert sync(one, actor=SITE, now=NOW).was_pushed
    follow(other, now=NOW)

    assert "By hand." in text_of(other)


def run_until_killed(script: str, settings: Settings) -> None:
    """Run Python as a node that kills itself."""
    environment = {
        "KB_DATABASE_URL": settings.database_url,
        "KB_INSTANCE_DIR": str(settings.instance_dir),
        "KB_CONTENT_DIR": str(settings.content_dir),
        "KB_CONTENT_REMOTE": settings.content_remote,
        "KB_INDEX_DIR": str(settings.index_dir),
        "KB_SECRET_KEY": settings.secret_key,
        "PYTHONPATH": "site:.",
    }
    killed = subprocess.run([sys.executable, "-c", script], env=os.environ | environment, check=False)
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_node_killed_while_publishing_leaves_all_or_nothing(
    node: Node, settings_of: Callable[[str], Settings], jane: Contributor, moment: str
) -> None:
    node("one")
    other = node("other")
    run_until_killed(DIES.format(where=MOMENTS[moment]), settings_of("one"))
    is_pushed = moment != "before it is pushed"

    publish(other, change_of(other, SHARE, BERT, "Bert's line."), by=jane, now=NOW)
    back = node("one")
    follow(back, now=NOW)

    for each in (other, back):
        assert ("Anna's line." in text_of(each)) == is_pushed
        assert "Bert's line." in text_of(each)
    follow(other, now=NOW)
    assert other.repository.head() == back.repository.head()
    assert len(records(other)) == 1 + is_pushed
    assert not journal.begun(other)


def test_a_publication_given_up_too_early_is_recorded_when_it_arrives(node: Node, jane: Contributor) -> None:
    one, other = node("one"), node("other")
    change = change_of(one, SHARE, ANNA, "Anna's line.")
    publish(one, change, by=jane, now=NOW)
    with one.database.write() as session:
        session.get_one(Publication, change.name).state = State.ABANDONED

    follow(other, now=NOW)

    assert journal.state_of(other, change.name) is State.DONE


def test_the_thread_follows(node: Node, jane: Contributor) -> None:
    one, other = node("one"), node("other")
    follower = Follower(other, seconds=0.01)
    follower.start()

    try:
        publish(one, change_of(one, SHARE, ANNA, "Anna's line."), by=jane, now=NOW)
        wait_until(lambda: "Anna's line." in text_of(other))
    finally:
        follower.stop()
