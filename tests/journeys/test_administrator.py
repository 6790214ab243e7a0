"""What administrators come for, in a real browser: find people, change them, invite them, bring them in from a file."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge_base.accounts.changes import disable_account
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from tests.journeys.accessibility import check_fits, check_shown
from tests.journeys.conftest import Site, accounts_of, create_person, sign_in

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maximilian"


@pytest.fixture(params=[(1280, True), (320, False)], ids=["desk", "phone without scripts"])
def admin(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """A window in which an administrator of their own has signed in."""
    width, with_scripts = request.param
    email = f"admin-{uuid4()}@example.gov.uk"
    person = create_person(site, email, name="An Administrator", roles=["admin"])
    context = browser.new_context(
        base_url=site.url, viewport={"width": width, "height": 900}, java_script_enabled=with_scripts
    )
    try:
        page = context.new_page()
        page.goto("/login?next=/people")
        sign_in(page, email)
        key = page.locator(".kb-secret").inner_text().replace(" ", "")
        page.get_by_label("6-digit code").fill(pyotp.TOTP(key).now())
        page.get_by_role("main").get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="I have kept them").click()
        yield page
    finally:
        context.close()
        # Another test is of a site that has no administrator yet.
        with accounts_of(site) as accounts:
            disable_account(accounts, person.account_id, actor=SITE, now=utc_now())


def look(page: Page) -> None:
    """Look at the page that is shown for what has to be scrolled sideways, and where scripts run with axe-core."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.viewport_size
    wide = page.viewport_size
    for width in {wide["width"], 320}:
        page.set_viewport_size({**wide, "width": width})
        check_fits(page)
        # Without scripts its timers never come, so it would not end.
        if page.locator("body.govuk-frontend-supported").count():
            check_shown(page)
    page.set_viewport_size(wide)


def test_an_administrator_finds_a_person_and_changes_what_they_may_read(admin: Page, site: Site) -> None:
    email = f"max-{uuid4()}@example.gov.uk"
    create_person(site, email, name=LONG_NAME, groups=["members"])
    admin.goto("/people")
    look(admin)

    admin.get_by_label("Name or email address").fill(email)
    admin.get_by_role("button", name="Find").click()
    look(admin)
    admin.get_by_role("link", name=LONG_NAME).click()
    look(admin)
    admin.get_by_role("link", name="Change groups").click()
    look(admin)
    admin.get_by_label("staff").check()
    admin.get_by_role("button", name="Save").click()

    expect(admin.get_by_role("main")).to_contain_text("The groups have been changed.")
    expect(admin.get_by_role("main")).to_contain_text("Opens pages for:")
    look(admin)
    for link in ("Change roles", "Make a link", "Disable the account"):
        admin.get_by_role("main").get_by_text(link).click()
        look(admin)
        admin.go_back()
    admin.get_by_role("button", name="Disable the account").click()
    admin.get_by_role("button", name="Disable the account").click()
    expect(admin.get_by_role("main")).to_contain_text("The account has been disabled.")
    look(admin)


def test_an_administrator_invites_somebody_and_thinks_better_of_it(admin: Page) -> None:
    name, email = f"Nina {uuid4()}", f"nina-{uuid4()}@example.gov.uk"
    admin.goto("/people/invite")
    admin.get_by_role("button", name="Invite", exact=True).click()
    expect(admin.get_by_text("There is a problem")).to_be_visible()
    look(admin)

    admin.get_by_label("Email address").fill(email)
    admin.get_by_label("Full name").fill(name)
    admin.get_by_label("staff").check()
    admin.get_by_role("button", name="Invite", exact=True).click()

    look(admin)
    expect(admin.get_by_label(f"Link for {name}")).to_have_value(re.compile("/account/set-up/"))
    admin.get_by_role("link", name="Back to people").click()
    admin.goto("/people?state=invited")
    admin.get_by_role("link", name=name).click()
    look(admin)
    admin.get_by_role("button", name="Withdraw the invitation").click()
    expect(admin.get_by_role("main")).to_contain_text(f"The invitation for {name} has been withdrawn.")


def test_an_administrator_brings_people_in_from_a_file(admin: Page, tmp_path: Path) -> None:
    who = f"sam-{uuid4()}@example.gov.uk"
    file = tmp_path / "people.csv"
    file.write_text(f"email;name;groups\r\n{who};{LONG_NAME};staff\r\nnobody;;\r\n", encoding="utf-8-sig")
    admin.goto("/people/import")
    look(admin)

    admin.get_by_label("CSV file").set_input_files(file)
    admin.get_by_role("button", name="Show what would happen").click()
    look(admin)
    expect(admin.get_by_role("main")).to_contain_text("Would be invited")
    admin.get_by_role("button", name="Do this").click()

    look(admin)
    expect(admin.get_by_role("heading", level=1)).to_contain_text("People have been brought in")
    expect(admin.get_by_label(f"Link for {LONG_NAME}, {who}")).to_have_value(re.compile("/account/set-up/"))


def test_a_file_that_is_too_large_is_answered_clearly(admin: Page, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\n" + "a@example.gov.uk\n" * 100_000)
    admin.goto("/people/import")

    admin.get_by_label("CSV file").set_input_files(file)
    admin.get_by_role("button", name="Show what would happen").click()

    expect(admin.get_by_role("main")).to_contain_text("The file must be smaller than 1 MB")
    look(admin)
