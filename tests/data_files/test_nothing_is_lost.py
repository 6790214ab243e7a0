import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.data_files.conftest import COUNCIL, change, draft_page, live, publish
from tests.editing.conftest import browser_of, fields_of

LIMIT = "/data/council.yml/limit"


@pytest.fixture
def janes(app: Flask, accounts: object, jane: object, store: ContentStore) -> FlaskClient:
    return browser_of(app, accounts, jane)  # type: ignore[arg-type]


def typed(browser: FlaskClient, url: str, **fields: str) -> dict[str, str]:
    """Return what somebody typed into a form and has not sent."""
    return {**fields_of(browser.get(url).text), **{f"field-{name}": value for name, value in fields.items()}}


@pytest.mark.parametrize("url", [LIMIT, "/data/council.yml/new"])
def test_what_was_sent_while_signed_out_is_in_the_form_after_signing_in(
    janes: FlaskClient, app: Flask, accounts: object, jane: object, store: ContentStore, url: str
) -> None:
    sent = typed(janes, url, value="24 hours, or so", label="The limit")

    refused = app.test_client().post(url, data=sent)
    again = browser_of(app, accounts, jane)  # type: ignore[arg-type]
    page = again.get(url).text

    assert (refused.status_code, refused.location) == (303, f"/login?next={url}")
    assert "This is what you typed before you were signed out" in page
    assert fields_of(page)["field-value"] == "24 hours, or so"
    answer = again.post(url, data={**fields_of(page), "key": "more", "field-origin": "Here"})
    assert answer.status_code == 303, answer.text
    assert "24 hours, or so" in again.get("/data/council.yml/" + ("more" if url.endswith("new") else "limit")).text
    assert "before you were signed out" not in again.get(url).text
    assert live(store) == COUNCIL


def test_it_is_for_nobody_else_and_only_for_that_entry(
    janes: FlaskClient, other: FlaskClient, app: Flask, store: ContentStore
) -> None:
    sent = typed(janes, LIMIT, value="24 hours")

    elsewhere = app.test_client().post("/data/council.yml/threshold", data=sent)
    app.test_client().post(LIMIT, data=sent)

    assert elsewhere.location == "/login?next=/"
    assert "24 hours" not in other.get(LIMIT).text
    assert "24 hours" not in janes.get("/data/council.yml/threshold").text
    forged = app.test_client().post(LIMIT, data={**sent, "kb-holder": sent["kb-holder"][:-2] + "xx"})
    assert forged.location == "/login?next=/"


def test_a_form_without_a_good_token_comes_back_with_what_was_typed(janes: FlaskClient, store: ContentStore) -> None:
    sent = typed(janes, LIMIT, value="24 hours")

    answer = janes.post(LIMIT, data={**sent, "csrf_token": "old"})

    assert answer.status_code == 400
    assert "had been open for too long" in answer.text
    assert fields_of(answer.text)["field-value"] == "24 hours"
    assert janes.post(LIMIT, data=fields_of(answer.text)).status_code == 303


def test_a_database_that_cannot_be_written_gives_the_form_back(
    janes: FlaskClient, store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = typed(janes, LIMIT, value="24 hours")
    change(janes, "council.yml/threshold", value="60")
    sent["was"] = fields_of(janes.get(LIMIT).text)["was"]
    monkeypatch.setattr("knowledge_base.engines._milliseconds", lambda _patience: 1)

    with store.database.write() as other:
        other.execute(text("SELECT 1"))
        answer = janes.post(LIMIT, data=sent)

    assert answer.status_code == 503
    assert "The site cannot write at the moment" in answer.text
    assert fields_of(answer.text)["field-value"] == "24 hours"


def test_what_somebody_changes_by_hand_meanwhile_is_kept(
    janes: FlaskClient, store: ContentStore, content: ContentFolder
) -> None:
    change(janes, "council.yml/limit", value="24 hours")
    content.file("_data/council.yml", COUNCIL.replace('"44"', '"45"').replace("# Not known yet.", "# Ask the lead."))

    answer = publish(janes, "council.yml")

    assert answer.status_code == 303, answer.text
    assert '"45"' in live(store)
    assert "24 hours" in live(store)
    assert "# Ask the lead." in live(store)


def test_a_file_that_is_broken_by_hand_says_so_and_a_draft_can_take_its_place(
    janes: FlaskClient, other: FlaskClient, store: ContentStore, content: ContentFolder
) -> None:
    for browser in (janes, other):
        change(browser, "council.yml/limit", value="24 hours")
    broken = COUNCIL.replace('value: "44"', "value: [")
    content.file("_data/council.yml", broken)
    store.library.refresh()

    page = other.get("/data/council.yml").text
    conflict = other.get(draft_page(other, "council.yml", "conflict")).text

    assert "Your draft of this file" in page
    assert "cannot be used" in conflict
    assert "did not find" in conflict or "cannot be read" in conflict
    for browser, status in ((janes, 403), (other, 303)):
        address = draft_page(browser, "council.yml", "conflict")
        settled = browser.post(address, data=fields_of(browser.get(address).text))
        assert settled.location == address.replace("conflict", "publish")
        assert publish(browser, "council.yml").status_code == status
    assert live(store) == COUNCIL.replace("  value:\n", '  value: "24 hours"\n')
    assert broken.encode() in [
        store.repository.read(revision, "_data/council.yml")
        for revision in store.repository.revisions_of("_data/council.yml", most=5)
    ]


def test_a_broken_file_without_a_draft_says_what_is_wrong_and_what_readers_get(
    janes: FlaskClient, store: ContentStore, content: ContentFolder
) -> None:
    content.file("_data/council.yml", COUNCIL.replace('value: "44"', "value: ["))
    store.library.refresh()

    page = janes.get("/data/council.yml").text

    assert re.search(r"The file cannot be read: line \d+", page)
    assert "Until then readers get the last version without a fault" in page
    assert ">44<" in janes.get("/page").text
    assert janes.get(LIMIT).status_code == 404
