"""People who decide about the same change in the same moment."""

import threading
from collections.abc import Callable

from knowledge_base.approval.due import publish_due
from knowledge_base.approval.errors import ApprovalError
from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submissions import approve, send_back, submit, withdraw
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.approval.conftest import NOW, NewPerson, change_of, seen_of, text_of


def at_once(*deeds: Callable[[], object]) -> list[bool]:
    """Do everything in one moment, and say of each deed whether it was done."""
    ready, done = threading.Barrier(len(deeds)), [False] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        ready.wait()
        try:
            deed()
        except ApprovalError:
            return
        done[place] = True

    threads = [threading.Thread(target=run, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_of_two_who_approve_at_once_one_has_approved(
    store: ContentStore, jane: Contributor, pat: Contributor, new_person: NewPerson
) -> None:
    paul = new_person("paul", "publisher")
    number = submit(store, change_of(store), by=jane, now=NOW)
    seen = seen_of(store, number)

    done = at_once(*(lambda who=who: approve(store, number, by=who, seen=seen, now=NOW) for who in (pat, paul)))

    found = get_submission(store, number)
    assert sorted(done) == [False, True]
    assert [one.name for one in found.comments] == [found.approver_name]
    assert found.approver_name == ("pat Doe" if done[0] else "paul Doe")


def test_what_is_approved_withdrawn_and_sent_back_at_once_is_live_only_if_it_was_approved_last(
    store: ContentStore, jane: Contributor, pat: Contributor, new_person: NewPerson
) -> None:
    paul = new_person("paul", "publisher")
    number = submit(store, change_of(store), by=jane, now=NOW)
    seen = seen_of(store, number)

    def approve_it() -> None:
        approve(store, number, by=pat, seen=seen, now=NOW)
        publish_due(store, number, now=NOW)

    at_once(
        approve_it,
        lambda: withdraw(store, number, by=jane, now=NOW),
        lambda: send_back(store, number, by=paul, comment="No.", now=NOW),
    )

    found = get_submission(store, number)
    assert found.state in {"published", "withdrawn", "sent-back"}
    assert ("My line." in text_of(store)) == (found.state == "published")
    assert str(found.comments[-1].step) == found.state
