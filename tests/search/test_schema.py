from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.search.schema import SCHEMA, area_of, documents_for, revision_of, section_url

Write = Callable[..., Path]
Look = Callable[[], Edition]
Documents = Callable[[str], list[Mapping[str, Any]]]


@pytest.fixture
def documents(look: Look) -> Documents:
    """Return what the index would keep of a page."""

    def of(url: str) -> list[Mapping[str, Any]]:
        edition = look()
        page = edition.pages[url]
        return list(documents_for(page, edition.document(page)))

    return of


def words(document: Mapping[str, Any]) -> Counter[str]:
    return Counter(document["words"].split())


def test_each_section_is_a_document(write: Write, documents: Documents) -> None:
    write("referral/index")
    write("referral/share", "Opening.\n\n## Send it {#send}\n\nTo the hub.\n", title="Share")

    opening, section = documents("/referral/share")

    assert (opening["anchor"], opening["heading"], opening["body"]) == ("", "Share", "Opening.")
    assert (section["anchor"], section["heading"], section["body"]) == ("send", "Send it", "To the hub.")
    assert {one["area"] for one in (opening, section)} == {"referral"}


def test_a_document_holds_nothing_that_the_index_has_no_field_for(write: Write, documents: Documents) -> None:
    write("share", "Opening.\n\n## Send it {#send}\n\nTo the hub.\n")

    assert all(set(document) <= set(SCHEMA.names()) for document in documents("/share"))


def test_a_page_that_starts_with_a_heading_has_an_opening_all_the_same(write: Write, documents: Documents) -> None:
    write("share", "## Send it\n\nTo the hub.\n", title="Share", summary="How to share.")

    opening, _ = documents("/share")

    assert (opening["anchor"], opening["heading"], opening["body"], opening["summary"]) == (
        "",
        "Share",
        "",
        "How to share.",
    )


def test_one_field_holds_the_stems_of_all_that_finds_a_section(write: Write, documents: Documents) -> None:
    body = (
        "## Sending forms {#send}\n\nReferrals go to hubs.\n\n"
        "/// asked\nHow are worries passed on?\n///\n\n/// myth\n\nSpies spy.\n\n///\n"
    )
    write("share", body, title="Sharing concerns", keywords=["snitching"])

    section = documents("/share")[1]

    assert set(words(section)) >= {
        "share",
        "concern",
        "send",
        "form",
        "referr",
        "hub",
        "worri",
        "pass",
        "snitch",
        "spi",
    }
    assert not {"sharing", "forms", "hubs"} & set(words(section))


def test_common_words_of_running_text_find_nothing(write: Write, documents: Documents) -> None:
    write("share", "Who do I tell?", title="Sharing")

    assert set(words(documents("/share")[0])) == {"share", "tell"}


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({"title": "Who do I tell"}, "Text."),
        ({"keywords": ["who do I tell"]}, "Text."),
        ({}, "/// asked\nwho do I tell\n///\n\nText."),
        ({}, "/// myth\n\nWho do I tell?\n\n///\n\nText."),
    ],
)
def test_common_words_find_a_section_by_its_title_keywords_and_questions(
    write: Write, documents: Documents, header: dict[str, Any], body: str
) -> None:
    write("share", body, **header)

    assert {"who", "do", "i", "tell"} <= set(words(documents("/share")[0]))


def test_common_words_find_a_section_by_its_heading(write: Write, documents: Documents) -> None:
    write("share", "Text.\n\n## Who do I tell? {#tell}\n\nText.\n")

    opening, section = documents("/share")

    assert "who" in words(section)
    assert "who" not in words(opening)


def test_a_word_of_a_heading_counts_more_than_one_of_the_text(write: Write, documents: Documents) -> None:
    write("share", "Text.\n\n## Consent {#it}\n\nThe hub.\n")

    counts = words(documents("/share")[1])

    assert counts["consent"] > counts["hub"]


