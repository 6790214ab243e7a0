"""Every kind of page, looked at by the tools that know the rules: axe-core for people, the W3C's checker for HTML."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import html5lib
import pytest
from playwright.sync_api import Page, expect

from knowledge_base.settings import ROOT
from tests.journeys.accessibility import check, check_shown
from tests.journeys.conftest import Site, sign_in

VNU = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

OPEN_PAGES = [
    "/",
    "/referral",
    "/referral/share",
    "/myths",
    "/myths/what-prevent-is",
    "/glossary",
    "/uasc",
    "/about/sources",
    "/about/accessibility",
    "/benchmarks/2018",
    "/old",
    "/overdue",
    "/search",
    "/search?q=who+do+i+tell",
    "/search?q=prevent&page=2",
    "/search?q=zzxqj",
    "/login",
    "/nothing",
    "/login/forgotten",
    "/login/code",
    "/account/set-up/nothing",
]
STAFF_PAGES = [
    "/uasc/procedures",
    "/uasc/procedures/interpreters",
    "/uasc/procedures/uucr",
    "/uasc/procedures/checklist",
    "/referral/share",
    "/referral/staff-routes",
    "/glossary/staff",
    "/search?q=interpreter",
    "/account",
    "/account/password",
    "/account/second-factor",
    "/account/second-factor/remove",
    "/account/confirm",
]


def test_open_pages_are_accessible(page: Page) -> None:
    for url in OPEN_PAGES:
        check(page, url)


def test_staff_pages_are_accessible(page: Page, member_of_staff: str) -> None:
    page.goto("/login")
    sign_in(page, member_of_staff)

    for url in STAFF_PAGES:
        check(page, url)


def test_an_error_of_a_form_is_accessible(page: Page) -> None:
    page.goto("/login")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()

    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check_shown(page)


def test_the_html_of_every_open_page_is_valid(site: Site, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"{site.url}/api/pages") as answer:  # noqa: S310 - our own server
        urls = [page["url"] for page in json.load(answer)["pages"]]
    for number, url in enumerate([*urls, *OPEN_PAGES]):
        try:
            with urllib.request.urlopen(f"{site.url}{url}") as answer:  # noqa: S310 - our own server
                html = answer.read()
        except urllib.error.HTTPError as error:
            html = error.read()
        (tmp_path / f"{number:04}.html").write_bytes(html)

    if java := shutil.which("java"):
        command = [java, "-jar", str(VNU), "--errors-only", "--skip-non-html", str(tmp_path)]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr[:3000]
    else:
        for path in tmp_path.glob("*.html"):
            html5lib.HTMLParser(strict=True).parse(path.read_bytes())
    assert len(urls) > 1


@pytest.mark.parametrize("url", ["/referral", "/handbook"])
def test_a_printout_leaves_out_what_cannot_be_clicked_on_paper_and_says_where_it_is_from(
    page: Page, site: Site, url: str
) -> None:
    page.goto(url)
    page.emulate_media(media="print")

    expect(page.locator("input[name=q]")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Areas")).to_be_hidden()
    expect(page.locator(".kb-printed")).to_contain_text(f"{site.url}{url}")
    expect(page.locator(".kb-printed")).to_be_visible()
