"""Somebody moves a page of which there is a draft: the draft can go with it."""

import pytest
from flask.testing import FlaskClient

from knowledge_base.editing.drafts import find_draft
from knowledge_base.moving.plans import Plans
from knowledge_base.publishing.changes import Contributor, new_name
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import BODY, NOW, fields_of, save, send
from tests.pages.files_of_pages import png

PAGE, TO = "referral/share", "referral/tell"
HALL = "![Hall](/files/referral/share/hall.png)"


@pytest.fixture
def draft_id(
    janes: FlaskClient, jane: Contributor, pat: Contributor, store: ContentStore, content: ContentFolder
) -> int:
    """A draft of Jane's whose page Pat has moved since, with its picture."""
    content.file("referral/_files/share/hall.png", png(3, 3))
    content.page(PAGE, f"## When {{#when}}\n\n{BODY}\n{HALL}", title="Share your concern", sources=["paper"])
    store.library.refresh()
    changed = (
        f"## When {{#when}}\n\n{BODY.replace('Second', 'Janes')}\n{HALL}\n\n[When to share](/referral/share#when)."
    )
    save(janes, PAGE, {"body": changed})
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    page = store.library.edition().page("/referral/share")
    assert page
    plans = Plans(store, store.library.edition(), pat.viewer)
    publish(store, plans.move(page, TO, note="Say what it is", name=new_name()), by=pat, now=NOW)
    return draft.id


def test_the_draft_goes_on_where_the_page_is_and_is_published_there(
    janes: FlaskClient, store: ContentStore, draft_id: int
) -> None:
    assert "it is <code>referral/tell</code> now" in janes.get(f"/edit/{PAGE}").text
    assert "it is <code>referral/tell</code> now" in janes.get(f"/drafts/{draft_id}/conflict").text

    answer = send(janes, f"/edit/{PAGE}", to=f"/drafts/{draft_id}/follow")

    assert answer.location == f"/edit/{TO}"
    url = save(janes, TO, {}, then="publish").location
    assert send(janes, url, note="Janes line").location.startswith("/drafts/published/")
    text = (store.files.read(f"{TO}.md") or b"").decode()
    assert "Janes line." in text
    assert "/files/referral/tell/hall.png" in text
    assert "[When to share](/referral/tell#when)" in text
    assert store.files.read(f"{PAGE}.md") is None


def test_a_draft_of_the_page_in_its_new_place_is_not_written_over(
    janes: FlaskClient, jane: Contributor, store: ContentStore, draft_id: int
) -> None:
    save(janes, TO, {"body": "## When {#when}\n\nBegun there."})

    answer = send(janes, f"/edit/{PAGE}", to=f"/drafts/{draft_id}/follow")

    assert answer.location == f"/edit/{PAGE}"
    assert "You have a draft of /referral/tell already" in janes.get(answer.location).text
    draft = find_draft(store, TO, by=jane.viewer)
    assert draft
    assert "Begun there." in draft.text


def test_a_draft_of_a_page_that_has_not_moved_stays(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    save(janes, PAGE, {"body": "Jane's."})
    draft = find_draft(store, PAGE, by=jane.viewer)
    assert draft
    token = fields_of(janes.get(f"/edit/{PAGE}").text)["csrf_token"]

    assert janes.post(f"/drafts/{draft.id}/follow", data={"csrf_token": token}).status_code == 404


def test_whoever_may_not_have_the_page_where_it_is_now_is_not_told_of_it(
    janes: FlaskClient, draft_id: int, content: ContentFolder, store: ContentStore
) -> None:
    content.page(TO, BODY, title="Share your concern", audience="staff", sources=["paper"])
    store.library.refresh()

    assert TO not in janes.get(f"/edit/{PAGE}").text
