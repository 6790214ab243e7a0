"""The results page in each of its states, as a browser gets it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

Write = Callable[..., Path]
WriteFile = Callable[[str, str], None]

CONTACTS = """
hub: {name: Safeguarding hub, audience: open, origin: national, purpose: "Worries & more", phone: 01234 567 890,
      email: hub@example.gov.uk, hours: Weekdays}
team0: {name: Region team north, audience: open, origin: national, phone: "101"}
team1: {name: Region team south, audience: open, origin: national}
"""
PAGE = """
## Hub {#hub}

/// contact | hub
///

## Teams {#teams}

/// contact | team0
///

/// contact | team1
///

## Visits {#visits}

/// steps

1. Visit the <child>. {by: 48 hours after placement}

///
"""
TERM = "## Juniper plan {#jp}\n\n/// term\n    short: [JP]\n///\n\nA plan of <junipers> & more.\n"


@pytest.fixture(autouse=True)
def pages(write: Write, content_file: WriteFile) -> None:
    content_file("_data/contacts.yml", CONTACTS)
    write("index", title="Council guidance")
    write("who/index", PAGE, title="Who to ask")
    write("glossary/index", TERM, title="Glossary")
    write("notes/index", "A juniper.", title="Notes: of trees")
    write("desk/index", "A juniper.", title="The desk", audience="staff")


def main_of(browser: FlaskClient, url: str) -> Any:  # noqa: ANN401 - what an XPath gives depends on the path
    response = browser.get(url)
    assert response.status_code == 200
    page: Any = html.fromstring(response.text)
    ids = Counter(page.xpath("//@id"))
    assert [one for one, times in ids.items() if times > 1] == []
    return page.xpath("//main")[0]


def text_of(element: Any) -> str:  # noqa: ANN401 - as above
    return " ".join(element.text_content().split())


def boxes(main: Any) -> list[Any]:  # noqa: ANN401 - as above
    found: list[Any] = main.xpath(".//section[contains(@class, 'kb-answer')]")
    return found


def filter_links(main: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - as above
    """Return where each choice of a filter leads, by its words."""
    links = main.xpath(f".//nav[@aria-label='Filter {name}']//a")
    return {text_of(link): link.get("href") for link in links}


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


class TestAnswerBoxes:
    def test_a_term_shows_what_it_means_and_where_that_stands(self, anonymous: FlaskClient) -> None:
        (box,) = boxes(main_of(anonymous, "/search?q=what+is+jp"))

        assert box.xpath("string(.//h2)") == "Juniper plan (JP)"
        assert "What it means" in text_of(box)
        assert "A plan of <junipers> & more." in text_of(box)
        assert box.xpath(".//a/@href") == ["/glossary#jp"]

    def test_a_contact_shows_its_number_to_ring_and_its_address_to_write_to(self, anonymous: FlaskClient) -> None:
        (box,) = boxes(main_of(anonymous, "/search?q=safeguarding+hub+phone"))

        assert box.xpath("string(.//h2)") == "Safeguarding hub"
        assert "Contact" in text_of(box)
        assert "Worries & more" in text_of(box)
        assert box.xpath(".//dl//a/@href") == ["tel:01234567890", "mailto:hub@example.gov.uk"]
        assert [text_of(one) for one in box.xpath(".//dt")] == ["Phone", "Email", "Hours"]
        assert "/who#hub" in box.xpath(".//a/@href")

    def test_several_contacts_of_one_section_have_a_box_each(self, anonymous: FlaskClient) -> None:
        first, second = boxes(main_of(anonymous, "/search?q=region+team+phone"))

        assert [box.xpath("string(.//h2)") for box in (first, second)] == ["Region team north", "Region team south"]
        assert first.get("aria-labelledby") != second.get("aria-labelledby")
        assert [box.xpath("string(.//h2/@id)") for box in (first, second)] == [
            box.get("aria-labelledby") for box in (first, second)
        ]

    def test_a_contact_that_is_not_set_says_so_and_is_no_link(self, anonymous: FlaskClient) -> None:
        (box,) = boxes(main_of(anonymous, "/search?q=region+team+south"))

        assert "Not set yet: ask your Prevent lead" in text_of(box)
        assert box.xpath(".//a[starts-with(@href, 'tel:')]") == []

    def test_a_deadline_shows_the_step_and_by_when(self, anonymous: FlaskClient) -> None:
        (box,) = boxes(main_of(anonymous, "/search?q=when+must+i+visit+the+child"))

        assert "By when" in text_of(box)
        assert [text_of(one) for one in box.xpath(".//dt")] == ["Visit the <child>."]
        assert [text_of(one) for one in box.xpath(".//dd")] == ["48 hours after placement"]
        assert box.xpath(".//a/@href") == ["/who#visits"]

    def test_each_box_is_named_by_its_heading_and_stands_above_the_results(self, anonymous: FlaskClient) -> None:
        main = main_of(anonymous, "/search?q=what+is+jp")

        (box,) = boxes(main)
        assert box.get("aria-labelledby") == box.xpath("string(.//h2/@id)")
        assert box.xpath("following::ol[contains(@class, 'kb-results')]")

    def test_without_an_answer_there_is_no_box(self, anonymous: FlaskClient) -> None:
        assert boxes(main_of(anonymous, "/search?q=juniper")) == []


class TestFilters:
    def test_each_choice_is_a_link_with_its_count(self, staff: FlaskClient) -> None:
        main = main_of(staff, "/search?q=juniper")

        areas, audiences = filter_links(main, "by area"), filter_links(main, "by who may read it")
        assert set(areas) == {"All", "Glossary 1 section", "Notes 1 section", "The desk 1 section"}
        assert set(audiences) == {"All", "Everyone 2 sections", "Staff 1 section"}
        assert query_of(areas["Notes 1 section"]) == {"q": ["juniper"], "area": ["notes"]}
        assert main.xpath(".//details[contains(@class, 'kb-filters')]/@open") == []

    def test_what_is_chosen_is_marked_and_the_filters_are_open(self, staff: FlaskClient) -> None:
        main = main_of(staff, "/search?q=juniper&area=desk&audience=staff")

        chosen = main.xpath(".//nav[starts-with(@aria-label, 'Filter')]//a[@aria-current]")
        assert [text_of(one) for one in chosen] == ["The desk 1 section", "Staff 1 section"]
        assert len(main.xpath(".//details[contains(@class, 'kb-filters')][@open]")) == 1
        assert main.xpath(".//h2[contains(@class, 'kb-result__title')]/a/@href") == ["/desk"]

    def test_a_choice_keeps_the_other_filter_and_the_words_as_typed(self, staff: FlaskClient) -> None:
        main = main_of(staff, "/search?q=juniper&exact=1&audience=open")

        kept = {"q": ["juniper"], "exact": ["1"], "audience": ["open"]}
        assert query_of(filter_links(main, "by area")["Notes 1 section"]) == {**kept, "area": ["notes"]}
        assert query_of(filter_links(main, "by who may read it")["All"]) == {"q": ["juniper"], "exact": ["1"]}

    def test_with_one_area_and_one_audience_there_is_nothing_to_choose(self, anonymous: FlaskClient) -> None:
        main = main_of(anonymous, "/search?q=worries")

        assert main.xpath(".//ol[contains(@class, 'kb-results')]/li")
        assert main.xpath(".//details[contains(@class, 'kb-filters')]") == []

    def test_more_than_a_hundred_are_counted_as_such(self, anonymous: FlaskClient, write: Write) -> None:
        write("notes/many", "".join(f"## Part {number}\n\nA juniper.\n\n" for number in range(120)))

        assert "Notes 100+ sections" in filter_links(main_of(anonymous, "/search?q=juniper"), "by area")

    @pytest.mark.parametrize("chosen", ["area=unknown", "audience=staff", "area=who", "area=notes&audience=unknown"])
    def test_nothing_with_a_filter_leads_back_to_everything(self, anonymous: FlaskClient, chosen: str) -> None:
        main = main_of(anonymous, f"/search?q=juniper&{chosen}")

        assert "Nothing found with this filter." in text_of(main)
        assert "/search?q=juniper" in main.xpath(".//a/@href")
        assert main.xpath(".//ol[contains(@class, 'kb-results')]") == []

    def test_the_next_page_keeps_the_filters(self, app: Flask, staff: FlaskClient, write: Write) -> None:
        for number in range(12):
            write(f"desk/page-{number}", "A juniper.")
        app.extensions["library"].refresh()

        main = main_of(staff, "/search?q=juniper&area=desk&audience=staff")

        (following,) = main.xpath(".//nav//a[@rel='next']/@href")
        assert query_of(following) == {"q": ["juniper"], "page": ["2"], "area": ["desk"], "audience": ["staff"]}
        assert "Showing 11 to 13 of 13 pages" in text_of(main_of(staff, following))


class TestResults:
    def test_the_other_sections_of_a_page_can_be_opened(self, anonymous: FlaskClient, write: Write) -> None:
        write("notes/many", "".join(f"## Part {number} {{#p{number}}}\n\nA marigold.\n\n" for number in range(5)))

        main = main_of(anonymous, "/search?q=marigold")

        (more,) = main.xpath(".//details[contains(@class, 'kb-result__more')]")
        assert text_of(more.find("summary")).startswith("2 more matching sections")
        links = main.xpath(".//ol[contains(@class, 'kb-results')]//ul//a/@href")
        assert sorted(links) == [f"/notes/many#p{number}" for number in range(5)]

    def test_a_page_that_is_not_to_be_relied_on_carries_a_tag(self, anonymous: FlaskClient, write: Write) -> None:
        write("notes/late", "A marigold.", last_reviewed="2019-01-01", review_by="2020-01-01", title="Late")
        write("notes/old", "A marigold.", status="superseded", superseded_by="/notes", title="Old")

        titles = main_of(anonymous, "/search?q=marigold").xpath(".//h2[contains(@class, 'kb-result__title')]")

        assert [text_of(title) for title in titles] == ["Late Review overdue", "Old Superseded"]

    def test_what_was_typed_is_shown_as_text_wherever_it_stands(self, anonymous: FlaskClient) -> None:
        typed = "%3Cscript%3Ealert(1)%3C/script%3E+%22%27"

        for url in (f"/search?q={typed}", f"/search?q=juniper+{typed}", f"/search?q=junipr+{typed}&area={typed}"):
            response = anonymous.get(url)

            assert response.status_code == 200
            assert "<script>alert" not in response.text

    def test_a_correction_is_told_and_can_be_refused(self, anonymous: FlaskClient) -> None:
        main = main_of(anonymous, "/search?q=junipr")

        assert "Showing results for juniper. Search instead for junipr" in text_of(main)
        (refusal,) = main.xpath(".//p[contains(@class, 'kb-results__suggestion')]//a/@href")
        assert "Nothing found for “junipr”" in text_of(main_of(anonymous, refusal))
