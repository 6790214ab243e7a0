import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from knowledge_base.approval.due import publish_due, run_due
from knowledge_base.approval.models import State, SubmissionRow
from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submissions import approve, submit, withdraw
from knowledge_base.db import Database
from knowledge_base.publishing import journal
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.approval.conftest import ARRIVAL, NOW, change_of, seen_of, state_of, text_of

SHARE = "referral/share.md"
LATER = NOW + timedelta(hours=1)


def test_one_person_sets_a_time_where_one_person_is_enough(store: ContentStore, jane: Contributor) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)

    assert get_submission(store, number).is_scheduled
    assert run_due(store, now=LATER - timedelta(seconds=1)) == 0
    assert "First line." in text_of(store, SHARE)
    assert run_due(store, now=LATER) == 1

    assert "My line." in text_of(store, SHARE)
    assert state_of(store, number) == "published"
    assert run_due(store, now=LATER) == 0


def test_a_time_that_has_passed_is_no_time(store: ContentStore, jane: Contributor) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=NOW, now=NOW)

    assert state_of(store, number) == "waiting"


def test_a_second_person_is_asked_before_the_time_counts(
    store: ContentStore, jane: Contributor, pat: Contributor
) -> None:
    number = submit(store, change_of(store), by=jane, publish_at=LATER, now=NOW)

    assert run_due(store, now=LATER) == 0
    approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)
    assert run_due(store, now=NOW) == 0
    assert run_due(store, now=LATER) == 1


def test_a_folder_that_asks_for_a_second_person_by_then_is_not_published_to(
    store: ContentStore, jane: Contributor
) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)
    index = store.content / "referral" / "index.md"
    index.write_text(index.read_text().replace("summary:", "publishing: two-person\nsummary:"))

    run_due(store, now=LATER)

    assert state_of(store, number) == "failed"
    assert "second person" in get_submission(store, number).failure


def test_a_conflict_by_then_fails_and_nothing_is_lost(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, path=SHARE)
    number = submit(store, change, by=jane, publish_at=LATER, now=NOW)
    (store.content / SHARE).write_text(text_of(store, SHARE).replace("First line.", "By hand."))

    run_due(store, now=LATER)

    found = get_submission(store, number)
    assert found.state is State.FAILED
    assert "Somebody else changed the same lines" in found.failure
    assert found.change.files == change.files
    assert "By hand." in text_of(store, SHARE)
    assert found.comments[-1].text == found.failure


def test_what_the_gate_refuses_by_then_fails(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, "First line.", "See [arrival](/uasc/arrival).", path=SHARE)
    number = submit(store, change, by=jane, publish_at=LATER, now=NOW)
    (store.content / ARRIVAL).unlink()

    run_due(store, now=LATER)

    assert "The checks found errors" in get_submission(store, number).failure


def test_what_is_withdrawn_before_its_time_is_not_published(store: ContentStore, jane: Contributor) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)

    withdraw(store, number, by=jane, now=NOW)

    assert run_due(store, now=LATER) == 0
    assert "First line." in text_of(store, SHARE)


def test_several_at_once_publish_it_once(store: ContentStore, jane: Contributor) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)
    ready, done = threading.Barrier(4), []

    def look() -> None:
        ready.wait()
        done.append(publish_due(store, number, now=LATER))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [False, False, False, True]
    assert store.repository.git.text("rev-list", "--count", "HEAD") == "2"


def test_what_a_killed_process_had_published_is_noted_and_not_published_again(
    store: ContentStore, jane: Contributor, database: Database
) -> None:
    change = change_of(store, path=SHARE)
    number = submit(store, change, by=jane, publish_at=LATER, now=NOW)
    claim(database, number)
    revision = publish(store, change, by=jane, now=LATER).revision

    assert run_due(store, now=LATER + timedelta(minutes=1)) == 0
    assert run_due(store, now=LATER + timedelta(minutes=6)) == 1

    found = get_submission(store, number)
    assert (found.state, found.revision) == (State.PUBLISHED, revision)
    assert store.repository.git.text("rev-list", "--count", "HEAD") == "2"


def test_a_clock_that_was_set_back_keeps_no_claim_of_a_killed_process(
    store: ContentStore, jane: Contributor, database: Database
) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)
    with database.write() as session:
        tomorrow = {"claimed_at": LATER + timedelta(days=1)}
        session.execute(update(SubmissionRow).where(SubmissionRow.id == number).values(**tomorrow))

    assert run_due(store, now=LATER) == 1

    assert state_of(store, number) == "published"


@pytest.mark.parametrize("is_abandoned", [True, False])
def test_what_a_killed_process_had_only_begun_is_published(
    store: ContentStore, jane: Contributor, database: Database, *, is_abandoned: bool
) -> None:
    change = change_of(store, path=SHARE)
    number = submit(store, change, by=jane, publish_at=LATER, now=NOW)
    claim(database, number)
    journal.begin(store, change, by=jane, title="Share", now=LATER)
    if is_abandoned:
        journal.abandon(store, change.name, now=LATER)

    run_due(store, now=LATER + timedelta(minutes=6))

    assert state_of(store, number) == "published"
    assert "My line." in text_of(store, SHARE)


def test_while_nothing_can_be_published_it_stays_due_and_that_is_said_once(
    store: ContentStore, jane: Contributor, caplog: pytest.LogCaptureFixture
) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)
    merging = store.content / ".git" / "MERGE_HEAD"
    merging.write_text("0" * 40)

    assert [run_due(store, now=LATER) for _ in range(3)] == [0, 0, 0]
    assert state_of(store, number) == "approved"
    assert [f"Submission {number} could not be published yet" in line for line in caplog.messages] == [True]
    merging.unlink()
    assert run_due(store, now=LATER) == 1

    assert "My line." in text_of(store, SHARE)


def claim(database: Database, number: int) -> None:
    with database.write() as session:
        session.execute(update(SubmissionRow).where(SubmissionRow.id == number).values(claimed_at=LATER))
