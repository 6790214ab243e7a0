"""Checking in a real browser who sees what, and coming back to the right section after signing in."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.accessibility import check
from tests.journeys.conftest import Site, sign_in, sign_in_with_role

SECTION = "/uasc/procedures/interpreters"


@pytest.fixture
def publisher(site: Site, page: Page) -> Page:
    """A window in which a publisher on the staff has signed in."""
    return sign_in_with_role(site, page, name="Pat Publisher", role="publisher")


def test_signing_in_on_the_way_leads_to_the_section_that_the_link_named(page: Page, member_of_staff: str) -> None:
    page.goto(f"{SECTION}#some-section")

    sign_in(page, member_of_staff)

    expect(page).to_have_url(re.compile(f"{SECTION}#some-section$"))


def test_a_wrong_password_keeps_the_section(page: Page, member_of_staff: str) -> None:
    page.goto(f"{SECTION}#some-section")
    page.get_by_label("Email address").fill(member_of_staff)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()

    sign_in(page, member_of_staff)

    expect(page).to_have_url(re.compile(f"{SECTION}#some-section$"))


def test_the_sign_in_link_of_a_page_leads_back_to_the_section(page: Page, member_of_staff: str) -> None:
    page.goto("/referral/share?from=a+link#some-section")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()

    sign_in(page, member_of_staff)

    expect(page).to_have_url(re.compile(r"/referral/share\?from=a\+link#some-section$"))


def test_a_publisher_sees_a_page_as_others_do_and_stops(publisher: Page) -> None:
    publisher.goto(SECTION)
    publisher.get_by_role("link", name="View it as another reader").click()
    publisher.get_by_label("Audience Elected members").check()
    publisher.get_by_role("button", name="View the site").click()
    expect(publisher.get_by_role("heading", level=1)).to_have_text("Page not found")
    expect(publisher.get_by_role("region", name="View as")).to_contain_text("the audience Elected members")

    publisher.get_by_role("button", name="Stop viewing as the audience Elected members").click()

    expect(publisher).to_have_url(re.compile(f"{SECTION}$"))
    expect(publisher.get_by_role("heading", level=1)).to_contain_text(re.compile("interpreter", re.IGNORECASE))


def test_a_page_leads_to_who_can_see_it(publisher: Page) -> None:
    publisher.goto(SECTION)

    publisher.get_by_role("link", name="Who can see this page, and why").click()

    expect(publisher.get_by_role("main")).to_contain_text("Only people in the audience Staff may read this page.")


def test_the_pages_of_checking_access_are_accessible(publisher: Page) -> None:
    for url in ("/view-as", f"/who-can-see?page={SECTION}", "/who-can-see?page=/referral/share", "/referral/share"):
        check(publisher, url)
    publisher.goto("/view-as")
    publisher.get_by_role("button", name="View the site").click()
    expect(publisher.get_by_role("alert")).to_be_visible()

    publisher.get_by_label("An anonymous reader").check()
    publisher.get_by_role("button", name="View the site").click()

    for url in ("/", "/referral/share", "/nothing", "/login?next=/audit"):
        check(publisher, url)
