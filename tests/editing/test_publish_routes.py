"""From a draft to a published page, and what happens when somebody else was quicker."""

from io import BytesIO

from flask.testing import FlaskClient

from knowledge_base.editing.conflict import Pair, Words, side_by_side
from knowledge_base.editing.drafts import find_draft
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import BODY, fields_of, save, send
from tests.pages.files_of_pages import png

PAGE = "referral/share"


def publish_page_of(browser: FlaskClient, page: str, body: str) -> str:
    """Type a body and go on to publishing. Returns the address of that page."""
    answer = save(browser, page, {"body": body}, then="publish")
    assert answer.status_code == 303
    return answer.location


def test_a_draft_is_published_with_a_note(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\nAt once.")

    answer = send(janes, url, note="Say when", is_minor="y")

    assert answer.status_code == 303
    done = janes.get(answer.location)
    assert "is live" in done.text
    assert "Readers are told: Say when" in done.text
    assert 'href="/history/referral/share"' in done.text
    assert "At once." in janes.get("/referral/share").text
    assert find_draft(store, PAGE, by=jane.viewer) is None
    said = store.repository.git.text("log", "-1", "--format=%an%n%B")
    assert said.startswith("jane Doe\nShare your concern (/referral/share): Say when")
    assert "Small-correction: yes" in said


def test_what_was_done_is_for_who_did_it(janes: FlaskClient, pats: FlaskClient) -> None:
    answer = send(janes, publish_page_of(janes, PAGE, "## When {#when}\n\nAt once."), note="Say when")

    assert pats.get(answer.location).status_code == 404
    assert pats.get("/drafts/published/nothing").status_code == 404


def test_publishing_twice_with_one_form_is_done_once(janes: FlaskClient, store: ContentStore) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\nAt once.")
    data = {**fields_of(janes.get(url).text), "note": "Say when"}

    first, second = (janes.post(url, data=data) for _ in range(2))

    assert first.location == second.location
    assert store.repository.git.text("rev-list", "--count", "HEAD") == "2"


def test_a_note_is_asked_for(janes: FlaskClient) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\nAt once.")

    answer = send(janes, url, note="  ")

    assert answer.status_code == 422
    assert "Say what changed, for readers" in answer.text
    assert "At once" not in janes.get("/referral/share").text


def test_an_error_stops_a_draft(janes: FlaskClient) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\n[There](/nothing)")

    shown = janes.get(url)
    token = fields_of(janes.get(f"/edit/{PAGE}").text)["csrf_token"]
    answer = janes.post(url, data={"csrf_token": token, "note": "Say when"})

    assert 'href="/edit/referral/share?line=3#kb-body"' in shown.text
    assert "Errors stop the page from being published" in shown.text
    assert (
        ">Publish<" not in "".join(shown.text.split()).partition("<main")[2].partition("<h1")[2].partition("</h1>")[2]
    )
    assert answer.status_code == 422


def test_warnings_must_be_ticked(janes: FlaskClient) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\n<b>At once</b>.")

    refused = send(janes, url, note="Say when")
    assert refused.status_code == 422
    assert "Look at the warnings" in refused.text
    assert fields_of(refused.text)["note"] == "Say when"

    assert send(janes, url, note="Say when", read_warnings="y").status_code == 303


def test_a_draft_that_changed_in_another_window_is_looked_at_again(janes: FlaskClient) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\nAt once.")
    data = {**fields_of(janes.get(url).text), "note": "Say when"}
    save(janes, PAGE, {"body": "## When {#when}\n\nLater."})

    refused = janes.post(url, data=data)

    assert refused.status_code == 422
    assert "changed in another window" in refused.text
    assert janes.post(url, data=fields_of(refused.text)).status_code == 303
    assert "Later." in janes.get("/referral/share").text


def test_changes_of_different_lines_are_brought_together(janes: FlaskClient, pats: FlaskClient) -> None:
    url = publish_page_of(janes, PAGE, f"## When {{#when}}\n\n{BODY.replace('First', 'Foremost')}")
    send(pats, publish_page_of(pats, PAGE, f"## When {{#when}}\n\n{BODY.replace('Third', 'Last')}"), note="The last")

    assert "published anew since you began" in janes.get(url).text
    answer = send(janes, url, note="The first")

    assert answer.location.endswith("?merged=1")
    assert "Both changes are in it" in janes.get(answer.location).text
    page = janes.get("/referral/share").text
    assert "Foremost line." in page
    assert "Last line." in page


def test_changes_of_the_same_line_are_shown_side_by_side(
    janes: FlaskClient, pats: FlaskClient, jane: Contributor, store: ContentStore
) -> None:
    url = publish_page_of(janes, PAGE, f"## When {{#when}}\n\n{BODY.replace('Second', 'Janes')}")
    theirs = BODY.replace("Second", "Pats").replace("First", "Foremost")
    send(pats, publish_page_of(pats, PAGE, f"## When {{#when}}\n\n{theirs}"), note="Pat's")

    answer = send(janes, url, note="Jane's")

    assert answer.status_code == 303
    shown = janes.get(answer.location).text
    assert '<del class="kb-pairs__del">Pats</del>' in shown
    assert '<ins class="kb-pairs__ins">Janes</ins>' in shown
    merged = fields_of(shown)["kb-body"]
    # Pat's other change is in it already.
    assert "Foremost line." in merged
    settled = send(janes, answer.location, **{"kb-body": merged.replace("Janes", "Pats and Janes")})
    assert settled.location == f"/edit/{PAGE}?saved=1"
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    assert draft.base == store.files.read("referral/share.md")
    assert send(janes, url, note="Both").status_code == 303
    assert "Pats and Janes line." in janes.get("/referral/share").text


def test_a_page_that_changes_while_a_conflict_is_settled_is_shown_again(
    janes: FlaskClient, jane: Contributor, content: ContentFolder, store: ContentStore
) -> None:
    publish_page_of(janes, PAGE, "Jane's.")
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    content.page(PAGE, "By hand, one.")
    fields = fields_of(janes.get(f"/drafts/{draft.id}/conflict").text)
    content.page(PAGE, "By hand, two.")

    answer = janes.post(f"/drafts/{draft.id}/conflict", data={**fields, "kb-body": f"{draft.text}Settled."})

    assert answer.status_code == 409
    assert "hand, two" in answer.text
    kept = find_draft(store, PAGE, by=jane.viewer)
    assert kept
    assert kept.text.endswith("Settled.")
    assert kept.base == draft.base


def test_a_folder_of_two_persons_is_not_published_by_one(janes: FlaskClient, store: ContentStore) -> None:
    assert "Check and submit for approval" in janes.get("/edit/uasc/arrival").text
    url = publish_page_of(janes, "uasc/arrival", "New words.")
    data = {**fields_of(janes.get(url).text), "note": "New"}
    assert "This folder asks for a second person" in janes.get(url).text

    first, second = (janes.post(url, data=data) for _ in range(2))

    assert first.location == second.location
    assert first.location.startswith("/approvals/")
    assert janes.get(first.location).status_code == 200
    assert b"New words" not in (store.files.read("uasc/arrival.md") or b"")
    assert "You have no draft" in janes.get("/edit").text


def test_what_is_sent_back_is_gone_on_with(
    janes: FlaskClient, pats: FlaskClient, jane: Contributor, store: ContentStore
) -> None:
    png_file = (BytesIO(png(2, 2)), "hall.png")
    fields = fields_of(janes.get("/edit/uasc/arrival").text)
    janes.post("/edit/uasc/arrival/files", data={**fields, "alt": "The hall", "file": png_file})
    body = "New words.\n\n![The hall](/files/uasc/arrival/hall.png)"
    submission = send(janes, publish_page_of(janes, "uasc/arrival", body), note="New").location
    draft_url = f"/drafts/of-submission/{submission.rpartition('/')[2]}"
    token = fields_of(pats.get("/edit/uasc/arrival").text)["csrf_token"]
    own = fields_of(janes.get("/edit/uasc/arrival").text)["csrf_token"]
    # It waits, and is not Pat's.
    assert janes.post(draft_url, data={"csrf_token": own}).status_code == 404
    answer = pats.post(f"{submission}/send-back", data={"csrf_token": token, "reason": "Say when."})
    assert answer.status_code == 303, answer.text
    assert pats.post(draft_url, data={"csrf_token": token}).status_code == 404

    assert "What came back to you" in janes.get("/edit").text
    answer = send(janes, "/edit", to=draft_url)

    assert answer.location == "/edit/uasc/arrival"
    shown = janes.get(answer.location).text
    assert fields_of(shown)["kb-body"].startswith("New words.")
    assert "hall.png" in shown
    draft = find_draft(store, "uasc/arrival", by=jane.viewer)
    assert draft
    assert draft.base == store.files.read("uasc/arrival.md")
    again = send(janes, "/edit", to=draft_url)
    assert "You have a draft of this page already" in janes.get(again.location).text


def test_a_draft_is_set_for_a_time(janes: FlaskClient, store: ContentStore) -> None:
    url = publish_page_of(janes, PAGE, "## When {#when}\n\nAt once.")

    refused = send(janes, url, note="Say when", day="1/5/2099")
    answer = send(janes, url, note="Say when", day="1/5/2099", time="09:30")

    assert refused.status_code == 422
    assert "Enter a time, such as 09:30" in refused.text
    assert "1 May 2099" in janes.get(answer.location).text
    assert "Waits for its time" in janes.get(answer.location).text
    assert "At once" not in janes.get("/referral/share").text


def test_a_draft_is_discarded(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    save(janes, PAGE, {"body": "Jane's."})
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft

    assert "Jane" in janes.get(f"/drafts/{draft.id}/discard").text
    answer = send(janes, f"/drafts/{draft.id}/discard")

    assert answer.location == "/edit"
    assert find_draft(store, PAGE, by=jane.viewer) is None
    assert "You have no draft" in janes.get("/edit").text


def test_a_draft_is_nobody_elses(janes: FlaskClient, pats: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    save(janes, PAGE, {"body": "Jane's."})
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    token = fields_of(pats.get(f"/edit/{PAGE}").text)["csrf_token"]

    for step in ("publish", "conflict", "discard"):
        assert pats.get(f"/drafts/{draft.id}/{step}").status_code == 404
        assert pats.post(f"/drafts/{draft.id}/{step}", data={"csrf_token": token}).status_code == 404


def test_two_texts_are_shown_line_by_line() -> None:
    left = "".join(f"{number}\n" for number in range(10))

    pairs = side_by_side(f"{left}The old end", f"{left}The new end\nand more")

    assert pairs[0].is_gap
    assert [pair.left for pair in pairs[1:3]] == [(Words("8"),), (Words("9"),)]
    assert pairs[3] == Pair(
        (Words("The "), Words("old", differ=True), Words(" end")),
        (Words("The "), Words("new", differ=True), Words(" end")),
        differ=True,
    )
    assert pairs[4] == Pair((), (Words("and more", differ=True),), differ=True)
