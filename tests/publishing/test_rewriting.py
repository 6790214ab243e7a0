import pytest

from knowledge_base.publishing.rewriting import Addresses, rewrite_data, rewrite_page

MOVED = Addresses({"/old": "/new/place", "/files/old/form.pdf": "/files/new/place/form.pdf"})
MERGED = Addresses({"/old": "/new"}, {"/new": frozenset({"kept"})})
GONE = Addresses({"/old": None})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("See [it](/old).", "See [it](/new/place)."),
        ("See [it](/old#part).", "See [it](/new/place#part)."),
        ('See [it](/old "A title").', 'See [it](/new/place "A title").'),
        ("See [it](</old>).", "See [it](</new/place>)."),
        ("See [it](/old?x=1#part).", "See [it](/new/place?x=1#part)."),
        ("[form](/files/old/form.pdf)", "[form](/files/new/place/form.pdf)"),
        ("![form](/files/old/form.pdf)", "![form](/files/new/place/form.pdf)"),
        ("[a](/old) and [b](/old)", "[a](/new/place) and [b](/new/place)"),
        ("See [it][1].\n\n[1]: /old#part\n", "See [it][1].\n\n[1]: /new/place#part\n"),
        ("1. See\n\n    [it](/old).\n", "1. See\n\n    [it](/new/place).\n"),
        ("[the `code` of it](/old)", "[the `code` of it](/new/place)"),
        ("See [it](/older) and [this](/old/page).", "See [it](/older) and [this](/old/page)."),
        ("See /old in words.", "See /old in words."),
        ("Type `[it](/old)` there.", "Type `[it](/old)` there."),
        ("```\n[it](/old)\n```\n", "```\n[it](/old)\n```\n"),
        ("Words.\n\n    [it](/old)\n\nWords.\n", "Words.\n\n    [it](/old)\n\nWords.\n"),
    ],
)
def test_links_lead_to_the_new_address_and_nothing_else_changes(before: str, after: str) -> None:
    page = "---\ntitle: A page about [it](/old)\nsuperseded_by: {}\n---\n\n{}"

    assert rewrite_page(page.format("/old#x", before), MOVED) == page.format("/new/place#x", after)


def test_an_anchor_that_is_not_in_the_page_merged_into_is_left_out() -> None:
    text = "[a](/old#kept), [b](/old#lost), [c](/old)"

    assert rewrite_page(text, MERGED) == "[a](/new#kept), [b](/new), [c](/new)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("See [how to *share*](/old#x) now.", "See how to *share* now."),
        ("See [a [note] on it](/old) now.", "See a [note] on it now."),
        ("Type `[it](/old)` and [it](/new).", "Type `[it](/old)` and [it](/new)."),
    ],
)
def test_a_link_that_leads_nowhere_becomes_its_words(before: str, after: str) -> None:
    assert rewrite_page(before, GONE) == after


def test_addresses_in_data_keep_their_comments_and_order() -> None:
    text = "# About /old\n- searches: [/old]\n  leads_to: /old#x  # there\n- leads_to: '/older'\n"

    assert rewrite_data(text, "leads_to", MOVED) == text.replace("leads_to: /old#x", "leads_to: /new/place#x")
