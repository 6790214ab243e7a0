"""The header as form fields: what was not changed stays as it was typed, comments and all."""

import pytest

from knowledge_base.editing.page_text import NoFieldsError, lines_of_keys, read_page_text, write_page_text
from knowledge_base.pages.front_matter import parse, split

TEXT = """---
# Checked with the panel.
title: Share your concern   # short
summary: "Who to tell: and how."
last_reviewed: 2026-11-01
sources:
  - safer-essex-2023#early
  # The older one.
  - other
# About words.
keywords: [who do I tell, "a, b"]
later: kept
---

## When

Now.
"""


def test_fields_show_what_the_header_says() -> None:
    page = read_page_text(TEXT)

    assert page.fields == {
        "title": "Share your concern",
        "summary": "Who to tell: and how.",
        "last_reviewed": "1/11/2026",
        "sources": "safer-essex-2023#early\nother",
        "keywords": "who do I tell\na, b",
    }
    assert page.body == "## When\n\nNow."
    assert TEXT.splitlines()[page.body_line - 1] == "## When"


def test_nothing_changes_where_no_field_did() -> None:
    page = read_page_text(TEXT)

    assert write_page_text(TEXT, fields=page.fields, body=page.body.replace("\n", "\r\n")) == TEXT


def test_a_changed_field_changes_its_own_value_only() -> None:
    page = read_page_text(TEXT)

    text = write_page_text(TEXT, fields={**page.fields, "title": "Tell: somebody"}, body=page.body)

    assert text == TEXT.replace("title: Share your concern   # short", 'title: "Tell: somebody"   # short')


def test_a_list_keeps_what_stands_below_it() -> None:
    text = write_page_text(TEXT, fields={"sources": "one\r\ntwo#a\r\n"}, body=read_page_text(TEXT).body)

    assert '\nsources: [one, "two#a"]\n# About words.\nkeywords:' in text


def test_an_emptied_field_goes_and_a_new_one_comes_after_those_before_it() -> None:
    text = write_page_text(
        TEXT,
        fields={"keywords": " ", "last_reviewed": "", "owner": "Prevent lead"},
        body=read_page_text(TEXT).body,
    )

    assert 'summary: "Who to tell: and how."\nowner: Prevent lead\nsources:' in text
    assert "keywords" not in text
    assert "# About words.\nlater: kept\n---" in text


@pytest.mark.parametrize("day", ["3 May 2027", "03/05/2027", "2027-05-03"])
def test_days_are_read_as_people_write_them(day: str) -> None:
    text = write_page_text(TEXT, fields={"review_by": day}, body="x")

    assert "\nreview_by: 2027-05-03\n" in text
    assert read_page_text(text).fields["review_by"] == "3/5/2027"


def test_what_is_no_day_is_kept_for_its_author_to_mend() -> None:
    text = write_page_text(TEXT, fields={"review_by": "soon: perhaps"}, body="x")

    assert read_page_text(text).fields["review_by"] == "soon: perhaps"


@pytest.mark.parametrize(
    "typed",
    [
        *("yes", "NO", "012", "~", "- a", "a: b", "a #b", "'", '"', "a\\b", "[x]", "{x}", "&a", "*a", "!t", "%a", "@a"),
        *("`a`", "null", "1e3", "trail:", "|", ">", "? a", "…", "£5", "a, b", "é", "---", "0x1F", "\u2028x", "a\x07b"),
    ],
)
def test_whatever_is_typed_comes_back_as_it_was(typed: str) -> None:
    text = write_page_text(TEXT, fields={"title": typed, "keywords": typed}, body="x")

    fields = read_page_text(text).fields
    tidy = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    assert fields["title"] == tidy
    assert fields["keywords"] == tidy
    header, _, _ = split(text.replace("later: kept\n", ""))
    assert parse(header, audiences=("open",)).title == tidy


def test_a_body_can_be_emptied_and_written_anew() -> None:
    empty = write_page_text(TEXT, fields={}, body="")

    assert empty.endswith("later: kept\n---\n")
    assert write_page_text(empty, fields={}, body="\n\nWords\n\n").endswith("---\n\nWords\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No header.",
        "---\ntitle: x\n",
        "---\n- a\n---\n",
        "---\ntitle: [a]\n---\n",
        "---\ntitle: a\ntitle: b\n---\n",
    ],
)
def test_a_text_that_fields_cannot_show_is_edited_as_a_whole(text: str) -> None:
    with pytest.raises(NoFieldsError):
        read_page_text(text)


def test_an_empty_header_takes_fields() -> None:
    text = write_page_text("---\n---\nBody\n", fields={"summary": "S", "title": "T"}, body="Body")

    assert text == "---\ntitle: T\nsummary: S\n---\nBody\n"


def test_keys_are_found_by_their_line() -> None:
    lines = lines_of_keys(TEXT)

    assert TEXT.splitlines()[lines["keywords"] - 1].startswith("keywords:")
    assert lines_of_keys("No header.") == lines_of_keys("---\n- a\n---\n") == {}


@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_a_changed_body_begins_where_the_old_one_did(between: str) -> None:
    text = write_page_text(f"---\ntitle: T\n---\n{between}Body\n", fields={}, body="Other body")

    assert text == f"---\ntitle: T\n---\n{between}Other body\n"