def test_hidden_words_and_questions_are_found_and_kept_out_of_what_is_shown(write: Write, documents: Documents) -> None:
    body = "## For all {#all}\n\n/// myth\n\nIt spies.\n\n///\n\nNo.\n\n/// asked\nis it snooping\n///\n"
    write("myths", body)

    section = next(one for one in documents("/myths") if one["anchor"] == "all")

    assert {"spi", "snoop"} <= set(words(section))
    for field in ("title", "heading", "body", "summary"):
        assert "spies" not in section[field]
        assert "snooping" not in section[field]


def test_a_correction_may_offer_what_readers_ask_and_not_what_a_myth_says(write: Write, documents: Documents) -> None:
    body = "## All {#all}\n\n/// myth\n\nIt spies.\n\n///\n\nNo.\n\n/// asked\nis it snooping\n///\n"
    write("myths", body)

    section = next(one for one in documents("/myths") if one["anchor"] == "all")

    assert "snooping" in section["spellings"].split()
    assert "spies" not in section["spellings"].split()


def test_spellings_are_the_words_that_readers_see_as_they_are_written(write: Write, documents: Documents) -> None:
    write("share", "Referrals, referrals to hubs.", title="Sharing", keywords=["runaways"], summary="Unseen.")

    assert documents("/share")[0]["spellings"].split() == ["sharing", "referrals", "to", "hubs", "runaways"]


def test_steps_are_kept_with_the_day_by_which_they_must_be_done(write: Write, documents: Documents) -> None:
    write("visits", "/// steps\n\n1. Visit the child. {who: Social worker} {by: within 24 hours}\n2. Rest.\n\n///\n")

    assert documents("/visits")[0]["deadlines"] == (("Visit the child.", "within 24 hours"),)


def test_a_section_needs_what_its_page_needs_whatever_it_says_itself(write: Write, look: Look) -> None:
    write("share")
    edition = look()
    page = edition.pages["/share"]
    gated = replace(page, requirement=Requirement(frozenset({"leads"})))

    documents = list(documents_for(gated, edition.document(page)))

    assert [one["audience"] for one in documents] == ["leads"]


def test_what_nobody_may_read_is_not_open(write: Write, look: Look) -> None:
    write("share")
    edition = look()
    page = edition.pages["/share"]
    closed = replace(page, requirement=Requirement(frozenset({""})))

    assert {document["audience"] for document in documents_for(closed, edition.document(page))} == {""}


def test_a_staff_block_is_a_document_of_its_own_with_its_own_words(write: Write, documents: Documents) -> None:
    write("share", "Open.\n\n//// staff-only\n\nWintergreen.\n\n/// asked\nwhere is bergamot\n///\n\n////\n")

    open_part, gated = documents("/share")

    assert (open_part["audience"], gated["audience"]) == ("open", "staff")
    assert {"wintergreen", "bergamot"} <= set(words(gated))
    assert not {"wintergreen", "bergamot"} & set(words(open_part))
    assert "bergamot" not in str(open_part["asked"])


def test_a_revision_tells_pages_requirements_and_texts_apart(write: Write, look: Look) -> None:
    write("share")
    page = look().pages["/share"]
    others = [
        replace(page, url="/other"),
        replace(page, fingerprint="changed"),
        replace(page, requirement=Requirement(frozenset({"staff"}))),
        replace(page, requirement=Requirement(frozenset({""}))),
    ]

    assert len({revision_of(one) for one in (page, *others)}) == 5


def test_a_section_is_linked_by_its_anchor_and_an_opening_by_its_page() -> None:
    assert section_url({"page": "/share", "anchor": "send"}) == "/share#send"
    assert section_url({"page": "/share", "anchor": ""}) == "/share"


@pytest.mark.parametrize(("url", "area"), [("/", ""), ("/share", "share"), ("/referral/share", "referral")])
def test_an_area_is_the_first_part_of_an_address(url: str, area: str) -> None:
    assert area_of(url) == area
