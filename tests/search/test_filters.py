"""Results narrowed to an area or an audience, with counts that are what choosing gives."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.filters import EVERYONE, Choice
from knowledge_base.search.results import ResultPage

Write = Callable[..., Path]
WriteFile = Callable[[str, str], None]
ResultPages = Callable[..., ResultPage]


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("index", "A juniper on the home page.", title="Home")
    write("referral/index", "A juniper.", title="Referral: who to tell")
    write("referral/share", "A juniper.\n\n## More {#more}\n\nA juniper.\n\n/// staff-only\n\nA juniper.\n\n///\n")
    write("uasc/index", "A juniper.", title="Unaccompanied children")
    write("uasc/staff/index", "A juniper.", audience="staff")
    write("uasc/staff/leads", "A juniper.", audience="leads")
    write("desk/index", "A juniper.", title="The desk", audience="staff")
    write("empty/index", "Nothing to see.", title="Empty")


def counts(choices: tuple[Choice, ...]) -> dict[str, int]:
    return {choice.value: choice.count for choice in choices}


def chosen(choices: tuple[Choice, ...]) -> list[str]:
    return [choice.value for choice in choices if choice.is_chosen]


def urls(page: ResultPage) -> set[str]:
    return {hit.url for group in page.groups for hit in (*group.sections, *group.more)}


def test_the_areas_and_audiences_of_what_was_found_may_be_chosen(results: ResultPages) -> None:
    page = results("juniper", "staff")

    assert counts(page.areas) == {"referral": 4, "uasc": 2, "desk": 1}
    assert counts(page.audiences) == {"open": 5, "staff": 3}
    assert chosen(page.areas) == chosen(page.audiences) == []


def test_a_choice_is_called_what_its_page_or_its_readers_are_called(results: ResultPages) -> None:
    page = results("juniper", "staff", "leads")

    assert {choice.value: choice.label for choice in page.areas} == {
        "referral": "Referral",
        "uasc": "Unaccompanied children",
        "desk": "The desk",
    }
    assert {choice.value: choice.label for choice in page.audiences} == {
        "open": EVERYONE,
        "staff": "Staff",
        "leads+staff": "Safeguarding leads and Staff",
    }


def test_what_is_open_comes_first_then_what_has_most(results: ResultPages, write: Write) -> None:
    write("desk/more", "".join(f"## Part {n} {{#p{n}}}\n\nA juniper.\n\n" for n in range(9)))

    page = results("juniper", "staff")

    assert [choice.value for choice in page.audiences] == ["open", "staff"]
    assert [choice.value for choice in page.areas] == ["desk", "referral", "uasc"]


def test_an_area_shows_its_sections_alone(results: ResultPages) -> None:
    page = results("juniper", area="referral")

    assert urls(page) == {"/referral", "/referral/share", "/referral/share#more"}
    assert (page.total, page.page_total, chosen(page.areas)) == (3, 2, ["referral"])


def test_an_audience_shows_its_sections_alone(results: ResultPages) -> None:
    page = results("juniper", "staff", audience="staff")

    assert urls(page) == {"/referral/share#staff-only-1", "/uasc/staff", "/desk"}
    assert (page.total, chosen(page.audiences)) == (3, ["staff"])


def test_an_area_and_an_audience_show_what_is_in_both(results: ResultPages) -> None:
    page = results("juniper", "staff", area="uasc", audience="staff")

    assert (urls(page), page.total) == ({"/uasc/staff"}, 1)


@pytest.mark.parametrize("groups", [(), ("staff",), ("staff", "leads")])
@pytest.mark.parametrize("typed", ["juniper", '"a juniper"', "junipr help"])
def test_every_count_is_what_choosing_gives(
    results: ResultPages, content_file: WriteFile, groups: tuple[str, ...], typed: str
) -> None:
    content_file("_data/pinned.yml", "- {searches: [juniper help, juniper], leads_to: /empty}\n")
    first = results(typed, *groups)
    assert first.areas

    for area in ("", *counts(first.areas)):
        for audience in ("", *counts(first.audiences)):
            page = results(typed, *groups, area=area, audience=audience)

            for choice in page.areas:
                assert results(typed, *groups, area=choice.value, audience=audience).total == choice.count
            for choice in page.audiences:
                assert results(typed, *groups, area=area, audience=choice.value).total == choice.count


def test_a_term_that_is_answered_counts_where_it_stands(results: ResultPages, write: Write) -> None:
    write("glossary/index", "## Juniper\n\nA shrub.\n", title="Glossary")

    page = results("what is a juniper")

    assert counts(page.areas)["glossary"] == results("what is a juniper", area="glossary").total == 1
    assert results("what is a juniper", area="referral").answers == ()
    assert counts(results("what is a juniper", area="referral").areas) == counts(page.areas)


def test_a_contact_that_is_answered_counts_where_it_stands(
    results: ResultPages, write: Write, content_file: WriteFile
) -> None:
    content_file("_data/contacts.yml", "desk: {name: Marigold desk, audience: open, origin: national, email: a@b.c}\n")
    write("contacts/index", "/// contact | desk\n///\n", title="Contacts")
    write("referral/many", "".join(f"## Part {n}\n\nRing the marigold desk.\n\n" for n in range(40)))

    first, chosen_area = results("ring marigold desk"), results("ring marigold desk", area="referral")

    assert counts(first.areas) == counts(chosen_area.areas) == {"referral": 40, "contacts": 1}
    assert [results("ring marigold desk", area=area).total for area in ("referral", "contacts")] == [40, 1]
    assert first.total == 41


def test_a_choice_that_would_show_nothing_is_not_offered_unless_it_is_chosen(results: ResultPages) -> None:
    assert "empty" not in counts(results("juniper").areas)

    page = results("juniper", area="empty")

    assert (page.total, page.groups, counts(page.areas)["empty"], chosen(page.areas)) == (0, (), 0, ["empty"])


@pytest.mark.parametrize("value", ["unknown", "desk", "*", "../", "x" * 5000, "\x00", "staff", "a b"])
def test_an_area_that_is_unknown_or_not_for_the_asker_leaves_none(results: ResultPages, value: str) -> None:
    page = results("juniper", area=value)

    assert (page.total, page.groups, page.answers) == (0, (), ())
    assert counts(page.areas) == counts(results("juniper").areas)
    assert page.audiences == ()


@pytest.mark.parametrize("value", ["unknown", "staff", "leads+staff", "", "open"])
def test_an_audience_that_is_unknown_or_not_the_askers_leaves_none(results: ResultPages, value: str) -> None:
    page = results("juniper", audience=value)

    assert page.total == (5 if value in {"", "open"} else 0)
    assert counts(page.audiences) == {"open": 5}
    assert counts(page.areas) == ({"referral": 3, "uasc": 1} if value in {"", "open"} else {})


def test_others_see_no_choice_and_no_count_of_what_staff_may_read(results: ResultPages) -> None:
    page = results("juniper")

    assert counts(page.areas) == {"referral": 3, "uasc": 1}
    assert counts(page.audiences) == {"open": 5}


def test_counts_go_past_what_is_shown(results: ResultPages, write: Write) -> None:
    write("uasc/many", "".join(f"## Part {n} {{#p{n}}}\n\nA juniper.\n\n" for n in range(150)))

    page = results("juniper", area="uasc")

    assert counts(page.areas)["uasc"] == page.total == 151
    assert page.is_cut
