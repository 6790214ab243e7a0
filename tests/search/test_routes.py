import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("index", title="Council guidance")
    write(
        "referral/index",
        "Ask the hub.\n\n## Send it {#send}\n\nTo the hub.",
        title="Concerns",
        keywords=["who do I tell"],
    )
    write("uasc/index", title="Unaccompanied children")
    write("uasc/procedures/index", title="Procedures", audience="staff")
    write("uasc/procedures/interpreters", "Ring Quicksilver Languages & friends.", title="Interpreters")


def page_of(browser: FlaskClient, url: str) -> Any:  # noqa: ANN401 - what an XPath gives depends on the path
    response = browser.get(url)
    assert response.status_code == 200
    return html.fromstring(response.text)


def main_of(browser: FlaskClient, url: str) -> Any:  # noqa: ANN401 - as above
    return page_of(browser, url).xpath("//main")[0]


def text_of(element: Any) -> str:  # noqa: ANN401 - as above
    return " ".join(element.text_content().split())


def test_the_results_page_shows_what_was_found(anonymous: FlaskClient) -> None:
    main = main_of(anonymous, "/search?q=who+do+i+tell")

    assert main.xpath("string(//h1)") == "Search results"
    assert main.xpath("//h2//a/@href") == ["/referral"]
    assert "Showing 1 page, with 2 matching sections" in text_of(main)


def test_the_results_page_links_to_sections_and_marks_words(anonymous: FlaskClient) -> None:
    main = main_of(anonymous, "/search?q=hub")

    assert "/referral#send" in main.xpath("//li//a/@href")
    assert set(main.xpath("//mark/text()")) == {"hub"}


def test_the_query_stays_in_the_box_and_the_title(anonymous: FlaskClient) -> None:
    page = page_of(anonymous, "/search?q=%3Cb%3E+hub")

    assert page.xpath("//main//input[@name='q']/@value") == ["<b> hub"]
    assert page.xpath("normalize-space(//title)") == "<b> hub - search results - Council guidance"


def test_there_is_one_search_box_on_the_page(anonymous: FlaskClient) -> None:
    page = page_of(anonymous, "/search?q=hub")

    assert len(page.xpath("//form[@role='search']")) == 1


def test_a_staff_section_carries_a_tag(staff: FlaskClient) -> None:
    main = main_of(staff, "/search?q=quicksilver")

    assert "Staff" in main.xpath("string(//li//*[contains(@class, 'govuk-tag')])")
    assert "Unaccompanied children" in text_of(main)


def test_nothing_found_offers_ways_on(anonymous: FlaskClient) -> None:
    main = main_of(anonymous, "/search?q=quicksilver")

    text = text_of(main)
    assert "Nothing found for “quicksilver”" in text
    assert "check the spelling" in text
    assert "parts of this site are for staff only" in text
    links = main.xpath("//a/@href")
    assert {"/glossary", "/referral", "/uasc", "/login?next=/search%3Fq%3Dquicksilver"} <= set(links)
    assert "/uasc/procedures" not in links


def test_the_hint_to_sign_in_is_the_same_whether_staff_pages_match(anonymous: FlaskClient) -> None:
    matching = anonymous.get("/search?q=quicksilver").text
    matching_nothing = anonymous.get("/search?q=zzzzzzzzzzz").text

    assert matching.replace("quicksilver", "zzzzzzzzzzz") == matching_nothing


def test_people_who_are_signed_in_get_no_hint_to_sign_in(staff: FlaskClient) -> None:
    assert "staff only" not in text_of(main_of(staff, "/search?q=zzzzzzzzzzz"))


def test_a_misspelt_word_is_corrected_and_can_be_searched_for_all_the_same(anonymous: FlaskClient) -> None:
    main = main_of(anonymous, "/search?q=koncerns")

    assert "Showing results for concerns. Search instead for koncerns" in text_of(main)
    assert "/search?q=koncerns&exact=1" in main.xpath("//a/@href")


def test_without_a_query_the_page_says_how_to_search(anonymous: FlaskClient) -> None:
    main = main_of(anonymous, "/search")

    assert main.xpath("string(//h1)") == "Search"
    assert {"/search?q=who+do+I+tell", "/referral", "/uasc"} <= set(main.xpath("//a/@href"))


