"""Pages that are made once for everybody who is not signed in: never anything stale, and nothing of anybody else's."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.pages.kept_pages import KeptPage, KeptPages
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder

STATE = ("one",)


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried about someone?")
    content.page("referral/share", "Facts.\n\n/// staff-only\nThe inbox.\n///\n")


def text_of(browser: FlaskClient, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def kept_in(app: Flask) -> KeptPages[KeptPage]:
    kept: KeptPages[KeptPage] = app.extensions["kept_pages"]
    return kept


def test_the_second_reader_gets_what_the_first_did(anonymous: FlaskClient, app: Flask) -> None:
    first = anonymous.get("/referral/share")

    second = app.test_client().get("/referral/share")

    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Cache-Control"] == "private, no-cache"


def test_a_browser_that_has_the_page_is_told_that_it_still_holds(anonymous: FlaskClient) -> None:
    etag = anonymous.get("/referral/share").headers["ETag"]

    answer = anonymous.get("/referral/share", headers={"If-None-Match": etag})

    assert answer.status_code == 304


def test_a_changed_page_is_made_anew(anonymous: FlaskClient, app: Flask, content: ContentFolder) -> None:
    text_of(anonymous, "/referral/share")
    content.page("referral/share", "Other facts.\n")
    app.extensions["library"].refresh()

    assert "Other facts." in text_of(anonymous, "/referral/share")


def test_a_page_that_becomes_narrower_is_gone_at_once(
    anonymous: FlaskClient, app: Flask, content: ContentFolder
) -> None:
    text_of(anonymous, "/referral/share")
    content.page("referral/share", "Facts.\n", audience="staff")
    app.extensions["library"].refresh()

    assert anonymous.get("/referral/share").status_code == 404


def test_nothing_of_a_signed_in_readers_page_is_kept(anonymous: FlaskClient, signed_in: SignedIn) -> None:
    staff = signed_in("staff")

    assert "The inbox." in text_of(staff, "/referral/share")
    assert "The inbox." not in text_of(anonymous, "/referral/share")
    assert "The inbox." in text_of(staff, "/referral/share")


def test_the_link_to_sign_in_leads_back_to_what_was_asked_for(anonymous: FlaskClient) -> None:
    text_of(anonymous, "/referral/share")

    assert "/login?next=/referral/share%3Ffrom%3Dmail" in text_of(anonymous, "/referral/share?from=mail")
    assert '/login?next=/referral/share"' in text_of(anonymous, "/referral/share")


def test_what_is_to_be_said_once_is_said_to_one_reader(app: Flask, anonymous: FlaskClient) -> None:
    text_of(anonymous, "/referral/share")
    told = app.test_client()
    with told.session_transaction() as cookie:
        cookie["_flashes"] = [("view-as", "Elected members")]

    assert "no longer viewing" in text_of(told, "/referral/share")
    assert "no longer viewing" not in text_of(told, "/referral/share")
    assert "no longer viewing" not in text_of(anonymous, "/referral/share")


def test_a_page_is_made_anew_when_what_another_capability_shows_on_it_changes(
    anonymous: FlaskClient, app: Flask
) -> None:
    versions = ["first"]
    kept_in(app).also_depend_on(lambda: versions[-1])
    text_of(anonymous, "/referral/share")
    state = kept_in(app).state()
    versions.append("second")

    assert kept_in(app).state() != state


def test_pages_of_another_state_are_forgotten() -> None:
    kept: KeptPages[KeptPage] = KeptPages()
    kept.keep("/one", KeptPage.of("as it was"), STATE)

    kept.keep("/two", KeptPage.of("as it is"), ("two",))

    assert kept.find("/one", STATE) is None
    assert kept.find("/one", ("two",)) is None


def test_the_page_that_was_not_asked_for_for_longest_makes_room() -> None:
    kept: KeptPages[KeptPage] = KeptPages(most_bytes=10)
    kept.keep("/one", KeptPage.of("12345"), STATE)
    kept.keep("/two", KeptPage.of("12345"), STATE)
    kept.find("/one", STATE)

    kept.keep("/three", KeptPage.of("12345"), STATE)

    assert kept.find("/two", STATE) is None
    assert kept.find("/one", STATE)
    assert kept.find("/three", STATE)
