"""Viewing the site as another reader: exactly what that reader gets, and no more than one's own."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import text
from werkzeug.test import TestResponse

from knowledge_base.accounts import view_as_guards
from knowledge_base.accounts.changes import change_groups, change_roles
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import Database, utc_now
from tests.accounts.conftest import Record
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder

ADDRESSES = [
    *("/", "/referral", "/referral/share", "/members", "/members/briefing", "/procedures", "/procedures/uucr"),
    *("/referral/staff-routes", "/nothing", "/procedures/nothing", "/glossary"),
    *("/search", "/search?q=marker", "/search?q=quokkas", "/search?q=briefing", "/search?q=quokkaz", "/search?q=uucr"),
]
DATA = [
    *("/api/pages", "/sitemap.xml", "/api/search?q=quokkas", "/api/search?q=briefing", "/api/search?q=marker"),
    *("/api/suggest?q=uu", "/api/suggest?q=br", "/api/suggest?q=sh", "/opensearch.xml"),
]
STAFF_WORDS = ("quokka", "wombat", "numbat")


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried about someone?", order=10)
    content.page(
        "referral/share", "## What to include\n\nThe marker of UUCR.\n\n/// staff-only\n## Inbox\n\nA wombat.\n///\n"
    )
    content.page("referral/staff-routes", "Many quokkas.", audience="staff")
    content.page("procedures/index", "The marker.", audience="staff")
    content.page("procedures/uucr", "Quokkas and the marker.")
    content.page("members/index", audience="members")
    content.page("members/briefing", "The marker for members.\n\n/// staff-only\nA numbat.\n///\n")
    content.page("glossary/index", "## UUCR {#uucr}\n\nA record.\n")
    content.page("leads/index", "Leads only: a bilby.", audience="leads")


@pytest.fixture
def publisher(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["publisher"])


def view_as(browser: FlaskClient, reader: str, *, start_at: str = "/") -> TestResponse:
    return fill_in(browser, "/view-as", {"reader": reader, "next": start_at})


def offered(browser: FlaskClient) -> list[str]:
    return re.findall(r'type="radio" value="([^"]+)"', browser.get("/view-as").text)


def stop(browser: FlaskClient, *, at: str = "/") -> TestResponse:
    """Press the button of the banner."""
    return browser.post("/view-as/stop", data=fields_of_banner(browser, at))


def fields_of_banner(browser: FlaskClient, url: str) -> dict[str, str]:
    """Return what the form of the banner would send."""
    banner = re.search(r'<form action="/view-as/stop".*?</form>', browser.get(url).text, re.DOTALL)
    assert banner
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', banner[0])}


def part_of(answer: TestResponse, tag: str) -> list[bytes]:
    return [html.tostring(element) for element in html.fromstring(answer.data).iter(tag)]


def test_as_an_anonymous_reader_everything_is_byte_for_byte_what_anonymous_readers_get(
    publisher: FlaskClient, anonymous: FlaskClient
) -> None:
    view_as(publisher, "anonymous")

    for url in ADDRESSES:
        mine, theirs = publisher.get(url), anonymous.get(url)
        assert (mine.status_code, mine.location) == (theirs.status_code, theirs.location), url
        assert re.findall(r"<main.*</main>", mine.text, re.DOTALL) == re.findall(
            r"<main.*</main>", theirs.text, re.DOTALL
        ), url
        for rest in ("nav", "head", "footer"):
            assert part_of(mine, rest) == part_of(theirs, rest), url
    for url in DATA:
        assert publisher.get(url).data == anonymous.get(url).data, url


@pytest.mark.parametrize("reader", ["audience:members", "group:members"])
def test_as_a_member_everything_is_byte_for_byte_what_members_get(
    publisher: FlaskClient, member: FlaskClient, reader: str
) -> None:
    view_as(publisher, reader)

    for url in ADDRESSES:
        mine, theirs = publisher.get(url), member.get(url)
        assert mine.status_code == theirs.status_code, url
        for rest in ("main", "nav", "head"):
            assert part_of(mine, rest) == part_of(theirs, rest), url
        assert not [word for word in STAFF_WORDS if word in mine.text.lower() and word not in url]
    for url in DATA:
        assert publisher.get(url).data == member.get(url).data, url


def test_nothing_is_kept_by_any_cache(publisher: FlaskClient) -> None:
    view_as(publisher, "anonymous")

    assert {publisher.get(url).headers["Cache-Control"] for url in ("/", "/search?q=marker", "/api/pages")} == {
        "no-store"
    }


def test_only_what_one_may_read_oneself_is_offered(signed_in: SignedIn, publisher: FlaskClient) -> None:
    admin = signed_in(roles=["admin"])

    assert offered(admin) == ["anonymous"]
    assert offered(publisher) == ["anonymous", "audience:members", "audience:staff", "group:members", "group:staff"]


@pytest.mark.parametrize(
    "reader", ["group:staff", "audience:staff", "group:leads", "audience:leads", "group:", "admin", "", "person:1"]
)
def test_a_forged_choice_is_refused_and_shows_nothing(signed_in: SignedIn, record: Record, reader: str) -> None:
    admin = signed_in("members", roles=["admin"])

    answer = view_as(admin, reader)

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "kb-view-as" not in admin.get("/").text
    assert admin.get("/procedures/uucr").status_code == 404
    assert not [sentence for sentence in record() if "view the site" in sentence]


def test_every_page_says_so_and_has_a_button_to_stop(publisher: FlaskClient) -> None:
    view_as(publisher, "audience:members")

    for url in ("/", "/referral", "/search", "/account", "/nothing"):
        text = " ".join(publisher.get(url).text.split())
        assert "You are viewing the site as <strong>the audience Elected members</strong>" in text, url
        assert "Stop viewing as the audience Elected members</button>" in text, url


def test_it_starts_and_stops_where_the_person_is(publisher: FlaskClient) -> None:
    started = view_as(publisher, "anonymous", start_at="/referral/share?a=1")
    assert (started.status_code, started.location) == (303, "/referral/share?a=1")
    assert "wombat" not in publisher.get("/referral/share").text

    stopped = stop(publisher, at="/referral/share?a=1")

    assert (stopped.status_code, stopped.location) == (303, "/referral/share?a=1")
    assert "wombat" in publisher.get("/referral/share").text
    assert "kb-view-as" not in publisher.get("/").text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_it_leads_to_no_other_site(publisher: FlaskClient, target: str) -> None:
    assert view_as(publisher, "anonymous", start_at=target).location == "/"
    sent = {**fields_of_banner(publisher, "/"), "next": target}
    assert publisher.post("/view-as/stop", data=sent).location == "/"


def test_starting_and_stopping_take_a_token(publisher: FlaskClient) -> None:
    assert publisher.post("/view-as", data={"reader": "anonymous"}).status_code == 400
    assert publisher.post("/view-as/stop").status_code == 400
    assert "kb-view-as" not in publisher.get("/").text


def test_roles_are_gone_meanwhile(signed_in: SignedIn) -> None:
    admin = signed_in("staff", roles=["admin"])
    pages = ["/audit", "/audit.csv", "/view-as", "/who-can-see?page=/referral"]
    assert {admin.get(url).status_code for url in pages} == {200}

    view_as(admin, "group:staff")

    assert {admin.get(url).status_code for url in pages} == {404}


def test_as_an_anonymous_reader_the_pages_of_roles_ask_to_sign_in_as_they_ask_everybody(publisher: FlaskClient) -> None:
    view_as(publisher, "anonymous")

    assert publisher.get("/audit").location == "/login?next=/audit"
    assert publisher.get("/login?next=/audit").status_code == 200


@pytest.mark.parametrize("reader", ["anonymous", "group:members"])
def test_the_account_page_stays_the_persons_own(publisher: FlaskClient, reader: str) -> None:
    view_as(publisher, reader)

    page = publisher.get("/account")

    assert page.status_code == 200
    assert "staff-publisher@example.gov.uk" in page.text


@pytest.mark.parametrize("roles", [[], ["editor"]])
def test_others_are_not_offered_it(signed_in: SignedIn, roles: list[str]) -> None:
    browser = signed_in("staff", roles=roles)

    assert browser.get("/view-as").status_code == 404
    assert "/view-as" not in browser.get("/referral").text


def test_start_and_stop_are_recorded_once_each(publisher: FlaskClient, record: Record) -> None:
    view_as(publisher, "audience:members")
    banner = fields_of_banner(publisher, "/")
    copy = publisher.get_cookie("session")
    assert copy
    stop(publisher)
    publisher.set_cookie("session", copy.value)
    publisher.post("/view-as/stop", data=banner)

    told = [sentence for sentence in record() if "the site as" in sentence]

    assert told == [
        "A staff-publisher started to view the site as the audience Elected members.",
        "A staff-publisher stopped viewing the site as the audience Elected members: they chose to.",
    ]


def test_it_ends_with_the_sign_in(publisher: FlaskClient, record: Record) -> None:
    view_as(publisher, "group:staff")
    copy = publisher.get_cookie("session")
    assert copy

    fill_in(publisher, "/", {}, to="/logout")
    publisher.set_cookie("session", copy.value)

    assert publisher.get("/procedures/uucr").status_code == 303
    told = [sentence for sentence in record() if "stopped" in sentence]
    assert told == ["A staff-publisher stopped viewing the site as the group staff: they signed out."]


def test_it_ends_after_an_hour_and_says_so_once(
    publisher: FlaskClient, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    view_as(publisher, "anonymous")
    monkeypatch.setattr(view_as_guards, "utc_now", lambda: utc_now() + timedelta(hours=1))

    first, second = publisher.get("/referral/share").text, publisher.get("/referral/share").text

    assert "You are no longer viewing the site as <strong>an anonymous reader</strong>" in first
    assert "wombat" in first
    assert "no longer" not in second
    assert record()[-1] == "A staff-publisher stopped viewing the site as an anonymous reader: the hour was over."


def test_it_ends_when_the_persons_own_groups_change(publisher: FlaskClient, accounts: Register, record: Record) -> None:
    view_as(publisher, "audience:staff")
    assert publisher.get("/procedures/uucr").status_code == 200

    change_groups(accounts, "staff-publisher@example.gov.uk", ["members"], actor=SITE, now=utc_now())

    assert publisher.get("/procedures/uucr").status_code == 404
    assert "kb-view-as__button" not in publisher.get("/").text
    assert "their groups changed" in record()[-1]


def test_it_ends_when_the_role_is_taken_away(publisher: FlaskClient, accounts: Register) -> None:
    view_as(publisher, "audience:staff")

    change_roles(accounts, "staff-publisher@example.gov.uk", ["editor"], actor=SITE, now=utc_now())

    assert "You are no longer viewing" in publisher.get("/").text


def test_it_ends_when_the_audiences_change_so_that_more_would_show(
    app: Flask, publisher: FlaskClient, content: ContentFolder
) -> None:
    view_as(publisher, "group:members")

    content.file(
        "_data/audiences.yml",
        "members: {title: M, description: M., groups: [members, staff]}\n"
        "staff: {title: S, description: S., groups: [staff]}\n"
        "leads: {title: L, description: L., groups: [leads, members]}\n",
    )
    app.extensions["library"].refresh()

    assert publisher.get("/leads").status_code == 404
    assert "kb-view-as__button" not in publisher.get("/").text


def test_reading_goes_on_while_the_end_cannot_be_recorded(
    publisher: FlaskClient, database: Database, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    view_as(publisher, "anonymous")

    def later() -> datetime:
        return utc_now() + timedelta(hours=1)

    monkeypatch.setattr(view_as_guards, "utc_now", later)
    with database.write() as session:
        session.execute(text("SELECT 1"))
        assert "wombat" in publisher.get("/referral/share").text
    publisher.get("/referral/share")

    assert "the hour was over" in record()[-1]


def test_what_a_cookie_holds_that_is_no_choice_is_dropped(publisher: FlaskClient) -> None:
    with publisher.session_transaction() as session:
        session["view_as"] = {"choice": "group:leads"}

    assert publisher.get("/leads").status_code == 404
    with publisher.session_transaction() as session:
        assert "view_as" not in session


def test_without_a_readable_content_folder_it_ends_and_nothing_fails(
    app: Flask, publisher: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    view_as(publisher, "group:staff")

    def fail() -> None:
        raise OSError

    monkeypatch.setitem(app.extensions, "audiences", fail)

    assert "You are no longer viewing" in publisher.get("/").text