def test_many_results_come_page_by_page(anonymous: FlaskClient, write: Write) -> None:
    for number in range(12):
        write(f"page-{number}", "A juniper.")

    first, second = (main_of(anonymous, f"/search?q=juniper&page={number}") for number in (1, 2))

    assert "Showing 1 to 10 of 12 pages, with 12 matching sections" in text_of(first)
    assert "Showing 11 to 12 of 12 pages" in text_of(second)
    assert first.xpath("//nav//a[@rel='next']/@href") == ["/search?q=juniper&page=2"]
    assert second.xpath("//nav//a[@aria-current='page']/@aria-label") == ["Page 2"]
    assert "page 2 of 2" in page_of(anonymous, "/search?q=juniper&page=2").xpath("string(//title)")


def test_more_than_a_hundred_sections_are_told_as_such(anonymous: FlaskClient, write: Write) -> None:
    write("notes", "".join(f"## Part {number}\n\nA juniper.\n\n" for number in range(101)))

    assert "with the best 100 of 100+ matching sections" in text_of(main_of(anonymous, "/search?q=juniper"))


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "9" * 5000])
def test_a_strange_page_number_is_no_error(anonymous: FlaskClient, page: str) -> None:
    assert anonymous.get(f"/search?q=hub&page={page}").status_code == 200


def test_the_api_lists_sections_in_order(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/api/search?q=council&limit=1").get_json()

    assert answer["query"] == "council"
    assert answer["total"] == 1
    assert answer["suggestion"] is None
    (result,) = answer["results"]
    assert set(result) == {"url", "page_title", "heading", "snippet", "audience"}
    assert (result["url"], result["page_title"], result["audience"]) == ("/", "Council guidance", "open")


def test_the_api_gives_the_same_snippet_as_the_page(staff: FlaskClient) -> None:
    (result,) = staff.get("/api/search?q=quicksilver").get_json()["results"]

    assert result["snippet"] == "Ring <mark>Quicksilver</mark> Languages &amp; friends."
    assert result["snippet"] in staff.get("/search?q=quicksilver").text
    assert result["audience"] == "staff"


@pytest.mark.parametrize("limit", ["0", "51", "-1", "x", "", "1.5", "²", "9" * 5000])
def test_a_wrong_limit_is_a_bad_request(anonymous: FlaskClient, limit: str) -> None:
    response = anonymous.get("/api/search", query_string={"q": "hub", "limit": limit})

    assert response.status_code == 400
    assert response.get_json() == {"error": "limit must be a whole number from 1 to 50"}


@pytest.mark.parametrize("limit", ["1", "50"])
def test_the_limits_limits_are_right(anonymous: FlaskClient, limit: str) -> None:
    assert anonymous.get(f"/api/search?q=hub&limit={limit}").status_code == 200


def test_the_api_answers_an_empty_query_with_nothing(anonymous: FlaskClient) -> None:
    assert anonymous.get("/api/search").get_json() == {"query": "", "total": 0, "suggestion": None, "results": []}


@pytest.mark.parametrize("url", ["/search?q=quicksilver", "/api/search?q=quicksilver", "/api/suggest?q=quick"])
def test_what_staff_get_is_kept_nowhere(staff: FlaskClient, url: str) -> None:
    assert staff.get(url).headers["Cache-Control"] == "no-store"


def test_browsers_learn_how_to_search(anonymous: FlaskClient) -> None:
    response = anonymous.get("/opensearch.xml")

    assert response.mimetype == "application/opensearchdescription+xml"
    root = ET.fromstring(response.text)  # noqa: S314 - our own answer
    names = {"os": "http://a9.com/-/spec/opensearch/1.1/"}
    url = root.find("os:Url", names)
    assert url is not None
    assert url.get("template") == "http://guidance.example.gov.uk/search?q={searchTerms}"
    assert len(root.findtext("os:ShortName", namespaces=names) or "x" * 99) <= 16


def test_readers_learn_that_results_may_be_missing(
    anonymous: FlaskClient, app: Flask, write: Write, hold_lock: Callable[[], None]
) -> None:
    app.extensions["search_index"]._patience = 0.1
    assert "may be missing" not in text_of(main_of(anonymous, "/search?q=hub"))

    hold_lock()
    write("referral/index", "Ask the centre.", title="Concerns")
    app.extensions["library"].refresh()

    text = text_of(main_of(anonymous, "/search?q=hub"))
    assert "Some pages have just changed and may be missing from these results." in text
    assert "Nothing found" in text


def test_without_an_index_the_site_says_so(app: Flask, anonymous: FlaskClient, index_folder: Path) -> None:
    index_folder.write_text("in the way")

    page, answer = anonymous.get("/search?q=hub"), anonymous.get("/api/search?q=hub")

    assert (page.status_code, answer.status_code) == (503, 503)
    assert "999" in page.text
    assert json.loads(answer.text)["error"].startswith("Searching does not work at the moment.")
    assert app.extensions["search_index"]
