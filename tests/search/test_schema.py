from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.search.schema import BOOSTS, SCHEMA, documents_for, revision_of, section_url

Write = Callable[..., Path]
Look = Callable[[], Edition]


def documents_of(edition: Edition, url: str) -> list[Mapping[str, str]]:
    page = edition.pages[url]
    return list(documents_for(page, edition.document(page)))


def test_each_section_is_a_document(write: Write, look: Look) -> None:
    write(
        "referral/share", "Opening.\n\n## Send it {#send}\n\nTo the hub.\n", title="Share", keywords=["tell", "report"]
    )

    opening, section = documents_of(look(), "/referral/share")

    assert (opening["anchor"], opening["heading"], opening["body"]) == ("", "Share", "Opening.")
    assert (section["anchor"], section["heading"], section["body"]) == ("send", "Send it", "To the hub.")
    assert {one["area"] for one in (opening, section)} == {"referral"}
    assert section["keywords"].startswith("tell, report")


def test_a_page_that_starts_with_a_heading_has_an_opening_all_the_same(write: Write, look: Look) -> None:
    write("share", "## Send it\n\nTo the hub.\n", title="Share", summary="How to share.")

    opening, _ = documents_of(look(), "/share")

    assert (opening["anchor"], opening["heading"], opening["body"], opening["summary"]) == (
        "",
        "Share",
        "",
        "How to share.",
    )


def test_hidden_words_are_among_the_keywords_and_nowhere_else(write: Write, look: Look) -> None:
    write("myths", "## Prevent is for all {#all}\n\n/// myth\n\nIt spies on folk.\n\n///\n\nIt does not.\n")

    section = next(one for one in documents_of(look(), "/myths") if one["anchor"] == "all")

    assert "spies on folk" in section["keywords"]
    assert not any("spies" in text for field, text in section.items() if field != "keywords")


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


def test_every_field_that_orders_results_is_stored() -> None:
    assert all(SCHEMA[field].stored for field in BOOSTS)
