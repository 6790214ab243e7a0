from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.expansions import Expansions
from knowledge_base.search.results import SectionResults

Write = Callable[..., Path]
Found = Callable[..., list[str]]
Search = Callable[..., SectionResults]
WriteFile = Callable[[str, str], None]

TERM = "## Unique record {#record}\n\n/// term\n    short: [UUCR]\n    also: [blue form]\n///\n\nWho a child is.\n"


@pytest.mark.parametrize("typed", ["s20", "S.20", "s 20", "section 20", "Section 20"])
def test_sections_of_an_act_are_found_however_they_are_written(found: Found, write: Write, typed: str) -> None:
    write("short", "Use s20 here.")
    write("dotted", "Use s.20 here.")
    write("long", "Use section 20 here.")
    write("other", "Use section 17 here, on day 20.")

    assert set(found(typed)[:3]) == {"/short", "/dotted", "/long"}


@pytest.mark.parametrize(("american", "british"), [("radicalization", "radicalisation"), ("behaviors", "behaviour")])
def test_american_and_british_spellings_find_each_other(
    found: Found, write: Write, american: str, british: str
) -> None:
    write("one", f"About {american}.")
    write("two", f"About {british}.")

    assert sorted(found(american)) == sorted(found(british)) == ["/one", "/two"]


def test_an_abbreviation_and_its_name_find_each_other(found: Found, write: Write) -> None:
    write("glossary/index", TERM)
    write("short", "Fill in the UUCR.")
    write("long", "Fill in the unique record.")

    assert {"/short", "/long"} <= set(found("uucr"))
    assert {"/short", "/long"} <= set(found("unique record"))
    assert "/long" in found("blue form")
    assert found("uucr")[0] != "/long"


def test_a_term_that_someone_may_not_read_expands_nothing(found: Found, write: Write) -> None:
    write("glossary/index", "Terms.")
    write("glossary/staff", TERM, audience="staff")
    write("long", "Fill in the unique record.")

    assert found("uucr") == found("blue form") == []
    assert "/long" in found("uucr", "staff")


def test_synonyms_find_one_way_or_both(found: Found, write: Write, content_file: WriteFile) -> None:
    content_file("_data/synonyms.yml", "- same: [cash, pocket money]\n- {words: [ran away], mean: [missing]}\n")
    write("cash", "The cash.")
    write("pocket", "The pocket money.")
    write("missing", "The missing.")
    write("away", "Somebody ran away.")

    assert sorted(found("cash")) == sorted(found("pocket money")) == ["/cash", "/pocket"]
    assert found("he ran away")[0] == "/away"
    assert "/missing" in found("he ran away")
    assert found("missing") == ["/missing"]


def test_a_synonym_of_staff_helps_staff_alone(found: Found, write: Write, content_file: WriteFile) -> None:
    content_file("_data/synonyms.yml", "- {words: [wintergreen], mean: [hub], audience: staff}\n")
    write("hub", "Tell the hub.")

    assert found("wintergreen") == []
    assert found("wintergreen", "staff") == ["/hub"]


def test_a_word_found_by_a_synonym_is_marked(search: Search, write: Write, content_file: WriteFile) -> None:
    content_file("_data/synonyms.yml", "- {words: [snitch], mean: [report]}\n")
    write("share", "Report it.")

    assert search("snitch").hits[0].snippet == "<mark>Report</mark> it."


def test_the_longest_match_counts_and_common_words_expand_nothing() -> None:
    expansions = Expansions([("leave to remain", "ilr"), ("leave", "go"), ("the", "x"), ("same", "same")])

    assert set(expansions.of(["leav", "to", "remain"])) == {"leav", "remain"}
    assert [form.stems for form in expansions.of(["leav", "to", "remain"])["leav"]] == [("ilr",)]
    assert expansions.of(["the", "same"]) == {}
