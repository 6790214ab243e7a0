"""A link to a draft: for whoever has it, within what they may read, until it ends."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts.models import Account
from knowledge_base.db import utc_now
from knowledge_base.editing.draft import Draft
from knowledge_base.editing.draft_links import draft_behind, links_of, make_link
from knowledge_base.editing.drafts import discard_draft, find_draft
from knowledge_base.editing.errors import LinkRefusedError
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.editing.conftest import STAFF_PART, fields_of, save, send
from tests.pages.files_of_pages import png

PAGE = "referral/share"


def draft_of(person: Contributor, store: ContentStore, page: str = PAGE) -> Draft:
    draft = find_draft(store, page, by=person.viewer)
    assert draft
    return draft


def share(browser: FlaskClient, person: Contributor, store: ContentStore, page: str = PAGE) -> str:
    """Make a link in the browser. Returns its address on this site."""
    answer = send(browser, f"/drafts/{draft_of(person, store, page).id}/links", lasts="week")
    found = re.search(r'value="http://guidance\.example\.gov\.uk(/drafts/[^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def test_whoever_has_the_link_sees_the_draft(
    janes: FlaskClient, jane: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    save(janes, PAGE, {"body": "Not published yet."})
    url = share(janes, jane, store)

    seen = anonymous.get(url)

    assert "Not published yet." in seen.text
    assert "jane Doe asks you to look at this. It is not published." in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["X-Robots-Tag"] == "noindex"
    # No other site learns the address.
    assert seen.headers["Referrer-Policy"] == "same-origin"
    save(janes, PAGE, {"body": "Changed since."})
    assert "Changed since." in anonymous.get(url).text
    assert anonymous.post(url).status_code == 405


def test_a_link_can_be_revoked(
    janes: FlaskClient, pats: FlaskClient, jane: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    save(janes, PAGE, {"body": "Not published yet."})
    url, other = share(janes, jane, store), share(janes, jane, store)
    draft = draft_of(jane, store)
    newest, oldest = links_of(store, draft, now=utc_now())
    revoke = f"/drafts/{draft.id}/links/{oldest.id}/revoke"
    token = fields_of(pats.get(f"/edit/{PAGE}").text)["csrf_token"]
    assert pats.post(revoke, data={"csrf_token": token}).status_code == 404

    send(janes, f"/drafts/{draft.id}/links", to=revoke)

    assert newest.is_good
    assert anonymous.get(url).status_code == 404
    assert anonymous.get(other).status_code == 200


def test_a_link_ends_by_itself_and_with_its_draft(jane: Contributor, janes: FlaskClient, store: ContentStore) -> None:
    save(janes, PAGE, {"body": "Not published yet."})
    draft, now = draft_of(jane, store), utc_now()
    token = make_link(store, draft, lasts=timedelta(days=1), by=jane.viewer, now=now)

    assert draft_behind(store, token, now=now + timedelta(hours=23)).draft == draft_of(jane, store)
    with pytest.raises(LinkRefusedError):
        draft_behind(store, token, now=now + timedelta(days=1))
    discard_draft(store, draft, by=jane.viewer, now=now)
    with pytest.raises(LinkRefusedError):
        draft_behind(store, token, now=now)


def test_a_link_works_no_longer_than_its_maker_may_edit(
    janes: FlaskClient, jane: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    save(janes, PAGE, {"body": "Not published yet."})
    url = share(janes, jane, store)

    with store.database.write() as session:
        session.get_one(Account, jane.viewer.account_id).disabled_at = utc_now()

    assert anonymous.get(url).status_code == 404


def test_a_reader_sees_the_parts_that_they_may_read(
    pats: FlaskClient, pat: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    save(pats, "referral/mixed", {"body": f"For everybody, changed.\n{STAFF_PART}"})
    url = share(pats, pat, store, "referral/mixed")

    assert "For everybody, changed." in anonymous.get(url).text
    assert "duty phone" not in anonymous.get(url).text
    assert "duty phone" in pats.get(url).text


@pytest.mark.parametrize(
    ("page", "changes"),
    [
        # A page for staff that the draft would open, and words for staff that it would show to everybody.
        ("staff/rota", {"body": "For staff."}),
        ("referral/mixed", {"body": "For all.\n\nThe duty phone is in the drawer.\n"}),
    ],
)
def test_a_draft_lets_nothing_out_before_it_is_published(
    page: str,
    changes: dict[str, str],
    pats: FlaskClient,
    janes: FlaskClient,
    pat: Contributor,
    store: ContentStore,
    anonymous: FlaskClient,
) -> None:
    save(pats, page, changes)
    url = share(pats, pat, store, page)

    assert anonymous.get(url).location == f"/login?next={url}"
    assert janes.get(url).status_code == 404
    assert pats.get(url).status_code == 200


def test_a_page_that_is_narrowed_takes_its_links_along(
    janes: FlaskClient, jane: Contributor, store: ContentStore, anonymous: FlaskClient, content: ContentFolder
) -> None:
    save(janes, PAGE, {"body": "Not published yet."})
    url = share(janes, jane, store)
    content.page(PAGE, "Now for staff.", audience="staff")
    store.library.refresh()

    # Jane may not edit it any more, and neither read it.
    assert anonymous.get(url).status_code == 404


def test_the_files_of_a_draft_come_with_it(
    app: Flask, pats: FlaskClient, pat: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    for name in ("open", "staff"):
        fields = fields_of(pats.get("/edit/referral/mixed").text)
        data = {**fields, "alt": f"The {name} door", "file": (BytesIO(png(4, 4)), f"{name}.png")}
        pats.post("/edit/referral/mixed/files", data=data)
    body = (
        "![The open door](/files/referral/mixed/open.png)\n\n"
        "/// staff-only\n\n![The staff door](/files/referral/mixed/staff.png)\n\n///"
    )
    save(pats, "referral/mixed", {"body": body})
    url = share(pats, pat, store, "referral/mixed")

    assert f'src="{url}/files/open.png"' in anonymous.get(url).text
    assert anonymous.get(f"{url}/files/open.png").mimetype == "image/png"
    assert anonymous.get(f"{url}/files/staff.png").status_code == 404
    assert anonymous.get(f"{url}/files/nothing.png").status_code == 404
    assert pats.get(f"{url}/files/staff.png").status_code == 200


def test_a_draft_that_cannot_be_shown_says_so(
    janes: FlaskClient, jane: Contributor, store: ContentStore, anonymous: FlaskClient
) -> None:
    save(janes, PAGE, {"body": "/// warning\nopen"})
    url = share(janes, jane, store)

    assert "its author is still at work on it" in anonymous.get(url).text


def test_a_link_says_how_long_it_works(janes: FlaskClient, jane: Contributor, store: ContentStore) -> None:
    save(janes, PAGE, {"body": "Not published yet."})

    answer = send(janes, f"/drafts/{draft_of(jane, store).id}/links")

    assert answer.status_code == 422
    assert "Choose how long the link works" in answer.text


def test_a_link_ends_when_the_page_is_moved_or_taken_away(
    pats: FlaskClient, pat: Contributor, store: ContentStore, content: ContentFolder, anonymous: FlaskClient
) -> None:
    page = content.page("staff/inherits", "Only for staff.", sources=["paper"])
    store.library.refresh()
    save(pats, "staff/inherits", {"title": "Another title"})
    url = share(pats, pat, store, "staff/inherits")
    assert anonymous.get(url).status_code == 303

    # What the page inherited goes with its folder.
    for gone in (page, page.parent / "rota.md", page.parent / "index.md"):
        gone.unlink()
    store.library.refresh()

    assert anonymous.get(url).status_code == 404
