"""The editor as a browser without scripts has it."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts.register import Register
from knowledge_base.editing.drafts import find_draft
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import browser_of, fields_of, save, send

JSON = {"Accept": "application/json"}
PAGE = "referral/share"


def test_a_page_leads_those_who_may_change_it_to_its_editor(
    janes: FlaskClient, pats: FlaskClient, anonymous: FlaskClient
) -> None:
    assert 'href="/edit/referral/share"' in janes.get("/referral/share").text
    assert 'href="/edit/referral/mixed"' not in janes.get("/referral/mixed").text
    assert 'href="/edit/referral/mixed"' in pats.get("/referral/mixed").text
    assert 'href="/edit/index"' in janes.get("/").text
    assert 'href="/edit">Your work<' in janes.get("/").text
    assert "/edit" not in anonymous.get("/referral/share").text


@pytest.mark.parametrize("address", ["/approvals", "/feedback", "/overdue", "/data", "/bring-back"])
def test_their_work_leads_those_who_write_to_all_that_there_is_to_do(janes: FlaskClient, address: str) -> None:
    assert f'href="{address}"' in janes.get("/edit").text
    assert janes.get(address).status_code == 200


def test_sending_the_form_unchanged_changes_nothing(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    answer = save(janes, PAGE, {})

    draft = find_draft(store, PAGE, by=jane.viewer)
    assert answer.status_code == 303
    assert draft
    assert draft.content == store.files.read("referral/share.md")


def test_what_is_typed_is_in_the_draft_and_not_on_the_page(
    janes: FlaskClient, jane: Contributor, store: ContentStore
) -> None:
    answer = save(janes, PAGE, {"title": "Tell: somebody", "body": "## When {#when}\r\n\r\nAt once."})

    assert answer.location == "/edit/referral/share?saved=1"
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    assert 'title: "Tell: somebody"\n' in draft.text
    assert draft.text.endswith("---\n\n## When {#when}\n\nAt once.\n")
    shown = janes.get(answer.location).text
    assert "Your draft is saved" in shown
    assert "<p>At once.</p>" in shown
    assert "At once" not in janes.get("/referral/share").text
    assert "Tell: somebody" in janes.get("/edit").text


def test_the_gate_is_asked_and_leads_to_the_line_and_the_field(janes: FlaskClient) -> None:
    save(janes, PAGE, {"review_by": "soon", "body": "## When {#when}\n\n[There](/nothing)"})

    assert "must be a date" in janes.get(f"/edit/{PAGE}").text
    save(janes, PAGE, {"review_by": "1/5/2099"})
    shown = janes.get(f"/edit/{PAGE}").text
    assert 'data-kb-line="3">Line 3</a>' in shown
    assert "the link to /nothing leads nowhere" in shown


def test_a_finding_names_no_page_that_its_reader_may_not_read(janes: FlaskClient, pats: FlaskClient) -> None:
    for browser in (janes, pats):
        save(browser, PAGE, {"body": "Without the heading."})

    seen_by_jane, seen_by_pat = (browser.get(f"/edit/{PAGE}").text for browser in (janes, pats))

    assert "/staff/rota" in seen_by_pat
    assert "/staff" not in seen_by_jane
    assert "something that you may not read would break" in seen_by_jane


def test_the_preview_shows_what_a_reader_would_get(pats: FlaskClient) -> None:
    answer = save(pats, "referral/mixed", {}, then="preview", **{"as": "anonymous"})

    assert answer.location == "/edit/referral/mixed?as=anonymous#kb-preview"
    as_anonymous = preview_in(pats.get(answer.location).text)
    assert "For all." in as_anonymous
    assert "duty phone" not in as_anonymous
    assert "duty phone" in preview_in(pats.get("/edit/referral/mixed?as=audience:staff").text)
    # There is no such reader, so that it is shown as to oneself.
    assert "duty phone" in preview_in(pats.get("/edit/referral/mixed?as=audience:leads").text)


def test_the_preview_shows_nobody_more_than_they_may_read(janes: FlaskClient) -> None:
    save(janes, PAGE, {"body": "For all.\n\n/// staff-only\n\nJane made this up.\n\n///"})

    for reader in ("oneself", "audience:staff", "group:staff"):
        assert "Jane made this up" not in preview_in(janes.get(f"/edit/{PAGE}?as={reader}").text)


@pytest.mark.parametrize(
    "path", ["staff/rota", "referral/mixed", "nothing", "referral/nothing", "_data/council", "x.y", "a" * 300]
)
def test_who_may_not_read_all_of_a_page_gets_no_editor(janes: FlaskClient, store: ContentStore, path: str) -> None:
    token = fields_of(janes.get(f"/edit/{PAGE}").text)["csrf_token"]

    assert janes.get(f"/edit/{path}").status_code == 404
    for action in ("save", "preview"):
        answer = janes.post(f"/edit/{path}/{action}", data={"csrf_token": token, "kb-body": "x"})
        assert answer.status_code == 404


def test_a_broken_page_is_not_shown_to_who_might_not_read_it(
    janes: FlaskClient, pats: FlaskClient, content: ContentFolder, store: ContentStore
) -> None:
    content.file("referral/share.md", "---\ntitle: x\nsummary: x\naudence: staff\n---\nSecret.\n")
    content.file("referral/broken.md", "---\ntitle: x\n---\nNo summary.\n")
    store.library.refresh()

    assert janes.get("/edit/referral/share").status_code == 404
    # Pat is no lead, and who knows whom this page was meant for.
    assert pats.get("/edit/referral/share").status_code == 404
    # What this one lacks has nothing to do with who may read it.
    assert "No summary." in janes.get("/edit/referral/broken").text


def test_a_header_that_cannot_be_read_is_mended_as_text(
    pats: FlaskClient, pat: Contributor, content: ContentFolder, store: ContentStore
) -> None:
    save(pats, PAGE, {})
    draft = find_draft(store, PAGE, by=pat.viewer)
    assert draft
    fields = fields_of(pats.get(f"/edit/{PAGE}").text)
    whole = {"csrf_token": fields["csrf_token"], "kb-version": fields["kb-version"], "whole": "1"}
    pats.post(f"/edit/{PAGE}/save", data={**whole, "kb-body": "---\ntitle: [\n---\nWords"})

    shown = pats.get(f"/edit/{PAGE}").text
    assert "header cannot be read" in shown
    assert fields_of(shown)["kb-body"] == "---\ntitle: [\n---\nWords"
    assert "kb-title" not in fields_of(shown)


def test_two_windows_lose_nothing(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    first = second = fields_of(janes.get(f"/edit/{PAGE}").text)
    janes.post(f"/edit/{PAGE}/save", data={**first, "kb-body": "From the first."})

    answer = janes.post(f"/edit/{PAGE}/save", data={**second, "kb-body": "From the second."})

    assert answer.status_code == 409
    assert "From the" in answer.text
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    assert draft.text.endswith("From the first.\n")
    both = fields_of(answer.text)
    assert both["kb-body"].endswith("From the second.\n")
    assert janes.post(f"/edit/{PAGE}/save", data=both).status_code == 303
    assert "From the second." in fields_of(janes.get(f"/edit/{PAGE}").text)["kb-body"]


def test_a_script_saves_and_is_told_of_another_window(janes: FlaskClient) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)

    saved = janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "One."}, headers=JSON)
    refused = janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "Two."}, headers=JSON)

    assert saved.json
    assert saved.json["version"] == int(fields["kb-version"]) + 1
    assert refused.status_code == 409
    assert refused.json
    assert refused.json["text"].endswith("One.\n")
    assert refused.json["yours"].endswith("Two.\n")


def test_a_script_gets_the_preview_of_what_is_typed(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)

    answer = janes.post(f"/edit/{PAGE}/preview", data={**fields, "kb-body": "Typed <b>now</b>."}, headers=JSON)

    assert answer.json
    assert "Typed &lt;b&gt;now&lt;/b&gt;." in answer.json["preview"]
    assert "HTML is shown" in answer.json["notes"]
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    assert not draft.is_changed


def test_a_draft_that_is_too_long_is_not_lost(janes: FlaskClient) -> None:
    answer = save(janes, PAGE, {"body": f"Start. {'x' * 500_000}"})

    assert answer.status_code == 413
    assert fields_of(answer.text)["kb-body"].startswith("Start. xxx")
    assert "Split it into several pages" in answer.text


def test_what_is_sent_after_the_sign_in_has_ended_is_there_again(
    app: Flask, accounts: Register, jane: Contributor, janes: FlaskClient
) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    with janes.session_transaction() as cookie:
        del cookie["_user_id"]

    answer = janes.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "Typed while signed out."})
    as_json = janes.post(f"/edit/{PAGE}/save", data=fields, headers=JSON)

    assert (answer.status_code, answer.location) == (303, "/login?next=/edit/referral/share")
    assert (as_json.status_code, json.loads(as_json.text)["error"]) == (401, "signed-out")


def test_the_kept_text_is_shown_and_saved_after_signing_in_anew(
    app: Flask, accounts: Register, jane: Contributor, pats: FlaskClient, janes: FlaskClient, anonymous: FlaskClient
) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)
    # Another sign-in in the same browser took the token away.
    answer = anonymous.post(f"/edit/{PAGE}/save", data={**fields, "kb-body": "Typed while signed out."})
    assert answer.location == "/login?next=/edit/referral/share"

    again = browser_of(app, accounts, jane)
    shown = again.get(f"/edit/{PAGE}").text

    assert "You had been signed out" in shown
    assert fields_of(shown)["kb-body"] == "Typed while signed out."
    assert "Typed while" not in pats.get(f"/edit/{PAGE}").text
    assert send(again, f"/edit/{PAGE}", to=f"/edit/{PAGE}/save").status_code == 303
    assert "You had been signed out" not in again.get(f"/edit/{PAGE}").text


def test_nothing_is_kept_of_a_form_that_is_nobodys(
    anonymous: FlaskClient, janes: FlaskClient, store: ContentStore
) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)

    for holder in ("", "made-up", f"x{fields['kb-holder']}"):
        data = {**fields, "kb-holder": holder, "kb-body": "Planted."}
        assert anonymous.post(f"/edit/{PAGE}/save", data=data).location.endswith("next=/")
    other = anonymous.post("/edit/referral/index/save", data={**fields, "kb-body": "Planted."})

    assert other.location.endswith("next=/")
    assert "Planted" not in janes.get(f"/edit/{PAGE}").text


def test_a_form_with_an_old_token_comes_back_with_what_was_typed(janes: FlaskClient) -> None:
    fields = fields_of(janes.get(f"/edit/{PAGE}").text)

    answer = janes.post(f"/edit/{PAGE}/save", data={**fields, "csrf_token": "old", "kb-body": "Typed."})
    as_json = janes.post(f"/edit/{PAGE}/save", data={**fields, "csrf_token": "old"}, headers=JSON)

    assert answer.status_code == 400
    assert fields_of(answer.text)["kb-body"] == "Typed."
    assert as_json.json
    fresh = {**fields, "csrf_token": as_json.json["csrf_token"], "kb-body": "Typed."}
    assert janes.post(f"/edit/{PAGE}/save", data=fresh).status_code == 303


def test_a_style_sheet_of_the_editor_needs_a_word_that_is_new_each_time(janes: FlaskClient) -> None:
    answers = [janes.get(f"/edit/{PAGE}") for _ in range(2)]

    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    assert policies[0] != policies[1]
    for answer, policy in zip(answers, policies, strict=True):
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert f'content="{nonce}"' in answer.text
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"


def preview_in(page: str) -> str:
    return page[page.index("data-kb-preview") : page.index("</main>")]


def test_the_preview_shows_a_page_whose_header_is_not_complete_yet(janes: FlaskClient) -> None:
    save(janes, PAGE, {"title": "", "summary": "", "review_by": "soon", "order": "first", "body": "Typed."})

    shown = janes.get(f"/edit/{PAGE}").text

    assert "<p>Typed.</p>" in preview_in(shown)
    assert "No summary yet" in preview_in(shown)
    assert 'href="#kb-summary">Go to the field' in shown
    assert "must be a date" in shown


def test_the_preview_never_guesses_who_may_read_a_page(janes: FlaskClient) -> None:
    save(janes, PAGE, {"summary": "", "audience": "nobody-knows", "body": "Typed."})

    shown = preview_in(janes.get(f"/edit/{PAGE}?as=anonymous").text)

    assert "Typed." not in shown


def test_the_contacts_that_its_author_may_read_are_offered(
    janes: FlaskClient, pats: FlaskClient, content: ContentFolder, store: ContentStore
) -> None:
    entry = "{key}:\n  name: {key} desk\n  audience: {audience}\n  origin: example\n"
    entries = [entry.format(key=key, audience=audience) for key, audience in {"duty": "open", "night": "staff"}.items()]
    content.file("_data/contacts.yml", "".join(entries))
    store.library.refresh()

    seen_by_jane, seen_by_pat = (browser.get(f"/edit/{PAGE}").text for browser in (janes, pats))

    assert 'data-kb-contact="duty"' in seen_by_jane
    assert "night desk" not in seen_by_jane
    assert "<code>/// contact | night</code>" in seen_by_pat


def test_a_slip_in_a_field_hides_nothing_else_and_breaks_no_links_to_the_page(janes: FlaskClient) -> None:
    body = "## When {#when}\n\n[There](/nothing)"
    save(janes, PAGE, {"review_by": "soon", "sources": "no-such-paper", "body": body})

    shown = janes.get(f"/edit/{PAGE}").text
    notes = shown[shown.index("data-kb-notes") :]

    assert "&#39;review_by&#39; must be a date" in notes
    assert "left out" not in notes
    assert "the link to /nothing leads nowhere" in notes
    assert 'data-kb-line="3">Line 3</a>' in notes
    assert "the link to /referral/share" not in notes
    assert '<a class="govuk-link" href="#kb-sources">Go to the field</a>' in notes
    assert "is missing" not in notes


def test_a_block_that_is_not_finished_breaks_no_links_to_the_page(janes: FlaskClient) -> None:
    save(janes, PAGE, {"body": "## When {#when}\n\n/// warning\n\nHalf of it."})

    shown = janes.get(f"/edit/{PAGE}").text

    assert 'data-kb-line="3">Line 3</a>' in shown
    assert "the link to /referral/share" not in shown


def test_the_editor_names_the_sources_that_there_are(janes: FlaskClient) -> None:
    shown = janes.get(f"/edit/{PAGE}").text

    assert "<code>paper</code>" in shown
    assert "A paper, The council, 1 May 2026" in shown
