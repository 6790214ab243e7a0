"""Take the pictures of README.md: run by `script/screenshots`, and no part of the suite."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Site, sign_in

PICTURES = {
    "home": ("/", 1280, 800),
    "search": ("/search?q=who+do+i+tell", 1280, 900),
    "procedure": ("/uasc/procedures/interpreters", 1280, 900),
    "referral-320": ("/referral", 320, 900),
}


@pytest.mark.parametrize("name", PICTURES)
def test_take_picture(name: str, browser: Browser, site: Site, member_of_staff: str) -> None:
    url, width, height = PICTURES[name]
    page = browser.new_page(base_url=site.url, viewport={"width": width, "height": height})
    page.goto(url)
    if "/login" in page.url:
        sign_in(page, member_of_staff)

    page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png")

    page.close()
