"""Another time for a change that is approved."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from knowledge_base.approval.due import run_due
from knowledge_base.approval.errors import AlreadyDecidedError, NoSuchSubmissionError
from knowledge_base.approval.models import SubmissionRow
from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submissions import approve, submit, withdraw
from knowledge_base.approval.timing import set_time
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database, utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.errors import NotAllowedError
from knowledge_base.publishing.store import ContentStore
from tests.approval.conftest import NOW, NewPerson, change_of, seen_of, state_of, text_of
from tests.conftest import SignedIn, fill_in

LATER, MUCH_LATER = NOW + timedelta(hours=1), NOW + timedelta(days=2)
SHARE = "referral/share.md"


@pytest.fixture
def approved(store: ContentStore, jane: Contributor, pat: Contributor) -> int:
    number = submit(store, change_of(store), by=jane, now=NOW)
    approve(store, number, by=pat, seen=seen_of(store, number), publish_at=LATER, now=NOW)
    return number


def test_a_publisher_puts_an_approved_change_off_and_it_is_recorded(
    store: ContentStore, approved: int, new_person: NewPerson, database: Database
) -> None:
    set_time(store, approved, by=new_person("paul", "publisher"), publish_at=MUCH_LATER, now=NOW)

    assert run_due(store, now=LATER) == 0
    assert run_due(store, now=MUCH_LATER) == 1
    said = get_submission(store, approved).comments[1]
    assert (said.name, said.step, said.text) == ("paul Doe", "time-set", "24 November 2026 at 12:00")
    with database.read() as session:
        query = select(AuditEvent.actor_name, AuditEvent.details).where(AuditEvent.kind == "page.scheduled")
        assert [tuple(one) for one in session.execute(query)] == [("paul Doe", {"when": "24 November 2026 at 12:00"})]
    assert store.repository.git.text("log", "-1", "--format=%(trailers:key=Approved-by,valueonly)").startswith(
        "pat Doe"
    )


def test_it_is_brought_forward_to_now(store: ContentStore, approved: int, pat: Contributor) -> None:
    set_time(store, approved, by=pat, publish_at=NOW, now=NOW)

    assert run_due(store, now=NOW) == 1
    assert "My line." in text_of(store)


def test_its_author_does_not_move_what_somebody_else_approved_for_a_time(
    store: ContentStore, pat: Contributor, new_person: NewPerson
) -> None:
    author = new_person("paul", "publisher")
    number = submit(store, change_of(store), by=author, now=NOW)
    approve(store, number, by=pat, seen=seen_of(store, number), publish_at=LATER, now=NOW)

    with pytest.raises(NotAllowedError, match="did not write"):
        set_time(store, number, by=author, publish_at=NOW, now=NOW)
    with pytest.raises(NotAllowedError):
        set_time(store, number, by=new_person("eve", "editor"), publish_at=NOW, now=NOW)

    assert get_submission(store, number).publish_at == LATER


def test_where_one_person_is_enough_the_author_sets_another_time(
    store: ContentStore, jane: Contributor, new_person: NewPerson
) -> None:
    number = submit(store, change_of(store, path=SHARE), by=jane, publish_at=LATER, now=NOW)

    set_time(store, number, by=jane, publish_at=MUCH_LATER, now=NOW)
    with pytest.raises(NotAllowedError):
        set_time(store, number, by=new_person("eve", "editor"), publish_at=NOW, now=NOW)

    assert get_submission(store, number).publish_at == MUCH_LATER


def test_what_waits_was_withdrawn_is_live_or_goes_live_now_has_no_other_time(
    store: ContentStore, approved: int, jane: Contributor, pat: Contributor, database: Database
) -> None:
    waiting = submit(store, change_of(store, "Third line.", "More."), by=jane, now=NOW)
    with database.write() as session:
        session.execute(update(SubmissionRow).where(SubmissionRow.id == approved).values(claimed_at=LATER))

    for number in (waiting, approved):
        with pytest.raises(AlreadyDecidedError):
            set_time(store, number, by=pat, publish_at=MUCH_LATER, now=NOW)
    withdraw(store, waiting, by=jane, now=NOW)
    with pytest.raises(AlreadyDecidedError):
        set_time(store, waiting, by=pat, publish_at=MUCH_LATER, now=NOW)

    assert run_due(store, now=LATER + timedelta(minutes=6)) == 1
    assert state_of(store, approved) == "published"


def test_nobody_sets_a_time_for_what_they_may_not_read(
    store: ContentStore, pat: Contributor, new_person: NewPerson
) -> None:
    author = new_person("eve", "editor", groups=("staff",))
    number = submit(store, change_of(store, "The rota.", "Ours.", path="staff/rota.md"), by=author, now=NOW)
    approve(store, number, by=pat, seen=seen_of(store, number), publish_at=LATER, now=NOW)

    with pytest.raises(NoSuchSubmissionError):
        set_time(store, number, by=new_person("olga", "publisher"), publish_at=NOW, now=NOW)


def test_the_time_is_set_on_the_page_of_the_change(
    store: ContentStore, jane: Contributor, pat: Contributor, signed_in: SignedIn
) -> None:
    browser = signed_in("staff", roles=["publisher"])
    number = submit(store, change_of(store), by=jane, now=NOW)
    approve(
        store, number, by=pat, seen=seen_of(store, number), publish_at=utc_now() + timedelta(days=100), now=utc_now()
    )
    address = f"/approvals/{number}"

    empty, odd = (
        fill_in(browser, address, {"day": day, "time": "09:30"}, to=f"{address}/time") for day in ("", "soon")
    )
    moved = fill_in(browser, address, {"day": "1/6/2099", "time": "09:30"}, to=f"{address}/time")
    page = browser.get(address).text
    now = fill_in(browser, address, {}, to=f"{address}/publish-now")
    after = browser.get(address).text
    late = fill_in(browser, "/approvals", {}, to=f"{address}/publish-now")

    assert (empty.status_code, odd.status_code, moved.status_code, now.status_code) == (422, 422, 303, 303)
    assert "Enter a day, such as" in empty.text
    assert "It goes live on 1 June 2099 at 09:30." in page
    assert "The change is live." in after
    assert "Set another time" not in after
    assert late.status_code == 409
    assert "My line." in text_of(store)


def test_who_may_not_set_the_time_is_not_asked(
    store: ContentStore, approved: int, signed_in: SignedIn, member: FlaskClient
) -> None:
    editor = signed_in(roles=["editor"])
    address = f"/approvals/{approved}"

    assert "Set another time" not in editor.get(address).text
    assert fill_in(editor, address, {}, to=f"{address}/publish-now").status_code == 409
    assert member.post(f"{address}/publish-now").status_code in {400, 404}
    assert state_of(store, approved) == "approved"
