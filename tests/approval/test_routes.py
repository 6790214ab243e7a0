"""The pages on which people decide about a change."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submissions import submit
from knowledge_base.audit.events import Actor
from knowledge_base.db import LONDON, utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author
from tests.approval.conftest import ARRIVAL, NOW, NewPerson, change_of, text_of
from tests.conftest import SignedIn, fill_in


@pytest.fixture
def publisher(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["publisher"])


@pytest.fixture
def editor(signed_in: SignedIn) -> FlaskClient:
    return signed_in(roles=["editor"])


@pytest.fixture
def number(store: ContentStore, jane: Contributor) -> int:
    change = change_of(store, new="My <b>line</b> & [more](/referral).", note="Say it better")
    return submit(store, change, by=jane, now=NOW)


def text_at(browser: FlaskClient, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def send(browser: FlaskClient, number: int, what: str, **fields: str) -> tuple[int, str]:
    page = browser.get(f"/approvals/{number}").text
    fields = {"seen": page.partition('name="seen" value="')[2].partition('"')[0], **fields}
    answer = fill_in(browser, f"/approvals/{number}", fields, to=f"/approvals/{number}/{what}")
    return answer.status_code, answer.text


def test_a_publisher_finds_what_waits_and_sees_what_would_change(
    store: ContentStore, number: int, publisher: FlaskClient
) -> None:
    queue = text_at(publisher, "/approvals")
    read, written = (text_at(publisher, f"/approvals/{number}{view}") for view in ("", "?view=written"))

    assert queue.index("For you to approve") < queue.index("Arrival (/uasc/arrival)") < queue.index("Your own")
    assert "Say it better" in read
    assert read.index('href="#decide">Decide about it<') < read.index('id="decide"') < read.index(">Approve it<")
    assert "Removed: </span>First line.</del>" in read
    assert "&lt;b&gt;line&lt;/b&gt;" in read
    assert "<ins>" in written
    assert "[more](/referral)" in "".join(written.replace("</ins>", "").split("<ins>"))
    assert "Warning:" in read


def test_a_publisher_approves_it_and_it_is_live(store: ContentStore, number: int, publisher: FlaskClient) -> None:
    status, _ = send(publisher, number, "approve")

    assert status == 303
    assert "My <b>line</b>" in text_of(store)
    assert "The change is live." in text_at(publisher, f"/approvals/{number}")
    assert "Nothing waits for you." in text_at(publisher, "/approvals")


def test_it_can_be_set_for_a_time_in_london(store: ContentStore, number: int, publisher: FlaskClient) -> None:
    day = (utc_now().astimezone(LONDON) + timedelta(days=200)).date()

    status, _ = send(publisher, number, "approve", day=f"{day:%d/%m/%Y}", time="9.30")

    found = get_submission(store, number)
    assert status == 303
    assert found.publish_at
    assert found.publish_at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M") == f"{day} 09:30"
    assert "First line." in text_of(store)
    assert "at 09:30" in text_at(publisher, "/approvals")


def test_an_approver_who_sets_no_time_keeps_the_one_that_is_set(
    store: ContentStore, jane: Contributor, publisher: FlaskClient
) -> None:
    later = utc_now() + timedelta(days=200)
    number = submit(store, change_of(store), by=jane, publish_at=later, now=utc_now())
    page = text_at(publisher, f"/approvals/{number}")

    send(publisher, number, "approve")

    assert "Leave it empty for the time that is set above" in page
    assert "Leave it empty to publish at once" not in page
    found = get_submission(store, number)
    assert (found.state, found.publish_at) == ("approved", later)


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("soon", "", "Enter a day, such as"),
        ("1/1/2001", "09:30", "still to come"),
        ("1/1/2090", "", "Enter a time, such as 09:30"),
        ("1/1/2090", "25:00", "Enter a time, such as 09:30"),
        ("", "09:30", "Enter the day as well"),
        ("28/3/2027", "01:30", "The clocks change at that hour"),
        ("31/10/2027", "01:00", "The clocks change at that hour"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    store: ContentStore, number: int, publisher: FlaskClient, day: str, time: str, said: str
) -> None:
    status, page = send(publisher, number, "approve", day=day, time=time)

    assert status == 422
    assert said in page
    assert f'value="{day}"' in page
    assert get_submission(store, number).state == "waiting"


def test_what_changed_meanwhile_is_shown_again(store: ContentStore, number: int, publisher: FlaskClient) -> None:
    status, page = send(publisher, number, "approve", seen="what it was yesterday")

    assert status == 409
    assert "changed meanwhile" in page
    assert get_submission(store, number).state == "waiting"


def test_it_is_sent_back_with_a_reason(store: ContentStore, number: int, publisher: FlaskClient) -> None:
    empty, page = send(publisher, number, "send-back", reason=" ")
    long, _ = send(publisher, number, "send-back", reason="x" * 5_001)
    status, _ = send(publisher, number, "send-back", reason="Say which line.")

    assert (empty, long, status) == (422, 422, 303)
    assert "Say what should be different" in page
    assert "Say which line." in text_at(publisher, f"/approvals/{number}")
    assert send(publisher, number, "withdraw")[0] == 409


def test_an_editor_comments_and_sees_no_buttons_to_decide_with(
    store: ContentStore, number: int, editor: FlaskClient
) -> None:
    page = text_at(editor, f"/approvals/{number}")
    empty, _ = send(editor, number, "comment", text="")
    status, _ = send(editor, number, "comment", text="Well\n\nsaid.")

    assert "Approve it" not in page
    assert "Send it back" not in page
    assert "Withdraw it" not in page
    assert (empty, status) == (422, 303)
    assert "<strong>A editor</strong>" in text_at(editor, f"/approvals/{number}")
    assert send(editor, number, "approve")[0] == 409
    assert send(editor, number, "send-back", reason="No.")[0] == 409
    assert get_submission(store, number).state == "waiting"


def test_its_author_withdraws_it_and_cannot_approve_it(app: Flask, store: ContentStore, publisher: FlaskClient) -> None:
    author = next(one for one in app.extensions["people"]() if "publisher" in one.roles)
    by = Contributor(author, Author(author.name, "author@example.gov.uk"), Actor.of(author))
    own = submit(store, change_of(store), by=by, now=NOW)

    page = text_at(publisher, f"/approvals/{own}")
    refused, said = send(publisher, own, "approve")
    status, _ = send(publisher, own, "withdraw")

    assert "Approve it" not in page
    assert refused == 409
    assert "Somebody else than its author" in said
    assert status == 303
    assert "Withdrawn" in text_at(publisher, f"/approvals/{own}")
    assert "First line." in text_of(store)


def test_a_conflict_is_said_and_cannot_be_approved(store: ContentStore, number: int, publisher: FlaskClient) -> None:
    (store.content / ARRIVAL).write_text(text_of(store).replace("First line.", "By hand."))

    page = text_at(publisher, f"/approvals/{number}")

    assert "Somebody else changed the same lines" in page
    assert "Approve it" not in page
    assert send(publisher, number, "approve")[0] == 409
    assert "By hand." in text_of(store)


def test_what_is_not_for_a_person_is_not_there(
    store: ContentStore,
    new_person: NewPerson,
    anonymous: FlaskClient,
    member: FlaskClient,
    editor: FlaskClient,
    publisher: FlaskClient,
) -> None:
    change = change_of(store, "The rota.", "The secret rota.", path="staff/rota.md", note="A secret")
    number = submit(store, change, by=new_person("eve", "editor", groups=("staff",)), now=NOW)

    assert "A secret" in text_at(publisher, f"/approvals/{number}")
    assert anonymous.get(f"/approvals/{number}").status_code == 303
    for browser in (member, editor):
        assert browser.get(f"/approvals/{number}").status_code == 404
    assert "secret" not in text_at(editor, "/approvals").lower()
    for what in ("approve", "send-back", "withdraw", "comment"):
        assert fill_in(editor, "/approvals", {}, to=f"/approvals/{number}/{what}").status_code == 404
