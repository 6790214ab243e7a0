import re

import pytest
from flask.testing import FlaskClient

from knowledge_base.approval.due import run_due
from knowledge_base.approval.outlook import look_ahead
from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submissions import approve
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder
from tests.moving.conftest import text_of
from tests.publishing.conftest import git

NOTE = {"note": "Put it where people look"}


@pytest.fixture
def editor(store: ContentStore, signed_in: SignedIn) -> FlaskClient:
    """An editor who reads what everybody may read."""
    return signed_in(roles=["editor"])


def name_in(page: str) -> str:
    found = re.search(r'name="name"[^>]* value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def send(editor: FlaskClient, url: str, **fields: str) -> str:
    """Fill in a form and return the page that says what was done."""
    name = name_in(editor.get(url).text)
    answer = fill_in(editor, url, {**NOTE, "name": name, **fields})
    assert answer.status_code == 303, answer.text
    return editor.get(answer.location).text


def test_a_page_is_moved_and_it_says_where_it_is(editor: FlaskClient) -> None:
    done = send(editor, "/move/open/tell", to="/guides/tell")

    assert 'href="/guides/tell"' in done
    assert editor.get("/guides/tell").status_code == 200


def test_the_form_names_the_pages_that_lead_here_and_no_others(editor: FlaskClient) -> None:
    page = editor.get("/move/open/tell").text

    assert ">Home</a></li>" in page
    assert "Other" in page
    assert "rota" not in page


def test_sent_twice_it_is_done_once(editor: FlaskClient, store: ContentStore) -> None:
    page = editor.get("/move/open/tell").text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token
    fields = {**NOTE, "to": "/guides/tell", "name": name_in(page), "csrf_token": token[1]}

    first, second = (editor.post("/move/open/tell", data=fields) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert git(store, "rev-list", "--count", "HEAD") == "2"


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("/open/other", "There cannot be a new page at /open/other"),
        ("/staff/rota", "There is no folder /staff yet"),
        ("/nowhere/tell", "There is no folder /nowhere yet"),
        ("/search", "belong to the program"),
        ("Guides/Tell Me", "lower-case letters"),
        ("", "Type the new address"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_is_kept(editor: FlaskClient, to: str, words: str) -> None:
    answer = fill_in(editor, "/move/open/tell", {**NOTE, "to": to})

    assert answer.status_code == 422
    assert words in answer.text
    assert NOTE["note"] in answer.text


def test_without_a_note_nothing_happens(editor: FlaskClient) -> None:
    answer = fill_in(editor, "/delete/guides/two", {})

    assert answer.status_code == 422
    assert "Say what changed, for readers" in answer.text
    assert editor.get("/guides/two").status_code == 200


def test_a_page_is_withdrawn_and_comes_back(editor: FlaskClient, store: ContentStore) -> None:
    assert "The law changed" in send(editor, "/withdraw/guides/two", reason="The law changed")
    assert editor.get("/guides/two").status_code == 410
    assert "/bring-back/guides/two" in editor.get("/bring-back").text

    assert "on the site again" in send(editor, "/bring-back/guides/two")

    assert editor.get("/guides/two").status_code == 200
    assert "No page that you may bring back" in editor.get("/bring-back").text


def test_a_page_is_deleted(editor: FlaskClient) -> None:
    assert "/bring-back/guides/two" in send(editor, "/delete/guides/two")

    assert editor.get("/guides/two").status_code == 404


def test_two_pages_are_merged_by_somebody_who_sees_the_text(editor: FlaskClient, store: ContentStore) -> None:
    assert "Address of the other page" in editor.get("/merge/guides/two").text
    assert editor.get("/merge/guides/two?into=/staff/rota").status_code == 422
    page = editor.get("/merge/guides/two?into=/guides/one").text
    base = re.search(r'name="base"[^>]* value="([0-9a-f]{64})"', page)
    assert base
    assert "See [one](/guides/one)." in page
    text = text_of(store, "guides/one.md") + "\nAnd more.\n"

    send(editor, "/merge/guides/two?into=/guides/one", text=text, into="/guides/one", base=base[1])

    assert editor.get("/guides/two").location == "/guides/one"
    assert "And more." in editor.get("/guides/one").text


def test_a_merge_over_what_somebody_wrote_meanwhile_is_shown_again(editor: FlaskClient, store: ContentStore) -> None:
    fields = {**NOTE, "text": "Mine.", "into": "/guides/one", "base": "0" * 64}

    answer = fill_in(editor, "/merge/guides/two?into=/guides/one", fields, to="/merge/guides/two")

    assert answer.status_code == 422
    assert "Somebody changed one of the two pages meanwhile" in answer.text
    assert "Mine." in answer.text


def test_findings_are_told_beside_the_form(editor: FlaskClient, content: ContentFolder) -> None:
    content.page("guides/one", "See [two][1].\n\n[1]: /guides/two\n")

    answer = fill_in(editor, "/delete/guides/two", NOTE)

    assert answer.status_code == 422
    assert "guides/one.md" in answer.text


def test_the_foot_of_a_page_leads_editors_here(editor: FlaskClient, store: ContentStore, staff: FlaskClient) -> None:
    assert 'href="/move/open/tell"' in editor.get("/open/tell").text
    assert "/move/" not in staff.get("/open/tell").text
    assert editor.get("/move/staff/rota").status_code == 404
    assert editor.get("/move/no/page").status_code == 404


def test_what_somebody_else_did_is_theirs(editor: FlaskClient, signed_in: SignedIn) -> None:
    name = name_in(editor.get("/move/open/tell").text)
    fill_in(editor, "/move/open/tell", {**NOTE, "name": name, "to": "/guides/tell"})

    assert editor.get(f"/moved/{name}").status_code == 200
    assert signed_in("staff", roles=["publisher"]).get(f"/moved/{name}").status_code == 404


def test_where_a_second_person_is_asked_for_the_move_waits_for_one(
    editor: FlaskClient, store: ContentStore, content: ContentFolder, pat: Contributor
) -> None:
    content.page("open/index", publishing="two-person")
    store.library.refresh()

    answer = fill_in(editor, "/move/open/tell", {**NOTE, "to": "/guides/tell"})

    assert (answer.status_code, answer.location) == (303, "/approvals/1")
    assert editor.get("/open/tell").status_code == 200
    approve(store, 1, by=pat, seen=look_ahead(store, get_submission(store, 1).change).digest, now=utc_now())
    run_due(store, now=utc_now())
    assert editor.get("/open/tell").location == "/guides/tell"
    assert "/guides/tell#when" in text_of(store, "staff/rota.md")
