from datetime import timedelta

import pytest
from sqlalchemy import select, update

from knowledge_base.accounts.models import Account, AccountRole
from knowledge_base.approval.due import run_due
from knowledge_base.approval.errors import (
    AlreadyDecidedError,
    ChangedMeanwhileError,
    CommentMissingError,
    NoSuchSubmissionError,
)
from knowledge_base.approval.models import State, Step
from knowledge_base.approval.queue import find_submissions, get_submission
from knowledge_base.approval.submissions import (
    approve,
    comment,
    send_back,
    submit,
    withdraw,
)
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database
from knowledge_base.publishing.changes import Contributor, FileChange
from knowledge_base.publishing.errors import EditConflictError, GateError, NotAllowedError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.approval.conftest import ARRIVAL, NOW, NewPerson, again, change_of, seen_of, state_of, text_of

OPEN = frozenset({State.WAITING, State.APPROVED})


def test_a_submitted_change_waits_and_is_live_once_somebody_else_approves_it(
    store: ContentStore, jane: Contributor, pat: Contributor, database: Database
) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)

    assert "First line." in text_of(store)
    approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)
    assert run_due(store, now=NOW) == 1

    found = get_submission(store, number)
    assert "My line." in text_of(store)
    assert (found.state, found.revision, found.approver_name) == (State.PUBLISHED, store.repository.head(), "pat Doe")
    log = store.repository.git.text("log", "-1", "--format=%an|%(trailers:key=Approved-by,valueonly)").strip()
    assert log == "jane Doe|pat Doe <pat@example.gov.uk>"
    with database.read() as session:
        kinds = list(session.scalars(select(AuditEvent.kind).order_by(AuditEvent.number)))
    assert kinds[-3:] == ["page.submitted", "page.approved", "page.published"]


def test_the_same_change_sent_twice_is_one_submission(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store)

    assert submit(store, change, by=jane, now=NOW) == submit(store, change, by=jane, now=NOW)
    assert submit(store, again(change), by=jane, now=NOW) == 2


def test_what_the_gate_refuses_or_the_person_may_not_or_conflicts_is_not_kept(
    store: ContentStore, jane: Contributor, pat: Contributor, new_person: NewPerson
) -> None:
    reader = new_person("sam")
    outdated = change_of(store)
    publish(store, change_of(store, new="Theirs."), by=jane, approved_by=pat, now=NOW)

    with pytest.raises(GateError):
        submit(store, change_of(store, "Second line.", "[Nothing](/none)"), by=jane, now=NOW)
    with pytest.raises(NotAllowedError):
        submit(store, change_of(store, "Second line.", "More."), by=reader, now=NOW)
    with pytest.raises(NotAllowedError):
        submit(store, change_of(store, "The rota.", "Our rota.", path="staff/rota.md"), by=jane, now=NOW)
    with pytest.raises(EditConflictError):
        submit(store, outdated, by=jane, now=NOW)

    assert find_submissions(store, pat.viewer, states=frozenset(State), most=10) == ()


def test_nobody_approves_their_own_change(store: ContentStore, pat: Contributor) -> None:
    number = submit(store, change_of(store), by=pat, now=NOW)

    with pytest.raises(NotAllowedError, match="Somebody else"):
        approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)

    assert state_of(store, number) == "waiting"
    assert run_due(store, now=NOW) == 0


def test_an_editor_does_not_approve(store: ContentStore, jane: Contributor, new_person: NewPerson) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)
    other = new_person("eve", "editor")

    with pytest.raises(NotAllowedError, match="publisher"):
        approve(store, number, by=other, seen=seen_of(store, number), now=NOW)
    with pytest.raises(NotAllowedError, match="publisher"):
        send_back(store, number, by=other, comment="No.", now=NOW)


def test_what_the_approver_has_not_seen_is_not_approved(
    store: ContentStore, jane: Contributor, pat: Contributor
) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)
    seen = seen_of(store, number)
    (store.content / ARRIVAL).write_text(text_of(store).replace("Third line.", "By hand."))

    with pytest.raises(ChangedMeanwhileError):
        approve(store, number, by=pat, seen=seen, now=NOW)
    approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)
    run_due(store, now=NOW)

    assert "My line." in text_of(store)
    assert "By hand." in text_of(store)


def test_a_conflict_by_then_is_no_approval(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)
    (store.content / ARRIVAL).write_text(text_of(store).replace("First line.", "By hand."))

    with pytest.raises(EditConflictError):
        approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)

    assert "By hand." in text_of(store)


