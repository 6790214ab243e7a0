"""What is said of a change is kept with the draft until it is live, whatever comes in between."""

import re

from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts.register import Register
from knowledge_base.editing.drafts import find_draft
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import browser_of, fields_of, save, send

PAGE = "referral/share"
WARNED = "## When {#when}\n\n<b>At once</b>."
TYPED = {"note": "Say <when>", "is_minor": "y", "read_warnings": "y"}


def go_on_to_publish(browser: FlaskClient, body: str = WARNED) -> str:
    return save(browser, PAGE, {"body": body}, then="publish").location


def ticks_in(page: str) -> set[str]:
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', page)
    return {name[1] for box in boxes if " checked" in box and (name := re.search(r'name="([^"]*)"', box))}


def test_a_conflict_does_not_cost_the_note_and_the_ticks(janes: FlaskClient, content: ContentFolder) -> None:
    url = go_on_to_publish(janes)
    content.page(PAGE, "## When {#when}\n\nBy hand.", title="Share your concern", sources=["paper"])
    conflict = send(janes, url, **TYPED).location
    assert conflict.endswith("/conflict")
    send(janes, conflict)

    shown = janes.get(url).text

    assert fields_of(shown)["note"] == "Say <when>"
    assert ticks_in(shown) == {"is_minor", "read_warnings"}
    assert janes.post(url, data=fields_of(shown) | {"is_minor": "y", "read_warnings": "y"}).status_code == 303
    assert "At once" in janes.get("/referral/share").text


def test_the_tick_at_warnings_is_for_those_warnings_only(janes: FlaskClient) -> None:
    url = go_on_to_publish(janes)
    send(janes, url, **TYPED | {"day": "no day"})

    save(janes, PAGE, {"body": f"{WARNED}\n\n<i>And another</i>."})

    shown = janes.get(url).text
    assert ticks_in(shown) == {"is_minor"}
    assert fields_of(shown)["day"] == "no day"


def test_what_was_said_of_one_change_is_not_said_of_the_next(janes: FlaskClient) -> None:
    assert send(janes, go_on_to_publish(janes), **TYPED).status_code == 303

    shown = janes.get(go_on_to_publish(janes, "## When {#when}\n\nLater.")).text

    assert fields_of(shown)["note"] == ""
    assert ticks_in(shown) == set()


def test_a_note_that_is_sent_after_the_sign_in_ended_is_there_afterwards(
    app: Flask, accounts: Register, janes: FlaskClient, jane: Contributor, store: ContentStore
) -> None:
    url = go_on_to_publish(janes)
    fields = fields_of(janes.get(url).text) | {"note": "Say when"}
    with janes.session_transaction() as cookie:
        del cookie["_user_id"]

    answer = janes.post(url, data=fields)

    assert answer.location == f"/login?next={url}"
    shown = browser_of(app, accounts, jane).get(url).text
    assert fields_of(shown)["note"] == "Say when"
    assert find_draft(store, PAGE, by=jane.viewer)


def test_nobody_puts_a_note_into_a_draft_without_its_form(
    janes: FlaskClient, pats: FlaskClient, jane: Contributor, store: ContentStore
) -> None:
    url = go_on_to_publish(janes)
    others = fields_of(pats.get(go_on_to_publish(pats)).text)
    token = fields_of(janes.get(url).text)["csrf_token"]
    with janes.session_transaction() as cookie:
        del cookie["_user_id"]

    for holder in (others["holder"], "made up"):
        janes.post(url, data={"csrf_token": token, "note": "Not hers", "holder": holder})

    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    assert draft.publish_note == {}


def test_a_form_with_a_token_of_an_earlier_sign_in_comes_back_as_typed(janes: FlaskClient) -> None:
    url = go_on_to_publish(janes)

    answer = send(janes, url, **TYPED | {"csrf_token": "old"})

    assert answer.status_code == 400
    assert fields_of(answer.text)["note"] == "Say <when>"
    assert ticks_in(answer.text) == {"is_minor", "read_warnings"}
