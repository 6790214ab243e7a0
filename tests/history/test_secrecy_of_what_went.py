"""A page that went, or moved to where a reader may not follow, tells no more than while it was there."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.publishing.changes import FileChange
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder
from tests.history.conftest import SHARE, by_hand, publish_files, replace_in

HISTORY = "/history/referral/share"
LISTS = ("/changes", "/changes.atom", "/referral/share", HISTORY)


def told(app: Flask, browser: FlaskClient) -> str:
    app.extensions["archive"].look()
    return "\n".join(browser.get(one).text for one in LISTS)


def test_a_page_that_was_closed_and_then_deleted_stays_closed(
    app: Flask, store: ContentStore, anonymous: FlaskClient, member: FlaskClient, signed_in: SignedIn
) -> None:
    outsider, editor = signed_in("members", roles=["editor"]), signed_in("staff", roles=["editor"])
    opened = replace_in(store, "First words.", "The secret number.", note="Give the secret number")
    replace_in(store, "summary:", "audience: staff\nsummary:", note="It was not for everyone")
    publish_files(store, FileChange(SHARE, None, store.files.read(SHARE)), note="Delete it")

    assert [one for one in (anonymous, member, outsider) if "secret" in told(app, one)] == []
    assert [one for one in (anonymous, member) if "Share your concern" in told(app, one)] == []
    assert [one.get(f"{HISTORY}/{opened}").status_code for one in (anonymous, outsider, editor)] == [404, 404, 200]
    assert "Give the secret number" in told(app, editor)


def test_a_page_with_a_part_for_staff_that_was_deleted_tells_what_it_told(
    app: Flask, store: ContentStore, anonymous: FlaskClient, staff: FlaskClient
) -> None:
    replace_in(store, "Second words.", "The secret number.", note="Give the secret number")
    replace_in(store, "The secret number.\n", "/// staff-only\nThe secret number.\n///\n", note="Hide it")
    publish_files(store, FileChange(SHARE, None, store.files.read(SHARE)), note="Delete it")

    assert "secret" not in told(app, anonymous)
    assert "Give the secret number" in told(app, staff)


@pytest.mark.parametrize("with_redirect", [True, False])
def test_a_page_that_moved_to_where_a_reader_may_not_follow_is_not_told_of(
    app: Flask,
    store: ContentStore,
    content: ContentFolder,
    anonymous: FlaskClient,
    staff: FlaskClient,
    with_redirect: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    replace_in(store, "First words.", "The secret number.", note="Give the secret number")
    assert "secret" in told(app, anonymous)
    text = store.files.read(SHARE) or b""
    if with_redirect:
        content.file("_data/redirects.yml", "- {from: /referral/share, to: /staff/share, audience: staff}\n")
    publish_files(store, FileChange("staff/share.md", text, None), FileChange(SHARE, None, text), note="Move it")
    store.library.refresh()

    assert "secret" not in told(app, anonymous)
    assert "Share your concern" not in told(app, anonymous)
    assert ("Give the secret number" in told(app, staff)) == with_redirect


def test_a_page_that_was_open_to_its_end_is_told_of(app: Flask, store: ContentStore, anonymous: FlaskClient) -> None:
    replace_in(store, "First words.", "Our words.", note="Name ourselves")
    publish_files(store, FileChange(SHARE, None, store.files.read(SHARE)), note="Nobody needs it")

    app.extensions["archive"].look()
    changes = anonymous.get("/changes").text

    assert "Nobody needs it" in changes
    assert "Name ourselves" in changes


def test_a_folder_that_closed_after_a_page_left_it_keeps_its_title(
    app: Flask, store: ContentStore, content: ContentFolder, anonymous: FlaskClient
) -> None:
    replace_in(store, "First words.", "Our words.", note="Name ourselves")
    text = store.files.read(SHARE) or b""
    content.file("_data/redirects.yml", "- {from: /referral/share, to: /share, audience: open}\n")
    publish_files(store, FileChange("share.md", text, None), FileChange(SHARE, None, text), note="Move it")
    content.page("referral/index", title="Secret operations", audience="staff")
    by_hand(store, "Close the folder")

    assert "Secret operations" not in told(app, anonymous)


@pytest.mark.parametrize("place", ["First words.\n\n{}\nSecond words.\n", "First words.\n\nSecond words.\n\n{}"])
def test_that_a_part_for_staff_came_or_went_is_not_told(
    app: Flask, store: ContentStore, anonymous: FlaskClient, place: str
) -> None:
    app.extensions["archive"].look()
    before, plain = told(app, anonymous), "First words.\n\nSecond words.\n"
    gated = place.format("/// staff-only\nThe secret number.\n///\n")

    replace_in(store, plain, gated, note="Add the secret number")
    with_it = told(app, anonymous)
    replace_in(store, gated, plain, note="Take the secret number out")

    assert [one.count("This page was changed.") for one in (before, with_it, told(app, anonymous))] == [
        before.count("This page was changed.")
    ] * 3
