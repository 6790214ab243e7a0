"""What editors put first comes first, for those whom it is for and who may read it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.results import ResultPage, SectionResults

Write = Callable[..., Path]
WriteFile = Callable[[str, str], None]
Found = Callable[..., list[str]]
Search = Callable[..., SectionResults]
ResultPages = Callable[..., ResultPage]
Pin = Callable[..., None]


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("share", "Opening.\n\n## Ring them {#now}\n\nRing.\n", title="Share")
    write("danger", "The danger, in danger.", title="In danger")
    write("desk/index", "Wintergreen.\n\n## Ring {#ring}\n\nThe wintergreen number.", title="Desk", audience="staff")


@pytest.fixture
def pin(content_file: WriteFile) -> Pin:
    """Write the pinned answers: the searches, where they lead, and for whom."""

    def write(*searches: str, leads_to: str = "/share#now", audience: str = "open") -> None:
        entry = f"- searches: {list(searches)}\n  leads_to: '{leads_to}'\n  audience: {audience}\n"
        content_file("_data/pinned.yml", entry)

    return write


def test_the_pinned_section_comes_before_what_answers_better(found: Found, pin: Pin) -> None:
    assert found("in danger")[0] == "/danger"

    pin("in danger")

    assert found("in danger") == ["/share#now", "/danger"]


@pytest.mark.parametrize(
    "typed",
    [
        "danger immediate",
        "Immediate Danger!",
        "he is in immediate danger",
        "immediate dangers",
        "what immediate danger",
    ],
)
def test_the_telling_words_of_a_search_may_stand_in_any_order_and_form(found: Found, pin: Pin, typed: str) -> None:
    pin("something else", "immediate danger")

    assert found(typed)[0] == "/share#now"


@pytest.mark.parametrize("typed", ["danger", "immediate danger report", "zebra danger", ""])
def test_more_or_fewer_words_are_another_search(found: Found, pin: Pin, typed: str) -> None:
    pin("immediate danger")

    assert "/share#now" not in found(typed)


def test_a_search_of_common_words_alone_is_taken_as_it_stands(found: Found, pin: Pin) -> None:
    pin("what should I do")

    assert found("what should i do")[0] == "/share#now"
    assert "/share#now" not in found("what do i")


def test_a_pinned_section_is_found_where_nothing_else_is(search: Search, pin: Pin) -> None:
    pin("zebra crossing")

    results = search("zebra crossing")

    assert ([hit.url for hit in results.hits], results.total, results.suggestion) == (["/share#now"], 1, None)


@pytest.mark.parametrize("typed", ["zebbra", "rign them"])
def test_a_pinned_search_is_not_corrected_before_it_is_looked_up(
    search: Search, pin: Pin, write: Write, typed: str
) -> None:
    write("zoo", "A zebra. Ring them.", title="Zoo")
    pin("zebbra", "rign them")

    results = search(typed)

    assert (results.hits[0].url, results.suggestion) == ("/share#now", None)


def test_a_pinned_search_is_looked_up_when_it_was_corrected_too(search: Search, pin: Pin) -> None:
    pin("immediate danger")

    assert search("immediate dangerx").hits[0].url == "/share#now"


def test_a_pinned_section_is_shown_once(found: Found, pin: Pin) -> None:
    pin("ring them")

    assert found("ring them") == ["/share#now"]


def test_several_entries_for_a_search_come_in_the_order_of_the_file(found: Found, content_file: WriteFile) -> None:
    content_file(
        "_data/pinned.yml",
        "- {searches: [help], leads_to: '/danger'}\n- {searches: [help], leads_to: '/share#now'}\n",
    )

    assert found("help") == ["/danger", "/share#now"]


def test_an_entry_for_staff_is_for_staff_alone(found: Found, pin: Pin) -> None:
    pin("in danger", audience="staff")

    assert found("in danger", "staff")[0] == "/share#now"
    assert found("in danger")[0] == "/danger"
    assert found("in danger", "members")[0] == "/danger"


@pytest.mark.parametrize("leads_to", ["/desk#ring", "/desk"])
def test_a_section_of_staff_is_shown_to_staff_alone_whoever_the_entry_is_for(
    search: Search, results: ResultPages, pin: Pin, leads_to: str
) -> None:
    pin("in danger", "zebra crossing", leads_to=leads_to)

    assert search("in danger", "staff").hits[0].url == leads_to
    assert [hit.url for hit in search("in danger").hits] == ["/danger"]
    nothing = results("zebra crossing")
    assert (nothing.total, nothing.groups, nothing.areas, nothing.audiences) == (0, (), (), ())


@pytest.mark.parametrize("leads_to", ["/gone", "/share#gone", "/share/now", "/"])
def test_a_section_that_does_not_exist_does_no_harm(found: Found, pin: Pin, leads_to: str) -> None:
    pin("in danger", leads_to=leads_to)

    assert found("in danger") == ["/danger"]


def test_it_counts_among_the_results_and_the_choices(results: ResultPages, pin: Pin) -> None:
    pin("in danger")

    page = results("in danger")

    assert (page.total, page.page_total) == (2, 2)
    assert {choice.value: choice.count for choice in page.areas} == {"share": 1, "danger": 1}


def test_a_filter_that_leaves_it_out_leaves_it_out(results: ResultPages, pin: Pin) -> None:
    pin("in danger")

    page = results("in danger", area="danger")

    assert [group.best.page_url for group in page.groups] == ["/danger"]
    assert (page.total, {choice.value: choice.count for choice in page.areas}) == (1, {"share": 1, "danger": 1})


def test_it_stays_first_where_more_is_found_than_is_shown(results: ResultPages, pin: Pin, write: Write) -> None:
    write("many", "".join(f"## Part {number}\n\nA danger.\n\n" for number in range(120)))
    pin("danger")

    page = results("danger")

    assert page.groups[0].best.url == "/share#now"
    assert page.total == 122
