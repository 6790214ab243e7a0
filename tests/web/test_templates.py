"""What the frame and the page templates promise a reader, seen through HTTP."""

import html
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from knowledge_base.settings import ROOT
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder

TEMPLATES = ROOT / "templates"
STYLES = ROOT / "assets" / "styles"


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Council guidance")
    content.page("referral/index", title="Worried about someone: who to tell")
    content.page("referral/share", title="Share your concern")


def read(browser: FlaskClient, url: str) -> str:
    """Return a page's text with single spaces, its entities resolved."""
    return html.unescape(" ".join(browser.get(url).get_data(as_text=True).split()))


@pytest.mark.parametrize("url", ["/", "/referral/share", "/search", "/search?q=concern", "/login", "/no-such-page"])
def test_emergency_numbers_stand_before_everything_else(anonymous: FlaskClient, url: str) -> None:
    page = read(anonymous, url)

    assert page.index('href="tel:999"') < page.index('href="tel:0800789321"') < page.index("<header")


@pytest.mark.parametrize("url", ["/", "/referral/share", "/search?q=concern", "/login", "/no-such-page"])
def test_one_search_box_and_one_main_heading_are_on_every_page(anonymous: FlaskClient, url: str) -> None:
    page = read(anonymous, url)

    assert page.count('role="search"') == 1
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("/", "Council guidance"),
        ("/referral/share", "Share your concern - Council guidance"),
        ("/no-such-page", "Page not found - Council guidance"),
    ],
)
def test_title_names_the_page_then_the_site(anonymous: FlaskClient, url: str, title: str) -> None:
    page = read(anonymous, url)

    assert f"<title>{title}</title>" in page


@pytest.mark.parametrize("url", ["/", "/account", "/no-such-page"])
@pytest.mark.parametrize(
    ("roles", "links"),
    [
        ([], set()),
        (["editor"], set()),
        (["publisher"], {"/view-as"}),
        (["admin"], {"/view-as", "/people", "/audit"}),
    ],
)
def test_every_page_leads_those_who_look_after_the_site_to_what_they_may_use_and_to_no_more(
    signed_in: SignedIn, url: str, roles: list[str], links: set[str]
) -> None:
    page = read(signed_in("members", roles=roles), url)

    found = set(re.findall(r'<a [^>]*href="(/view-as|/people|/audit)"', page))
    assert found == links
    assert ("Look after the site" in page) == bool(links)


def test_sign_in_link_leads_back_to_the_page_and_what_was_searched(anonymous: FlaskClient) -> None:
    page = read(anonymous, "/search?q=age+assessment")

    assert 'href="/login?next=/search%3Fq%3Dage%2Bassessment"' in page


def test_signed_in_person_is_named_and_signs_out_by_a_form(staff: FlaskClient) -> None:
    page = read(staff, "/referral")

    assert 'href="/account">A staff</a>' in page
    assert re.search(
        r'<form action="/logout" method="post"> <input type="hidden" name="csrf_token" value="[^"]+">', page
    )
    assert 'href="/login' not in page


def test_area_in_the_navigation_is_named_by_what_stands_before_the_colon(anonymous: FlaskClient) -> None:
    page = read(anonymous, "/referral/share")

    assert 'href="/referral" aria-current="true">Worried about someone</a>' in page


def test_breadcrumbs_start_at_home(anonymous: FlaskClient) -> None:
    page = read(anonymous, "/referral/share")

    assert '<a class="govuk-breadcrumbs__link" href="/">Home</a>' in page
    assert '<a class="govuk-breadcrumbs__link" href="/referral">Worried about someone: who to tell</a>' in page


def test_overdue_page_warns_with_the_date_and_whom_to_ask(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("referral/old", review_by="2020-05-01", owner="Prevent lead")

    page = read(anonymous, "/referral/old")

    assert (
        "This page should have been reviewed by 1 May 2020. Check with its owner (Prevent lead) before you rely on it."
        in page
    )


def test_page_that_is_not_overdue_does_not_warn(anonymous: FlaskClient) -> None:
    page = read(anonymous, "/referral/share")

    assert "should have been reviewed" not in page


def test_superseded_page_leads_to_what_replaced_it(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("referral/old", status="superseded", superseded_by="/referral/share")

    page = read(anonymous, "/referral/old")

    assert 'Do not act on it. Use <a class="govuk-link" href="/referral/share">Share your concern</a> instead.' in page


def test_foot_names_each_document_once_with_the_parts_used(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.file(
        "_data/sources.yml",
        "briefing: {title: Briefing, publisher: Safer Essex, date: 2023-10-01, status: current,"
        " parts: {early: Early intervention, late: Late intervention}}",
    )
    content.page("referral/sourced", sources=["briefing#early", "briefing#late"])

    foot = read(anonymous, "/referral/sourced").partition("About this page")[2]

    assert foot.count("Briefing") == 1
    assert "Used here: Early intervention; Late intervention" in foot


def test_printed_page_says_its_version_date_and_where_the_current_one_is(anonymous: FlaskClient) -> None:
    page = read(anonymous, "/referral/share")

    assert re.search(r"Version \w+, printed on <time [^>]*>\d{1,2} \w+ \d{4}</time>", page)
    assert "The current version is at http://guidance.example.gov.uk/referral/share" in page


def test_words_of_a_title_are_never_read_as_html(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("referral/odd", title="Tom & <script>alert(1)</script>")

    for url in ("/referral/odd", "/referral", "/referral/share"):
        assert "<script>alert" not in anonymous.get(url).get_data(as_text=True)


def test_each_govuk_component_that_a_template_uses_has_its_style() -> None:
    used = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r"govuk_frontend_jinja/components/([a-z-]+)/", template.read_text())
    }

    styled = set(re.findall(r"components/([a-z-]+)", (STYLES / "site.scss").read_text()))

    assert used <= styled


def _styles() -> list[Path]:
    return sorted(STYLES.glob("_*.scss"))


def test_style_sheet_takes_in_every_part() -> None:
    used = set(re.findall(r'@use "(\w+)"', (STYLES / "site.scss").read_text()))

    assert {path.stem.removeprefix("_") for path in _styles()} == used


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_template_has_no_inline_style_or_script(template: Path) -> None:
    markup = template.read_text()

    assert not re.search(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|javascript:""", markup)
