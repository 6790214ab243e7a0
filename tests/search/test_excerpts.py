import re
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.search.results import SectionResults

Write = Callable[..., Path]
Search = Callable[..., SectionResults]
Snippet = Callable[[str], str]

FILLER = "filler " * 60


@pytest.fixture
def snippet(search: Search) -> Snippet:
    return lambda typed: str(search(typed).hits[0].snippet)


def test_text_is_escaped_and_only_the_marks_are_html(write: Write, snippet: Snippet) -> None:
    write("share", "Send `<script>alert(1)</script>` & the form to `<b>`.")

    text = snippet("form script")

    assert "&lt;<mark>script</mark>&gt;" in text
    assert "&amp; the <mark>form</mark>" in text
    assert set(re.findall(r"<[^>]*>", text)) == {"<mark>", "</mark>"}


def test_a_short_text_is_shown_whole(write: Write, snippet: Snippet) -> None:
    write("share", "Send the form at once.")

    assert snippet("form") == "Send the <mark>form</mark> at once."
    assert snippet("send once") == "<mark>Send</mark> the form at <mark>once</mark>."


def test_of_a_long_text_the_part_with_the_words_is_shown(write: Write, snippet: Snippet) -> None:
    write("share", f"{FILLER} send the form at once {FILLER}")

    text = snippet("form")

    assert text.startswith("… filler")
    assert text.endswith("filler …")
    assert "send the <mark>form</mark> at once" in text
    assert len(text) < 200


def test_words_far_apart_are_shown_in_two_parts(write: Write, snippet: Snippet) -> None:
    write("share", f"Start of it. Send the form. {FILLER} Keep the receipt. {FILLER}")

    text = snippet("form receipt")

    assert text.startswith("Start of it. Send the <mark>form</mark>.")
    assert "filler … filler" in text
    assert "Keep the <mark>receipt</mark>. " in text


def test_parts_that_overlap_become_one(write: Write, snippet: Snippet) -> None:
    between = "b " * 45
    write("share", f"{FILLER} form {between} receipt {FILLER}")

    text = snippet("form receipt")

    assert text.count("…") == 2
    assert text.count("b ") == 45


def test_a_very_long_word_next_to_a_match_is_left_out(write: Write, snippet: Snippet) -> None:
    write("share", f"{'x' * 100} form {'y' * 100}")

    assert snippet("form") == "… <mark>form</mark> …"


def test_a_section_found_by_its_heading_shows_its_start(write: Write, snippet: Snippet) -> None:
    write("share", f"Opening.\n\n## The receipt\n\nKeep <it> safe. {FILLER}")

    text = snippet("receipt")

    assert text.startswith("Keep &lt;it&gt; safe. filler")
    assert text.endswith("filler …")


def test_a_section_found_by_its_heading_shows_a_short_text_whole(write: Write, snippet: Snippet) -> None:
    write("share", "Opening.\n\n## The receipt\n\nKeep it safe.")

    assert snippet("receipt") == "Keep it safe."


def test_an_opening_without_text_shows_the_summary(write: Write, snippet: Snippet) -> None:
    write("share", "## Send it\n\nTo the hub.", title="Receipts", summary="What to keep & why.")

    assert snippet("receipts") == "What to keep &amp; why."
