import pytest

from knowledge_base.comparison.source import Line, compare_source
from knowledge_base.comparison.steps import Mark


def told(before: str, after: str) -> list[list[str]]:
    return [[told_of(line) for line in passage] for passage in compare_source(before, after)]


def told_of(line: Line) -> str:
    sign = {Mark.SAME: " ", Mark.REMOVED: "-", Mark.ADDED: "+"}
    return sign[line.mark] + "".join(
        piece.text if piece.mark is Mark.SAME else f"[{piece.text}]" for piece in line.pieces
    )


def test_equal_texts_do_not_differ() -> None:
    assert compare_source("One.\nTwo.\n", "One.\nTwo.\n") == ()


def test_the_words_that_changed_are_marked_within_their_lines() -> None:
    assert told("Call the team.\nBefore noon.\n", "Call the duty team.\nBefore noon.\n") == [
        ["-Call the team.", "+Call the [duty ]team.", " Before noon."]
    ]


def test_lines_with_little_in_common_are_marked_whole() -> None:
    assert told("Call the team.\n", "Nothing of this stays here\n") == [
        ["-[Call the team.]", "+[Nothing of this stays here]"]
    ]


def test_far_apart_changes_are_passages_with_three_lines_around_and_their_numbers() -> None:
    before = [f"Line {number}." for number in range(30)]
    after = [*before[:5], "New.", *before[5:25], *before[26:]]

    first, second = compare_source("\n".join(before), "\n".join(after))

    assert [(line.before, line.after) for line in first] == [(3, 3), (4, 4), (5, 5), (None, 6), (6, 7), (7, 8), (8, 9)]
    assert [line.mark for line in second].count(Mark.REMOVED) == 1
    assert second[3].before == 26


def test_texts_too_long_to_compare_are_one_step() -> None:
    before = "\n".join(f"a{number}" for number in range(2_100))
    after = "\n".join(f"b{number}" for number in range(2_100))

    (passage,) = compare_source(before, after)

    assert len(passage) == 4_200


@pytest.mark.parametrize(("times", "others"), [(900, 600), (10_000, 66)])
def test_texts_that_repeat_themselves_are_compared_without_looking_at_each_pair(times: int, others: int) -> None:
    before, after = ["start", *["a", "b"] * times], ["start", *["b", "a", "c"] * others]

    (passage,) = compare_source("\n".join(before), "\n".join(after))

    assert [line.pieces[0].text for line in passage if line.mark is not Mark.ADDED] == before
    assert [line.pieces[0].text for line in passage if line.mark is not Mark.REMOVED] == after


def test_an_empty_text_becomes_lines() -> None:
    assert told("", "One.\n") == [["+[One.]"]]
