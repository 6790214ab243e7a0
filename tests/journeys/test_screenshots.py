"""The pictures of README.md. `script/screenshots` keeps them; a test run only sees that they can be taken."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from knowledge_base.settings import ROOT
from tests.journeys.conftest import Site, sign_in

PICTURES = {
    "home": ("/", 1280, 800),
    "search": ("/search?q=who+do+i+tell", 1280, 900),
    "procedure": ("/uasc/procedures/interpreters", 1280, 900),
    "referral-320": ("/referral", 320, 900),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_can_be_taken(name: str, browser: Browser, site: Site, member_of_staff: str, tmp_path: Path) -> None:
    url, width, height = PICTURES[name]
    page = browser.new_page(base_url=site.url, viewport={"width": width, "height": height})
    page.goto(url)
    if "/login" in page.url:
        sign_in(page, member_of_staff)
    path = Path(os.environ.get("SCREENSHOTS", tmp_path)) / f"{name}.png"

    page.screenshot(path=path)

    page.close()
    assert path.stat().st_size
    assert f"{name}.png" in (ROOT / "README.md").read_text(encoding="utf-8")
