"""What is typed is never written over and never thrown away, whatever happens between two requests."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from knowledge_base.accounts.register import Register
from knowledge_base.editing.drafts import discard_draft, find_draft, open_draft, save_draft
from knowledge_base.editing.errors import StaleDraftError
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import NOW, browser_of, fields_of, save, send

PAGE = "referral/share"


def publish(browser: FlaskClient, page: str) -> None:
    answer = save(browser, page, {}, then="publish")
    assert send(browser, answer.location, note="Clearer.").location.startswith("/drafts/published/")


def meet_a_conflict(janes: FlaskClient, pats: FlaskClient) -> str:
    """Let both change the same line, Pat publish, and Jane see what came of it. Returns where she does."""
    save(janes, PAGE, {"body": "## When {#when}\n\nJane’s words."})
    save(pats, PAGE, {"body": "## When {#when}\n\nPat’s words."})
    publish(pats, PAGE)
    answer = save(janes, PAGE, {}, then="publish")
    return send(janes, answer.location, note="Mine.").location


def test_a_window_of_a_draft_that_is_gone_does_not_write_over_the_next(store: ContentStore, jane: Contributor) -> None:
    first = open_draft(store, PAGE, by=jane.viewer, now=NOW)
    discard_draft(store, first, by=jane.viewer, now=NOW)
    second = open_draft(store, PAGE, by=jane.viewer, now=NOW)

    with pytest.raises(StaleDraftError):
        save_draft(store, second, text="From the old window.", version=first.version, by=jane.viewer, now=NOW)

    assert second.id != first.id


def test_a_window_from_before_a_publication_does_not_take_it_back(janes: FlaskClient, store: ContentStore) -> None:
    old = fields_of(janes.get(f"/edit/{PAGE}").text)
    save(janes, PAGE, {"body": "## When {#when}\n\nPublished since."})
    publish(janes, PAGE)

    answer = janes.post(f"/edit/{PAGE}/save", data={**old, "kb-body": old["kb-body"] + "\n\nMore."})

    assert answer.status_code == 409
    assert "Published" in answer.text
    assert "More." in answer.text


def test_what_others_publish_before_the_first_save_is_merged(
    janes: FlaskClient, jane: Contributor, pats: FlaskClient, store: ContentStore
) -> None:
    opened = fields_of(janes.get(f"/edit/{PAGE}").text)
    save(pats, PAGE, {"body": opened["kb-body"].replace("First line.", "The first line.")})
    publish(pats, PAGE)

    saved = janes.post(
        f"/edit/{PAGE}/save", data={**opened, "kb-body": opened["kb-body"].replace("Third line.", "The third line.")}
    )
    publish(janes, PAGE)

    assert saved.status_code == 303
    text = (store.files.read(f"{PAGE}.md") or b"").decode()
    assert "The first line." in text
    assert "The third line." in text


def test_a_form_whose_token_and_sign_in_are_both_gone_is_kept(janes: FlaskClient, jane: Contributor) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    with janes.session_transaction() as cookie:
        cookie.clear()

    answer = janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "Typed for an hour."})

    assert (answer.status_code, answer.location) == (303, f"/login?next=/edit/{PAGE}")


def test_a_text_of_two_windows_is_kept_when_the_sign_in_ends(
    app: Flask, accounts: Register, jane: Contributor, janes: FlaskClient
) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    save(janes, PAGE, {"body": "From the first."})
    both = fields_of(janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "From the second."}).text)
    with janes.session_transaction() as cookie:
        del cookie["_user_id"]

    janes.post(f"/edit/{PAGE}/save", data={**both, "kb-body": both["kb-body"] + "And both."})

    assert "And both." in browser_of(app, accounts, jane).get(f"/edit/{PAGE}").text


@pytest.mark.parametrize("what_goes", ["_user_id", "csrf_token"])
def test_a_text_made_of_two_is_kept_when_the_sign_in_ends(
    app: Flask, accounts: Register, jane: Contributor, janes: FlaskClient, pats: FlaskClient, what_goes: str
) -> None:
    url = meet_a_conflict(janes, pats)
    fields = fields_of(janes.get(url).text)
    with janes.session_transaction() as cookie:
        del cookie[what_goes]

    answer = janes.post(url, data={**fields, "kb-body": fields["kb-body"] + "What both meant."})

    assert "What both meant." in answer.text or answer.location == f"/login?next=/edit/{PAGE}"
    again = browser_of(app, accounts, jane).get(f"/edit/{PAGE}").text
    assert "What both meant." in answer.text + again


def test_a_text_made_of_two_is_kept_when_its_draft_is_gone(
    janes: FlaskClient, jane: Contributor, pats: FlaskClient, store: ContentStore
) -> None:
    url = meet_a_conflict(janes, pats)
    fields = fields_of(janes.get(url).text)
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    discard_draft(store, draft, by=jane.viewer, now=NOW)

    answer = janes.post(url, data={**fields, "kb-body": fields["kb-body"] + "What both meant."})

    assert (answer.status_code, answer.location) == (303, f"/edit/{PAGE}")
    assert "What both meant." in fields_of(janes.get(f"/edit/{PAGE}").text)["kb-body"]


def test_settling_a_conflict_does_not_write_over_another_window(janes: FlaskClient, pats: FlaskClient) -> None:
    url = meet_a_conflict(janes, pats)
    fields = fields_of(janes.get(url).text)
    save(janes, PAGE, {"body": "## When {#when}\n\nFrom the other window."})

    answer = janes.post(url, data={**fields, "kb-body": fields["kb-body"] + "What both meant."})

    assert answer.status_code == 409
    assert "This draft was changed in another window" in answer.text
    assert "What both meant." in answer.text
    assert "From the other window." in fields_of(janes.get(f"/edit/{PAGE}").text)["kb-body"]


def test_what_is_published_while_a_conflict_is_settled_is_in_the_text_to_go_on_with(
    janes: FlaskClient, pats: FlaskClient
) -> None:
    url = meet_a_conflict(janes, pats)
    fields = fields_of(janes.get(url).text)
    save(pats, PAGE, {"summary": "Said anew by Pat."})
    publish(pats, PAGE)

    answer = janes.post(url, data={**fields, "kb-body": fields["kb-body"] + "What both meant.\n"})

    assert answer.status_code == 409
    assert "Said anew by Pat." in fields_of(answer.text)["kb-body"]
    assert "What both meant." in fields_of(answer.text)["kb-body"]


def test_a_database_that_cannot_be_written_costs_no_text(
    app: Flask, janes: FlaskClient, store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    monkeypatch.setattr("knowledge_base.engines._milliseconds", lambda _patience: 1)
    with store.database.write() as other:
        other.execute(text("SELECT 1"))
        answer = janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "Typed for an hour."})

    assert answer.status_code == 503
    assert "Typed for an hour." in fields_of(answer.text)["kb-body"]
    assert "could not be saved" in answer.text


def test_a_file_that_is_too_large_does_not_cost_the_text_beside_it(janes: FlaskClient) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    file = FileStorage(BytesIO(b"x" * 12_000_000), "large.pdf")
    boundary, sent = encode_multipart({**fields, "kb-body": "Typed for an hour.", "file": file})

    answer = janes.post(f"/edit/{PAGE}/files", data=sent, content_type=f"multipart/form-data; boundary={boundary}")

    assert answer.status_code == 422
    assert "is larger than 10 MB" in answer.text
    assert "Typed for an hour." in fields_of(janes.get(f"/edit/{PAGE}").text)["kb-body"]


def test_a_version_that_is_no_number_is_none(janes: FlaskClient, content: ContentFolder) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)

    answer = janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-version": "9" * 5_000, "kb-body": "x"})

    assert answer.status_code == 409
