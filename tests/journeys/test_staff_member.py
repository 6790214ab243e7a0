"""What frontline staff come for, in a real browser: find a step, and sign in for a procedure on the way to it."""

import re
import time

import pyotp
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PASSWORD, Site, first_link, sign_in

LIVE_WITHIN_SECONDS = 3


def test_somebody_worried_searches_in_their_own_words_and_reads_the_step(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").fill("who do i tell")
    page.keyboard.press("Enter")

    first = page.get_by_role("main").get_by_role("link").filter(has=page.locator("xpath=ancestor::li")).first
    expect(page).to_have_title(re.compile("who do i tell"))
    expect(first).to_have_attribute("href", re.compile("^/referral"))
    first.click()

    expect(page.get_by_role("main")).to_contain_text("999")
    expect(page.locator(".kb-steps li").first).to_be_visible()


def test_a_staff_link_asks_to_sign_in_and_then_goes_where_it_led(page: Page, member_of_staff: str) -> None:
    page.goto("/uasc")
    page.get_by_role("main").locator("a[href='/uasc/procedures/uucr'], a[href='/uasc/procedures']").first.click()
    wanted = page.url.partition("next=")[2]

    sign_in(page, member_of_staff)

    assert wanted.startswith("/uasc/procedures")
    expect(page).to_have_url(re.compile(f"{re.escape(wanted)}$"))
    expect(page.get_by_role("banner")).to_contain_text("Duty Worker")
    page.get_by_role("button", name="Sign out").click()
    page.goto(wanted)
    expect(page).to_have_url(re.compile("/login"))


def test_a_wrong_password_says_so_and_keeps_the_address(page: Page, member_of_staff: str) -> None:
    page.goto("/login")
    page.get_by_label("Email address").fill(member_of_staff)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Email address")).to_have_value(member_of_staff)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")


def test_everything_works_without_scripts(browser: Browser, site: Site, member_of_staff: str) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()

    page.goto("/")
    page.get_by_role("searchbox").fill("interpreter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).not_to_contain_text("Premium Linguistic")
    page.goto("/uasc/procedures/interpreters")
    sign_in(page, member_of_staff)
    expect(page).to_have_url(re.compile("/uasc/procedures/interpreters$"))
    page.get_by_role("searchbox").fill("interpreter")
    page.keyboard.press("Enter")
    page.get_by_role("main").locator("a[href^='/uasc/procedures/interpreters']").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("interpreter", re.IGNORECASE))
    context.close()


def test_the_skip_link_leads_past_the_header(page: Page) -> None:
    page.goto("/referral")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()


def test_a_page_edited_on_disk_is_live_in_search_too_within_three_seconds(browser: Browser, site: Site) -> None:
    page = browser.new_page(base_url=site.url)
    page.goto("/search?q=quokka")
    path = site.content / "old.md"

    path.write_text(path.read_text().replace("Old words.", "Old words about a quokka."))
    time.sleep(LIVE_WITHIN_SECONDS)

    for _ in range(8):  # so that each worker is asked
        page.goto("/search?q=quokka")
        expect(page.get_by_role("main")).to_contain_text("An old page")
    page.close()


def test_the_first_administrator_is_made_with_the_link_of_the_start(
    browser: Browser, site_without_accounts: Site
) -> None:
    site = site_without_accounts
    link = first_link(site.flask("users", "first-link"))
    page = browser.new_page()
    page.goto(link)

    page.get_by_label("Email address").fill("lead@example.gov.uk")
    page.get_by_label("Full name").fill("Prevent Lead")
    page.get_by_label("Choose a password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").last.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("second factor")
    # The picture comes after the page.
    page.locator(".kb-qr").evaluate("picture => picture.decode()")
    key = page.locator(".kb-secret").inner_text().replace(" ", "")
    page.get_by_label("6-digit code").fill(pyotp.TOTP(key).now())
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download them as a text file").click()
    assert "Each works once" in download.value.path().read_text()
    page.get_by_role("button", name="I have kept them").click()

    expect(page.get_by_role("main")).to_contain_text("lead@example.gov.uk")
    assert site.flask("users", "first-link") == ""
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("link")
    page.close()
