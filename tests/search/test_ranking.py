from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.ranking import Candidate, Concept, Form, score

Write = Callable[..., Path]
Found = Callable[..., list[str]]


def candidate(**fields: str) -> Candidate:
    empty = {"title": "", "heading": "", "body": "", "keywords": "", "anchor": "part", "status": "current"}
    return Candidate.of({**empty, **fields})


def concepts(*stems: str) -> tuple[Concept, ...]:
    return tuple(Concept((Form((stem,)),)) for stem in stems)


def points(one: Candidate, *stems: str) -> float:
    return score(one, concepts(*stems), lambda _stem: 1.0)


def test_words_that_stand_together_come_first(found: Found, write: Write) -> None:
    write("apart", "Mental arithmetic is one thing that is taught at school and health is another one.")
    write("together", "One thing that is taught at school is how to look after mental health, another one.")

    assert found("mental health") == ["/together", "/apart"]


def test_a_heading_that_says_just_what_was_asked_comes_first(found: Found, write: Write) -> None:
    body = "## Consent forms for schools, clubs and homes {#forms}\n\nConsent.\n\n## Consent {#consent}\n\nConsent.\n"
    write("page", body, title="A page")

    assert found("consent")[0] == "/page#consent"


def test_a_superseded_page_comes_after_its_like(found: Found, write: Write) -> None:
    write("a-new", "Words about consent.", title="Words")
    write("b-old", "Words about consent.", title="Words", status="superseded", superseded_by="/a-new")

    assert found("consent") == ["/a-new", "/b-old"]


def test_an_opening_comes_first_where_only_the_page_is_about_it(found: Found, write: Write) -> None:
    write("page", "Opening.\n\n## Part\n\nOther.\n", keywords=["runaways"])

    assert found("runaways") == ["/page", "/page#part"]


def test_words_that_ask_count_less_than_words_that_tell(found: Found, write: Write) -> None:
    write("asking", "Somebody does need much, and then something else.")
    write("telling", "The allowance is paid on Monday.")

    assert found("how much allowance")[0] == "/telling"


def test_what_staff_alone_may_read_does_not_change_how_telling_a_word_is(found: Found, write: Write) -> None:
    write("one", "The marigold stands here.")
    write("two", "The juniper stands here.")
    write("three", "Another marigold stands there, in other words.")
    before = found("marigold juniper")

    for number in range(30):
        write(f"staff-{number}", "A juniper.", audience="staff")

    assert found("marigold juniper") == before


@pytest.mark.parametrize("field", ["title", "heading", "body", "keywords"])
def test_a_section_counts_by_each_of_its_fields(field: str) -> None:
    assert points(candidate(**{field: "consent"}), "consent") > 0


def test_the_more_of_the_words_the_better() -> None:
    half, whole = candidate(body="mental mental mental"), candidate(body="mental x x x x x health")

    assert points(whole, "mental", "health") > points(half, "mental", "health")


def test_without_words_there_are_no_points() -> None:
    assert points(candidate(body="consent")) == 0
