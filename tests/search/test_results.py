"""How what was found is gathered: by page, page by page, counted, each section with what readers must know of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.results import ResultPage, SectionResults

Write = Callable[..., Path]
Search = Callable[..., SectionResults]
ResultPages = Callable[..., ResultPage]


class TestSections:
    def test_a_hit_leads_to_its_section(self, search: Search, write: Write) -> None:
        write("referral/index", title="Concerns")
        write("referral/share", "Opening.\n\n## Send the form {#send}\n\nTo the hub.\n", title="Share")

        hit = search("hub").hits[0]

        assert (hit.url, hit.page_url, hit.page_title, hit.heading) == (
            "/referral/share#send",
            "/referral/share",
            "Share",
            "Send the form",
        )
        assert (hit.area, hit.audience, hit.audience_tag, hit.status_tag) == ("Concerns", "open", None, None)
        assert hit.snippet == "To the <mark>hub</mark>."

    def test_the_opening_of_an_area_names_no_area(self, search: Search, write: Write) -> None:
        write("referral/index", "The hub.", title="Concerns")
        write("index", "The hub.", title="Home")

        assert {hit.url: hit.area for hit in search("hub").hits} == {"/referral": "", "/": ""}

    def test_what_is_not_open_says_who_may_read_it(self, search: Search, write: Write) -> None:
        write("desk/index", "The hub.", audience="staff")
        write("desk/leads", "The hub.", audience="leads")

        tags = {hit.url: (hit.audience, hit.audience_tag) for hit in search("hub", "staff", "leads").hits}

        assert tags == {"/desk": ("staff", "Staff"), "/desk/leads": ("leads+staff", "Safeguarding leads and Staff")}

    def test_a_page_that_is_not_to_be_relied_on_says_so(self, search: Search, write: Write) -> None:
        write("old", "The hub.", status="superseded", superseded_by="/new")
        write("late", "The hub.", last_reviewed="2019-01-01", review_by="2020-01-01")
        write("new", "The hub.")

        tags = {hit.url: hit.status_tag for hit in search("hub").hits}

        assert tags == {"/old": "Superseded", "/late": "Review overdue", "/new": None}

    def test_the_best_are_given_up_to_the_limit_and_all_counted_up_to_a_hundred(
        self, search: Search, write: Write
    ) -> None:
        write("many", "".join(f"## Part {number}\n\nA word on consent.\n\n" for number in range(120)))

        results = search("consent", limit=5)

        assert (results.total, len(results.hits)) == (100, 5)

    def test_without_a_query_there_is_nothing(self, search: Search, write: Write) -> None:
        write("share")

        assert search(" \n ") == SectionResults("", 0, None, ())


class TestPages:
    @pytest.fixture
    def long_and_short(self, write: Write) -> None:
        sections = "".join(
            f"## Part {number} {{#p{number}}}\n\n{'consent ' * number} and more.\n\n" for number in range(1, 6)
        )
        write("long", f"Opening.\n\n{sections}", title="Long")
        write("short", "A word on consent.", title="Short")

    @pytest.mark.usefixtures("long_and_short")
    def test_sections_are_grouped_by_page_with_the_best_shown_and_the_others_kept(
        self, results: ResultPages, search: Search
    ) -> None:
        page = results("consent")

        assert (page.total, page.page_total, page.is_cut) == (6, 2, False)
        group = next(one for one in page.groups if one.best.page_url == "/long")
        assert (len(group.sections), len(group.more)) == (3, 2)
        in_order = [hit.url for hit in search("consent").hits if hit.page_url == "/long"]
        assert [hit.url for hit in (*group.sections, *group.more)] == in_order

    @pytest.mark.usefixtures("long_and_short")
    def test_a_page_stands_where_its_best_section_does(self, results: ResultPages, search: Search) -> None:
        pages = list(dict.fromkeys(hit.page_url for hit in search("consent").hits))

        assert [group.best.page_url for group in results("consent").groups] == pages
        assert all(group.best is group.sections[0] for group in results("consent").groups)

    def test_a_page_with_few_sections_has_no_more(self, results: ResultPages, write: Write) -> None:
        write("one", "A juniper.\n\n## Two\n\nA juniper.\n\n## Three\n\nA juniper.\n")

        (group,) = results("juniper").groups

        assert (len(group.sections), group.more) == (3, ())

    def test_results_come_ten_pages_at_a_time(self, results: ResultPages, write: Write) -> None:
        for number in range(23):
            write(f"page-{number:02}", "A word on consent.")

        first, second, last = (results("consent", number=number) for number in (1, 2, 3))

        assert [len(one.groups) for one in (first, second, last)] == [10, 10, 3]
        assert [(one.first_shown, one.last_shown) for one in (first, second, last)] == [(1, 10), (11, 20), (21, 23)]
        assert {(one.number, one.page_total, one.last_number) for one in (first, second, last)} == {
            (1, 23, 3),
            (2, 23, 3),
            (3, 23, 3),
        }
        shown = [group.best.page_url for one in (first, second, last) for group in one.groups]
        assert len(set(shown)) == 23

    @pytest.mark.parametrize(("asked", "shown"), [(0, 1), (-5, 1), (2, 2), (3, 2), (10**9, 2)])
    def test_a_page_of_results_that_does_not_exist_is_the_nearest(
        self, results: ResultPages, write: Write, asked: int, shown: int
    ) -> None:
        for number in range(11):
            write(f"page-{number}", "A word on consent.")

        assert results("consent", number=asked).number == shown

    def test_all_are_counted_and_a_hundred_shown(self, results: ResultPages, write: Write) -> None:
        body = "".join(f"## Part {number}\n\nA word on consent.\n\n" for number in range(60))
        write("one", body)
        assert (results("consent").total, results("consent").is_cut) == (60, False)

        write("two", body)

        page = results("consent")
        assert (page.total, page.is_cut) == (120, True)
        assert sum(len(group.sections) + len(group.more) for group in page.groups) == 100

    def test_exactly_a_hundred_are_not_cut(self, results: ResultPages, write: Write) -> None:
        write("one", "".join(f"## Part {number}\n\nA word on consent.\n\n" for number in range(100)))

        assert (results("consent").total, results("consent").is_cut) == (100, False)

    def test_the_query_is_kept_as_typed_and_cleaned(self, results: ResultPages, write: Write) -> None:
        write("share", "The hub.")

        assert results("  the\n“HUB” ").query == 'the "HUB"'
        assert results("hubx").query == "hubx"

    def test_an_empty_query_finds_nothing(self, results: ResultPages, write: Write) -> None:
        write("share")

        page = results("  ")

        assert (page.query, page.total, page.groups, page.suggestion, page.answers) == ("", 0, (), None, ())
        assert (page.areas, page.audiences, page.number, page.last_number) == ((), (), 1, 1)
