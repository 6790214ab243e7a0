"""Who can see a page, and why: for those who look after access, and only of what they may read."""

import re

import pytest
from flask.testing import FlaskClient

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.changes import disable_account
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.pages.access_report import AccessReport, AccessReports, GroupLine, Readers
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder

ANN = Viewer(account_id=1, name="Ann", groups=frozenset({"staff"}))
BEN = Viewer(account_id=2, name="Ben", groups=frozenset({"members"}))
CAT = Viewer(account_id=3, name="Cat", groups=frozenset({"staff", "leads"}), roles=frozenset({"publisher"}))
PEOPLE = (ANN, BEN, CAT)


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried?", audience="open")
    content.page("referral/share", "## Inbox\n\nx\n\n/// staff-only\nThe address.\n///\n", title="Share")
    content.page("procedures/index", audience="staff", record_reading="true")
    content.page("procedures/uucr", "The record.")
    content.page("procedures/leads", audience="leads")


def report(content: ContentFolder, url: str, *, reader: Viewer = CAT, with_names: bool = False) -> AccessReport:
    edition = content.edition()
    page = edition.page(url)
    assert page
    return AccessReports(edition, edition.may_read(reader), PEOPLE, with_names=with_names).report(page)


def text_of(browser: FlaskClient, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2].partition("</main>")[0]).split())


def test_an_open_page_with_a_part_for_staff(content: ContentFolder) -> None:
    found = report(content, "/referral/share")

    assert found.who == "Everyone may read this page, without signing in."
    assert found.readers is None
    [part] = found.parts
    assert (part.heading, part.url) == ("Inbox", "/referral/share#staff-only-1")
    assert part.who == "Only people in the audience Staff may read this part."
    assert part.readers == Readers(2)
    assert found.reasons == (
        "content/referral/index.md says that the folder /referral is open, so it narrows nothing.",
        "content/referral/share.md names no audience for the page, so it narrows nothing.",
        "content/referral/share.md marks a part with staff-only, for fewer people than the page.",
    )
    assert [one.title for one in found.audiences] == ["Staff"]


def test_a_page_takes_the_audience_of_its_folder(content: ContentFolder) -> None:
    found = report(content, "/procedures/uucr")

    assert found.who == "Only people in the audience Staff may read this page."
    assert found.readers == Readers(2)
    assert found.people == 3
    assert found.reasons == (
        "content/procedures/index.md says that the folder /procedures is for the audience Staff (staff).",
        "content/procedures/uucr.md names no audience for the page, so it narrows nothing.",
        "content/procedures/index.md asks to record who reads the pages of its folder, with this one.",
    )


def test_a_reader_must_be_in_every_audience_on_the_way(content: ContentFolder) -> None:
    found = report(content, "/procedures/leads", with_names=True)

    assert found.who == (
        "Only people who are in the audience Safeguarding leads and in the audience Staff, in each of them, may read"
        " this page."
    )
    assert found.readers == Readers(1, ("Cat",))
    assert [one.groups for one in found.audiences] == [
        (GroupLine("leads", Readers(1, ("Cat",))),),
        (GroupLine("staff", Readers(2, ("Ann", "Cat"))),),
    ]


def test_a_folders_own_page_is_told_of_once(content: ContentFolder) -> None:
    assert report(content, "/procedures").reasons[:1] == (
        "content/procedures/index.md says that the folder /procedures is for the audience Staff (staff).",
    )
    assert len(report(content, "/procedures").reasons) == 2


def test_the_home_page_is_everyones(content: ContentFolder) -> None:
    found = report(content, "/")

    assert found.who == "Everyone may read this page, without signing in."
    assert found.reasons == ("content/index.md names no audience for the page, so it narrows nothing.",)


def test_an_index_with_another_fault_is_told_of_all_the_same(content: ContentFolder) -> None:
    content.page("procedures/index", audience="staff", review_by="someday")

    found = report(content, "/procedures/uucr")

    assert "content/procedures/index.md says that the folder /procedures is for the audience Staff" in found.reasons[0]


def test_a_part_that_the_asker_may_not_read_leaves_no_trace(content: ContentFolder) -> None:
    with_part = report(content, "/referral/share", reader=BEN)
    content.page("referral/share", "## Inbox\n\nx\n", title="Share")

    assert with_part == report(content, "/referral/share", reader=BEN)


@pytest.mark.parametrize("url", ["/procedures/uucr", "/procedures/leads", "/nothing", "", "procedures/uucr"])
def test_of_a_page_that_one_may_not_read_there_is_no_report(signed_in: SignedIn, url: str) -> None:
    admin = signed_in("members", roles=["admin"])

    assert admin.get("/who-can-see", query_string={"page": url}).status_code == 404


@pytest.mark.parametrize("roles", [[], ["editor"]])
def test_it_is_for_publishers_and_administrators(signed_in: SignedIn, roles: list[str]) -> None:
    browser = signed_in("staff", roles=roles)

    assert browser.get("/who-can-see?page=/referral").status_code == 404
    assert "/who-can-see" not in browser.get("/referral").text


def test_a_publisher_sees_numbers_and_an_administrator_names(signed_in: SignedIn, staff: FlaskClient) -> None:
    publisher, admin = signed_in("staff", roles=["publisher"]), signed_in("staff", roles=["admin"])

    numbers, names = (text_of(browser, "/who-can-see?page=/procedures/uucr") for browser in (publisher, admin))

    assert "That is 3 people of the 3 with an account." in numbers
    assert "The group staff: 3 people with an account." in names
    assert "A staff-publisher" not in numbers
    assert "A staff, A staff-admin, A staff-publisher" in names


def test_accounts_that_are_shut_out_do_not_count(signed_in: SignedIn, staff: FlaskClient, accounts: Register) -> None:
    admin = signed_in("staff", roles=["admin"])

    disable_account(accounts, "staff@example.gov.uk", actor=SITE, now=utc_now())

    assert "That is 1 person of the 1 with an account." in text_of(admin, "/who-can-see?page=/procedures/uucr")


def test_the_foot_of_a_page_leads_to_it(signed_in: SignedIn) -> None:
    publisher = signed_in("staff", roles=["publisher"])

    for url in ("/", "/referral/share", "/procedures/uucr"):
        page = publisher.get(url).text
        link = re.search(r'href="(/who-can-see\?page=[^"]+)"', page)
        assert link
        assert publisher.get(link[1]).status_code == 200
        assert f'href="/view-as?next={url}"' in page
