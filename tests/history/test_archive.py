import logging

import pytest
from flask import Flask

from knowledge_base.history.archive import Archive
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.history.conftest import replace_in


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_new_commit_is_known_two_seconds_later(store: ContentStore, clock: Clock) -> None:
    archive = Archive(store.content, clock=clock)
    before = archive.recent()
    revision = replace_in(store, "First", "Other")

    clock.now = 1.9
    within = archive.recent()
    clock.now = 2.0
    after = archive.recent()

    assert within is before
    assert after.head == revision
    assert after.by_page["referral/share.md"][0].revision == revision
    clock.now = 4.0
    assert archive.recent() is after


def test_without_a_history_there_is_nothing_until_there_is_one(content: ContentFolder, clock: Clock) -> None:
    content.page("index")
    archive = Archive(content.root, clock=clock)

    assert archive.recent().commits == ()
    assert (archive.repository, archive.past) == (None, None)


def test_a_history_that_cannot_be_read_is_as_it_was(
    store: ContentStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Archive(store.content, clock=clock)
    before = archive.recent()
    (store.content / ".git" / "HEAD").write_text("nonsense")

    with caplog.at_level(logging.WARNING):
        clock.now = 2.0
        after = archive.recent()

    assert after.commits == before.commits


def test_a_history_that_begins_is_known_two_seconds_later(content: ContentFolder, app: Flask, clock: Clock) -> None:
    content.page("index")
    archive = Archive(content.root, clock=clock)
    assert archive.repository is None

    store: ContentStore = app.extensions["content_store"]
    begun = store.repository.head()
    clock.now = 1.9
    within = archive.repository
    clock.now = 2.0

    assert within is None
    assert archive.repository is not None
    assert archive.repository.head() == begun
