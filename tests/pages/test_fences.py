"""Where blocks start and end: in doubt, nothing is served."""

import pytest

from knowledge_base.pages.fences import BlockError, split_by_audience


def stretches(body: str) -> list[tuple[str | None, str]]:
    return [(one.audience, one.markdown.strip()) for one in split_by_audience(body)]


def test_a_page_without_blocks_is_one_stretch() -> None:
    assert stretches("Words\n\nmore") == [(None, "Words\n\nmore")]


def test_a_staff_only_block_is_cut_out() -> None:
    assert stretches("before\n/// staff-only\nsecret\n///\nafter") == [
        (None, "before"),
        ("staff", "secret"),
        (None, "after"),
    ]


def test_a_stretch_knows_its_first_line() -> None:
    found = split_by_audience("before\n/// staff-only\nsecret\n///\nafter")

    assert [one.line for one in found] == [1, 3, 5]


def test_blocks_nest_with_fewer_slashes_inside() -> None:
    body = "//// staff-only\n/// warning\ncareful\n///\nsecret\n////\nafter"

    assert stretches(body) == [(None, ""), ("staff", "/// warning\ncareful\n///\nsecret"), (None, "after")]


def test_other_blocks_stay_in_their_stretch() -> None:
    body = "/// details | More\nwords\n///"

    assert stretches(body) == [(None, body)]


def test_block_marks_in_code_are_left_alone() -> None:
    body = "```\n/// anything\n```"

    assert stretches(body) == [(None, body)]


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("a\n\n/// staff-only\nsecret", 3, "does not end"),
        ("/// staffonly\nsecret\n///", 1, "is not a block"),
        ("/// Staff-only\nsecret\n///", 1, "is not a block"),
        ("///staff_only\nsecret\n///", 1, "is not a block"),
        ("/// wraning\ncareful\n///", 1, "is not a block"),
        # The first closing mark would end the outer block, and what follows would be open to everyone.
        ("/// staff-only\n/// warning\ncareful\n///\nsecret\n///", 2, "needs more slashes"),
        ("/// staff-only\nsecret\n////", 3, "ends no block"),
        ("words\n///", 2, "ends no block"),
        ("1. step\n\n    /// staff-only\n    secret\n    ///", 3, "left margin"),
        ("> /// staff-only\n> secret\n> ///", 1, "lines of its own"),
        ("- /// staff-only\n  secret\n  ///", 1, "lines of its own"),
        ("1. /// staff-only\n   secret\n   ///", 1, "lines of its own"),
        ("//// details | More\n/// staff-only\nsecret\n///\n////", 2, "left margin"),
        ("- /// inset\n  words\n  ///", 1, "lines of its own"),
        ("a\n: /// inset\nwords\n///", 2, "lines of its own"),
        ("1. step\n\n    /// inset\n    words\n///", 5, "as far from the left margin"),
        ("// staff-only\nsecret\n//", 1, "three slashes"),
        ("\\\\\\ staff-only\nsecret", 1, "three slashes"),
        ("::: staff-only\nsecret\n:::", 1, "three slashes"),
        ("### /// staff-only\nsecret", 1, "three slashes"),
        ("a. /// staff-only\nsecret", 1, "three slashes"),
        ("/// staff-only | leads\nsecret\n///", 1, "left margin"),
        ("/// staff-only\nsecret\n  ///", 3, "as far from the left margin"),
        ("```\n/// staff-only\nsecret\n///\n```", 2, "cannot stand in code"),
        ("/// staff-only\n```\ncode\n///", 2, "the code does not end"),
        ("```\ncode", 1, "the code does not end"),
    ],
)
def test_a_doubtful_block_is_refused(body: str, line: int, words: str) -> None:
    with pytest.raises(BlockError) as caught:
        split_by_audience(body)

    assert caught.value.line == line
    assert words in caught.value.message