def test_a_change_is_sent_back_with_a_reason(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)

    with pytest.raises(CommentMissingError):
        send_back(store, number, by=pat, comment=" \r\n ", now=NOW)
    send_back(store, number, by=pat, comment="Say which line.\r\nPlease.", now=NOW)

    found = get_submission(store, number)
    assert found.state is State.SENT_BACK
    assert [(one.name, one.text, one.step) for one in found.comments] == [
        ("pat Doe", "Say which line.\nPlease.", Step.SENT_BACK)
    ]
    with pytest.raises(AlreadyDecidedError):
        approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)


def test_only_the_author_withdraws(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)

    with pytest.raises(NotAllowedError):
        withdraw(store, number, by=pat, now=NOW)
    withdraw(store, number, by=jane, now=NOW)

    assert state_of(store, number) == "withdrawn"
    with pytest.raises(AlreadyDecidedError):
        withdraw(store, number, by=jane, now=NOW)


def test_people_talk_about_it(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)

    comment(store, number, by=pat, text="Why?", now=NOW)
    comment(store, number, by=jane, text="Because.", now=NOW + timedelta(minutes=1))

    assert [one.text for one in get_submission(store, number).comments] == ["Why?", "Because."]
    assert state_of(store, number) == "waiting"


def test_a_submission_is_only_for_those_who_may_read_all_of_it(
    store: ContentStore, jane: Contributor, pat: Contributor, new_person: NewPerson
) -> None:
    reader = new_person("sam", groups=("staff",))
    outsider = new_person("olga", "publisher")
    change = change_of(store, "The rota.", "Our rota.", path="staff/rota.md")
    number = submit(store, change, by=new_person("eve", "editor", groups=("staff",)), now=NOW)

    seen = [one for one in (reader, outsider, jane, pat) if find_submissions(store, one.viewer, states=OPEN, most=9)]

    assert seen == [pat]
    for person in (reader, outsider, jane):
        with pytest.raises(NoSuchSubmissionError):
            comment(store, number, by=person, text="Hello.", now=NOW)
        with pytest.raises(NoSuchSubmissionError):
            approve(store, number, by=person, seen=seen_of(store, number), now=NOW)


def test_its_author_sees_it_no_longer_once_the_page_is_not_for_them(
    store: ContentStore, jane: Contributor, pat: Contributor
) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)
    index = store.content / "uasc" / "index.md"
    index.write_text(index.read_text().replace("summary:", "audience: staff\nsummary:"))

    with pytest.raises(NoSuchSubmissionError):
        withdraw(store, number, by=jane, now=NOW)
    with pytest.raises(NotAllowedError):
        approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)


def test_nothing_is_published_in_the_name_of_somebody_who_may_not_any_more(
    store: ContentStore, jane: Contributor, pat: Contributor, database: Database
) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)
    other = submit(store, change_of(store, "Third line.", "More."), by=jane, now=NOW)
    approve(store, number, by=pat, seen=seen_of(store, number), publish_at=NOW + timedelta(hours=1), now=NOW)
    with database.write() as session:
        session.execute(update(Account).where(Account.id == jane.viewer.account_id).values(disabled_at=NOW))

    with pytest.raises(NotAllowedError, match="no account"):
        approve(store, other, by=pat, seen=seen_of(store, other), now=NOW)
    run_due(store, now=NOW + timedelta(hours=1))

    assert state_of(store, number) == "failed"
    assert "First line." in text_of(store)


def test_an_approver_who_has_lost_the_role_by_then_has_approved_nothing(
    store: ContentStore, jane: Contributor, pat: Contributor, database: Database
) -> None:
    number = submit(store, change_of(store), by=jane, now=NOW)
    approve(store, number, by=pat, seen=seen_of(store, number), publish_at=NOW + timedelta(hours=1), now=NOW)
    with database.write() as session:
        session.execute(
            update(AccountRole).where(AccountRole.account_id == pat.viewer.account_id).values(role="editor")
        )

    run_due(store, now=NOW + timedelta(hours=1))

    assert get_submission(store, number).failure == "Only a publisher can approve a change."


@pytest.mark.parametrize("number", [0, -1, 999, 2**70])
def test_what_was_never_handed_in_is_not_there(store: ContentStore, number: int) -> None:
    with pytest.raises(NoSuchSubmissionError):
        get_submission(store, number)


def test_a_new_page_is_submitted_too(store: ContentStore, jane: Contributor, pat: Contributor) -> None:
    content = store.files.read(ARRIVAL)
    change = change_of(store)
    files = (FileChange("uasc/departure.md", content, None),)
    number = submit(store, type(change)(files, subject="uasc/departure", note="New"), by=jane, now=NOW)

    approve(store, number, by=pat, seen=seen_of(store, number), now=NOW)
    run_due(store, now=NOW)

    assert (store.content / "uasc" / "departure.md").exists()
