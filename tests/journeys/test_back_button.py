"""After signing out, the browser's own "back" shows nothing that needed the sign-in."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import sign_in

GATED = "/uasc/procedures/interpreters"


def test_back_does_not_show_a_staff_page_after_signing_out(page: Page, member_of_staff: str) -> None:
    page.goto(f"/login?next={GATED}")
    sign_in(page, member_of_staff)
    expect(page).to_have_url(re.compile(f"{GATED}$"))
    heading = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)

    page.go_back()

    expect(page.get_by_role("heading", level=1)).not_to_have_text(heading)
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
