"""A process is killed between any two steps of publishing; the next one finds what it left."""

import os
import signal
from collections.abc import Callable

import pytest
from sqlalchemy import select

from knowledge_base.audit.models import AuditEvent
from knowledge_base.publishing import journal
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.recovery import recover
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Repository
from knowledge_base.repository.working_files import Staged
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
        return recover(store, now=NOW)


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


def test_a_page_that_was_saved_by_hand_since_is_left_as_it_is(store: ContentStore, jane: Contributor) -> None:
    kill_while_publishing(store, jane, Staged, "put_in_place")
    by_hand = (store.files.read(SHARE) or b"").replace(b"Third line.", b"By hand.")
    (store.content / SHARE).write_bytes(by_hand)

    follow_up(store)

    assert store.files.read(SHARE) == by_hand
    assert published_events(store) == 1


def test_the_next_publication_follows_up_by_itself_and_finds_no_lock(store: ContentStore, jane: Contributor) -> None:
    kill_while_publishing(store, jane, Staged, "put_in_place")

    publish(store, change_of(store, "referral/index.md", "See", "Read"), by=jane, now=NOW)

    assert b"My line." in (store.files.read(SHARE) or b"")
    assert published_events(store) == 2
