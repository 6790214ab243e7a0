"""Reading pages: who gets what, and how the browser may keep it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.conftest import SignedIn
from tests.content_folder import ContentFolder


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried about someone?", guide=True, order=10)
    content.page("referral/share", "## What to include\n\nFacts.\n\n/// staff-only\nThe inbox.\n///\n", order=20)
    content.page("referral/staff-routes", "Secret route.", audience="staff", order=30)
    content.page("procedures/index", audience="staff")
    content.page("procedures/uucr", "The record.")
    content.page("procedures/leads", audience="leads")
    content.page("mixed", "## Open\n\nx\n\n/// staff-only\n## Gated\n\ny\n///\n", sources=["briefing"])
    content.page("procedures/gated", sources=["briefing"])
    content.page("about/index", title="About", order=900)
    content.page("about/sources", title="Sources")
    content.file(
        "_data/sources.yml",
        "briefing: {title: The briefing, publisher: Safer Essex, date: 2023-10-05, status: current,"
        " parts: {early: Early intervention}}\n"
        "undated: {title: The handbook, publisher: X, date: , date_note: Of about 2020, status: dated}",
    )


def text_of(browser: FlaskClient, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def sitemap_of(browser: FlaskClient) -> set[str]:
    tree = html.fromstring(browser.get("/sitemap.xml").data)
    return {str(element.text) for element in tree.iter("loc")}


def test_an_open_page_is_shown_to_everyone(anonymous: FlaskClient) -> None:
    text = text_of(anonymous, "/referral/share")

    assert "<h1" in text
    assert "Facts." in text


def test_a_folders_address_is_its_index(anonymous: FlaskClient) -> None:
    assert "Worried about someone?" in text_of(anonymous, "/referral")


def test_a_trailing_slash_leads_to_the_page(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/referral/share/")

    assert answer.status_code == 308
    assert answer.location == "/referral/share"


@pytest.mark.parametrize("url", ["//evil.example/", "/\\evil.example/", "/%5Cevil.example/", "/%09/evil.example/"])
def test_a_redirect_stays_on_the_site(anonymous: FlaskClient, url: str) -> None:
    answer = anonymous.get(url)

    assert not (answer.location or "").startswith(("//", "/\\", "http://evil", "/\t"))


@pytest.mark.parametrize("url", ["/procedures", "/procedures/uucr", "/procedures/nothing", "/procedures/uucr/deeper"])
def test_anything_under_a_gated_folder_asks_an_anonymous_reader_to_sign_in(anonymous: FlaskClient, url: str) -> None:
    answer = anonymous.get(url)

    assert answer.status_code == 303
    assert answer.location == f"/login?next={url}"


def test_where_the_reader_was_going_keeps_its_query(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/procedures/uucr?a=1&b=2")

    assert answer.location == "/login?next=/procedures/uucr%3Fa%3D1%26b%3D2"


def test_a_gated_page_in_an_open_folder_answers_as_a_missing_one(anonymous: FlaskClient) -> None:
    gated = anonymous.get("/referral/staff-routes")
    missing = anonymous.get("/referral/staff-nothing")

    assert gated.status_code == missing.status_code == 404
    assert gated.get_data(as_text=True).replace("staff-routes", "staff-nothing") == missing.get_data(as_text=True)
    assert "/login?next=" in gated.get_data(as_text=True)


def test_staff_read_what_is_theirs(staff: FlaskClient) -> None:
    assert "Secret route." in text_of(staff, "/referral/staff-routes")
    assert "The record." in text_of(staff, "/procedures/uucr")
    assert "The inbox." in text_of(staff, "/referral/share")


@pytest.mark.parametrize("url", ["/procedures/uucr", "/procedures/nothing", "/referral/staff-routes"])
def test_a_signed_in_person_without_the_right_gets_not_found(member: FlaskClient, url: str) -> None:
    answer = member.get(url)

    assert answer.status_code == 404
    assert "/login" not in answer.get_data(as_text=True)


def test_a_page_narrower_than_its_folder_is_for_those_in_both(signed_in: SignedIn) -> None:
    assert signed_in("staff").get("/procedures/leads").status_code == 404
    assert signed_in("leads").get("/procedures/leads").status_code == 404
    assert signed_in("staff", "leads").get("/procedures/leads").status_code == 200


def test_a_staff_only_block_is_in_the_html_for_staff_only(anonymous: FlaskClient, member: FlaskClient) -> None:
    assert "inbox" not in text_of(anonymous, "/referral/share")
    assert "inbox" not in text_of(member, "/referral/share")


def test_navigation_leads_only_to_what_the_reader_may_read(anonymous: FlaskClient, staff: FlaskClient) -> None:
    for url in ("/", "/referral", "/referral/share"):
        text = text_of(anonymous, url)
        assert "staff-routes" not in text
        assert "/procedures" not in text

    assert "/referral/staff-routes" in text_of(staff, "/referral/share")
    assert "/procedures" in text_of(staff, "/")


def test_a_guide_leads_on_and_back(anonymous: FlaskClient) -> None:
    text = text_of(anonymous, "/referral/share")

    assert 'rel="prev"' in text
    assert 'rel="next"' not in text


class TestTheFoot:
    def test_it_says_where_the_page_comes_from_and_how_old_it_is(
        self, content: ContentFolder, anonymous: FlaskClient
    ) -> None:
        content.page(
            "page", owner="Prevent lead", last_reviewed="2026-11-01", review_by="2099-05-02", sources=["briefing#early"]
        )

        text = " ".join(text_of(anonymous, "/page").split())

        assert "Prevent lead" in text
        assert "1 November 2026" in text
        assert "2 May 2099" in text
        assert "The briefing" in text
        assert "Used here: Early intervention" in text
        assert "Safer Essex. 5 October 2023" in text
        assert "should have been reviewed" not in text

    def test_a_source_that_is_not_registered_is_named_all_the_same(
        self, content: ContentFolder, anonymous: FlaskClient
    ) -> None:
        content.page("page", sources=["nowhere#some-part"])

        assert "nowhere" in text_of(anonymous, "/page")

    def test_an_overdue_page_warns_at_the_top(self, content: ContentFolder, anonymous: FlaskClient) -> None:
        content.page("page", review_by="2020-05-01")

        text = text_of(anonymous, "/page")

        assert "should have been reviewed by 1 May 2020" in text

    def test_a_superseded_page_says_what_replaced_it(self, content: ContentFolder, anonymous: FlaskClient) -> None:
        content.page("old", status="superseded", superseded_by="/referral/share#what-to-include")

        text = text_of(anonymous, "/old")

        assert "Superseded" in text
        assert '<a class="govuk-link" href="/referral/share">Share</a>' in text

    def test_a_replacement_that_the_reader_may_not_read_is_not_named(
        self, content: ContentFolder, anonymous: FlaskClient
    ) -> None:
        content.page("old", status="superseded", superseded_by="/procedures/uucr")

        assert "uucr" not in text_of(anonymous, "/old").lower()


class TestTheSourcesPage:
    def test_it_lists_each_source_with_the_pages_the_reader_may_read(
        self, anonymous: FlaskClient, staff: FlaskClient
    ) -> None:
        for browser, sees_gated in ((anonymous, False), (staff, True)):
            text = text_of(browser, "/about/sources")
            assert "The briefing" in text
            assert "Of about 2020" in text
            assert "/mixed" in text
            assert ("/procedures/gated" in text) is sees_gated


class TestLists:
    def test_the_sitemap_lists_what_the_asker_may_read(self, anonymous: FlaskClient, staff: FlaskClient) -> None:
        found = {browser: sitemap_of(browser) for browser in (anonymous, staff)}

        assert found[anonymous] == {
            f"http://guidance.example.gov.uk{path}"
            for path in ("/", "/referral", "/referral/share", "/mixed", "/about", "/about/sources")
        }
        assert "http://guidance.example.gov.uk/procedures/uucr" in found[staff]

    def test_the_list_of_pages_holds_the_sections_the_asker_may_read(
        self, anonymous: FlaskClient, staff: FlaskClient
    ) -> None:
        def sections(browser: FlaskClient) -> list[dict[str, str]]:
            pages = browser.get("/api/pages").get_json()["pages"]
            return next(page["sections"] for page in pages if page["url"] == "/mixed")

        assert sections(anonymous) == [{"anchor": "open", "heading": "Open"}]
        assert [one["heading"] for one in sections(staff)] == ["Open", "Gated"]

    def test_a_page_in_the_list_is_described(self, anonymous: FlaskClient) -> None:
        page = anonymous.get("/api/pages").get_json()["pages"][0]

        assert {key: page[key] for key in ("url", "title", "summary", "audience", "updated")} == {
            "url": "/",
            "title": "Guidance",
            "summary": "A page of a test.",
            "audience": "open",
            "updated": "2026-11-01",
        }


class TestCaching:
    def test_an_open_page_is_asked_for_again_only_when_it_changed(self, content: ContentFolder, app: Flask) -> None:
        browser = app.test_client()
        first = browser.get("/referral/share")

        again = browser.get("/referral/share", headers={"If-None-Match": first.headers["ETag"]})
        content.page("referral/share", "Changed.")
        app.extensions["library"].refresh()
        changed = browser.get("/referral/share", headers={"If-None-Match": first.headers["ETag"]})

        assert again.status_code == 304
        assert again.data == b""
        assert changed.status_code == 200

    def test_an_anonymous_answer_is_kept_by_nobody_else(self, anonymous: FlaskClient) -> None:
        answer = anonymous.get("/referral/share")

        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in answer.headers["Vary"]

    @pytest.mark.parametrize(
        "url", ["/", "/procedures/uucr", "/search?q=record", "/api/pages", "/sitemap.xml", "/nothing"]
    )
    def test_what_a_signed_in_person_gets_is_stored_nowhere(self, staff: FlaskClient, url: str) -> None:
        answer = staff.get(url)

        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_without_the_content_folder_an_error_page_has_the_emergency_numbers(content: ContentFolder, app: Flask) -> None:
    app.testing = False
    content.root.rename(content.root.with_name("away"))

    answer = app.test_client().get("/referral")

    assert answer.status_code == 503
    assert "tel:999" in answer.get_data(as_text=True)
    assert "tel:0800789321" in answer.get_data(as_text=True)


def test_the_emergency_numbers_of_the_contacts_are_on_every_page(
    content: ContentFolder, anonymous: FlaskClient
) -> None:
    content.file(
        "_data/contacts.yml",
        "emergency: {name: Emergency, audience: open, phone: 112, origin: national}\n"
        "anti-terrorist-hotline: {name: Hotline, audience: open, origin: national}\n",
    )

    for url in ("/", "/referral/share", "/nothing", "/login", "/search"):
        text = anonymous.get(url).get_data(as_text=True)
        assert "tel:112" in text
        assert "tel:0800789321" in text


class TestWhatIsNotToBeReliedOn:
    @pytest.fixture(autouse=True)
    def old_pages(self, content: ContentFolder) -> None:
        content.page("area/index", guide=True)
        content.page("area/first", order=1)
        content.page("area/old", order=2, status="superseded", superseded_by="/area/first")
        content.page("area/late", order=3, review_by="2020-05-01")

    def test_it_is_marked_in_the_list_of_its_folder(self, anonymous: FlaskClient) -> None:
        text = text_of(anonymous, "/area")

        assert (
            text.index("/area/old") < text.index("Superseded") < text.index("/area/late") < text.index("Review overdue")
        )

    def test_a_superseded_page_is_not_on_the_way_through_a_guide(self, anonymous: FlaskClient) -> None:
        text = text_of(anonymous, "/area/first")

        assert "/area/old" not in text
        assert "/area/late" in text

    def test_it_is_marked_in_results(self, anonymous: FlaskClient) -> None:
        text = text_of(anonymous, "/search?q=old")

        assert "Superseded" in text


def test_the_version_on_a_page_tells_nothing_of_what_the_reader_may_not_read(
    content: ContentFolder, app: Flask, anonymous: FlaskClient
) -> None:
    content.page("door", "Open.\n\n/// staff-only\nCode 4827.\n///\n")
    before = text_of(anonymous, "/door")

    content.page("door", "Open.\n\n/// staff-only\nCode 9163.\n///\n")
    app.extensions["library"].refresh()

    assert text_of(anonymous, "/door") == before


def test_a_staff_value_does_not_stand_in_the_frame(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.file("_data/council.yml", "name: {label: N, value: Secret council, audience: staff, origin: national}")
    content.file("_data/contacts.yml", "emergency: {name: Secret, audience: staff, phone: 0123, origin: national}")

    assert "ecret" not in text_of(anonymous, "/referral")
