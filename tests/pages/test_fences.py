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


def test_what_readers_ask_is_cut_out() -> None:
    (found,) = split_by_audience("before\n\n/// asked\nwho do  I tell\n\n1. b&b *x* {{ y }}\n///\n\nafter")

    assert found.markdown == "before\n\n\n\n\n\n\n\nafter"
    assert [(one.line, one.questions) for one in found.asked] == [(2, ("who do I tell", "1. b&b *x* {{ y }}"))]


def test_what_is_asked_in_a_staff_only_block_stays_in_it() -> None:
    before, inner, after = split_by_audience("//// staff-only\nsecret\n\n/// asked\nsecret question\n///\n////\n")

    assert [one.questions for one in inner.asked] == [("secret question",)]
    assert before.asked == after.asked == ()


def test_a_page_has_a_bounded_number_of_staff_only_blocks() -> None:
    with pytest.raises(BlockError, match="staff-only blocks"):
        split_by_audience("/// staff-only\nx\n///\n" * 300)


@pytest.mark.parametrize("options", ["short: [CP]", "also: board", "link: never", "see: [a, b]\n    short: ['NO']"])
def test_a_term_has_options(options: str) -> None:
    body = f"/// term\n    {options}\n///"

    assert stretches(body) == [(None, body)]


@pytest.mark.parametrize(
    ("block", "options", "line", "words"),
    [
        ("inset", "attrs: {class: x}", 2, "has no options"),
        ("warning", "attrs: {id: x}", 2, "has no options"),
        ("details | x", "open: true", 2, "has no options"),
        ("term", "attrs: {class: x, id: y}", 2, "'attrs' is not an option"),
        ("term", "short: [CP]\n    attrs: {class: x}", 3, "'attrs' is not an option"),
        ("term", "\tattrs: {class: x}", 2, "'attrs' is not an option"),
        ("term", "short: ['']", 2, "none of them empty"),
        ("term", "short: ' '", 2, "none of them empty"),
        ("term", "short:", 2, "none of them empty"),
        ("term", "also: [a, ~]", 2, "none of them empty"),
        ("term", "see: [[a]]", 2, "none of them empty"),
        ("term", "short: [NO]", 2, "quote it"),
        ("term", "link: maybe", 2, "must be exact or never"),
        ("term", "short: [a]\n    short: [b]", 3, "'short' stands twice"),
        ("term", "short: &a [b]", 2, "references"),
        ("term", "- a", 2, "'key: value'"),
    ],
)
def test_options_that_a_block_does_not_have_are_refused(block: str, options: str, line: int, words: str) -> None:
    with pytest.raises(BlockError) as caught:
        split_by_audience(f"/// {block}\n    {options}\n\nwords\n///")

    assert caught.value.line == line
    assert words in caught.value.message


def test_options_of_a_block_in_a_list_are_refused_too() -> None:
    with pytest.raises(BlockError, match="has no options"):
        split_by_audience("1. step\n\n     /// inset\n        attrs: {class: x}\n     x\n     ///")


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
        ("//// inset\n/// asked\nq\n///\n////", 2, "outside other blocks"),
        ("///// staff-only\n//// inset\n/// asked\nq\n///\n////\n/////", 3, "outside other blocks"),
        ("1. step\n\n    /// asked\n    q\n    ///", 3, "left margin"),
        ("/// asked | x\nq\n///", 1, "no words after it"),
        ("- /// asked\n  q\n  ///", 1, "lines of its own"),
        ("/// asked\nq", 1, "does not end"),
        ("/// asked\nq\n  ///", 1 + 2, "as far from the left margin"),
        ("//// asked\n/// staff-only\nsecret\n///\n////", 2, "no other block"),
        ("//// asked\n// staff-only\n////", 2, "no other block"),
        ("/// details\nx\n///", 1, "'details' needs words after it"),
        ("/// contact |\n///", 1, "'contact' needs words after it"),
        ("/// warning | x\nx\n///", 1, "'warning' takes no words after it"),
        ("```\ncode", 1, "the code does not end"),
    ],
)
def test_a_doubtful_block_is_refused(body: str, line: int, words: str) -> None:
    with pytest.raises(BlockError) as caught:
        split_by_audience(body)

    assert caught.value.line == line
    assert words in caught.value.message
