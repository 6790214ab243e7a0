"""Nothing that a person may not read leaves a trace in what that person's search gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from knowledge_base.pages.edition import Edition
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import SectionResults, find_pages
from knowledge_base.search.snapshot import Asker

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
Search = Callable[..., SectionResults]
Found = Callable[..., list[str]]

WITH_STAFF_BLOCK = """
Who to tell.

## Send the form {#send}

Send it to the council.

/// staff-only

Use the inbox called wintergreen.

///
"""


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("referral/index", WITH_STAFF_BLOCK, title="Share a concern", keywords=["who do I tell"])
    write("uasc/index", "About unaccompanied children.", title="Unaccompanied children")
    write("uasc/procedures/index", "For staff.", audience="staff", title="Procedures")
    write(
        "uasc/procedures/interpreters",
        "Ring Quicksilver Languages.",
        title="Interpreters",
        keywords=["translators"],
        summary="Marigold summary.",
    )
    write("leads", "Both groups: elderflower.", audience="leads")


@pytest.mark.parametrize(
    "typed", ["quicksilver", "interpreters", "translators", "marigold", "procedures", "wintergreen"]
)
def test_words_of_staff_pages_find_nothing_for_others(search: Search, typed: str) -> None:
    for groups in ((), ("members",), ("leads",)):
        results = search(typed, *groups)

        assert (results.total, results.hits, results.suggestion) == (0, (), None)


@pytest.mark.parametrize("typed", ["quicksilver", "interpreters", "translators", "wintergreen"])
def test_staff_find_them(search: Search, typed: str) -> None:
    assert search(typed, "staff").total > 0


def test_a_misspelt_staff_word_is_corrected_for_staff_only(search: Search) -> None:
    assert search("quicksilverr", "staff").suggestion == "quicksilver"
    assert search("quicksilverr").suggestion is None
    assert search("wintergren", "staff").suggestion == "wintergreen"
    assert search("wintergren").suggestion is None


def test_an_open_word_is_offered_where_a_staff_word_was_closer(search: Search, write: Write) -> None:
    write("notes", "The quicksalve.")

    assert search("quicksilve").suggestion == "quicksalve"


def test_titles_and_headings_are_suggested_to_those_who_may_read_them(
    anonymous: FlaskClient, staff: FlaskClient
) -> None:
    for_anonymous, for_staff = (browser.get("/api/suggest?q=inter").get_json() for browser in (anonymous, staff))

    assert for_anonymous["suggestions"] == []
    assert [one["url"] for one in for_staff["suggestions"]] == ["/uasc/procedures/interpreters"]


def test_a_staff_block_of_an_open_page_is_a_hit_of_its_own_for_staff(search: Search) -> None:
    hit = search("wintergreen", "staff").hits[0]

    assert hit.url == "/referral#staff-only-1"
    assert (hit.audience, hit.audience_tag, hit.page_url) == ("staff", "Staff", "/referral")


def test_an_open_page_with_a_staff_block_shows_others_only_the_rest(search: Search) -> None:
    results = search("send the form")

    assert [hit.url for hit in results.hits] == ["/referral#send"]
    assert not any("wintergreen" in hit.snippet for hit in results.hits)


def test_counts_say_only_what_the_asker_may_read(
    index: SearchIndex, look: Look, asker: MakeAsker, write: Write
) -> None:
    write("open-note", "A juniper.")
    write("staff-note", "A juniper, a juniper.", audience="staff")
    edition = look()

    for_anonymous = find_pages(index, "juniper", asker=asker(edition), number=1)
    for_staff = find_pages(index, "juniper", asker=asker(edition, "staff"), number=1)

    assert (for_anonymous.total, for_anonymous.page_total) == (1, 1)
    assert (for_staff.total, for_staff.page_total) == (2, 2)


def test_groups_of_one_audience_do_not_open_another(found: Found) -> None:
    assert found("elderflower", "leads") == ["/leads"]
    assert found("elderflower", "staff") == []


def test_who_may_read_nothing_at_all_finds_nothing(index: SearchIndex, look: Look) -> None:
    nobody = Asker(look(), lambda _requirement: False)

    for typed in ("concern", "conzern", "share a concern", '"share a concern"', "who do I tell"):
        results = find_pages(index, typed, asker=nobody, number=1)

        assert (results.total, results.groups, results.suggestion, results.answers) == (0, (), None, ())
        assert (results.areas, results.audiences) == ((), ())


def test_a_page_that_turns_from_open_to_staff_is_gone_at_once(found: Found, write: Write) -> None:
    write("notes", "A rosemary.")
    assert found("rosemary") == ["/notes"]

    write("notes", "A rosemary.", audience="staff")

    assert found("rosemary") == []
    assert found("rosemary", "staff") == ["/notes"]


def test_a_folder_that_turns_from_open_to_staff_takes_its_pages_along(found: Found, write: Write) -> None:
    write("area/index", "An area.")
    write("area/notes", "A rosemary.")
    assert found("rosemary") == ["/area/notes"]

    write("area/index", "An area.", audience="staff")

    assert found("rosemary") == []


def test_a_page_below_a_folder_that_nobody_may_read_is_found_by_nobody(found: Found, write: Write) -> None:
    write("area/index", "An area.")
    write("area/notes", "A rosemary.")
    assert found("rosemary") == ["/area/notes"]

    write("area/index", "An area.", audience="no-such-audience")

    assert found("rosemary") == []
    assert found("rosemary", "staff", "members", "leads") == []


def test_who_is_in_an_audience_is_asked_anew_each_time(found: Found, content: Any) -> None:  # noqa: ANN401
    assert found("quicksilver", "drivers") == []

    audiences = (
        'staff: {title: Staff, description: "", groups: [drivers]}\nleads: {title: L, description: "", groups: [x]}\n'
    )
    content.file("_data/audiences.yml", audiences)

    assert found("quicksilver", "drivers") == ["/uasc/procedures/interpreters"]
    assert found("quicksilver", "staff") == []


def test_readers_are_told_that_changed_pages_are_missing_for_now(
    index: SearchIndex, look: Look, asker: MakeAsker, write: Write, hold_lock: Callable[[], None]
) -> None:
    index.sync(look())
    hold_lock()
    write("notes", "A rosemary.", audience="staff")
    edition = look()

    def is_complete(*groups: str) -> bool:
        return find_pages(index, "rosemary", asker=asker(edition, *groups), number=1).is_complete

    assert is_complete()
    assert not is_complete("staff")


def test_while_the_index_cannot_be_brought_up_to_date_changed_pages_are_not_found(
    index: SearchIndex, look: Look, found: Found, write: Write, hold_lock: Callable[[], None]
) -> None:
    write("notes", "A rosemary.")
    write("other", "A rosemary too.")
    assert sorted(found("rosemary")) == ["/notes", "/other"]

    hold_lock()
    write("notes", "A rosemary.", audience="staff")

    assert not index.sync(look())
    assert found("rosemary") == ["/other"]
    assert found("rosemary", "staff") == ["/other"]


def test_a_word_that_only_staff_may_read_is_unknown_to_others_and_corrected(search: Search, write: Write) -> None:
    write("notes", "The quicksalver.")

    assert search("quicksilver").suggestion == "quicksalver"
    assert search("quicksilver", "staff").suggestion is None
