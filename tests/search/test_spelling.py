from collections import Counter
from string import ascii_lowercase

import pytest

from knowledge_base.search.spelling import Spelling, english_words


def correct(typed: str, *words: str, hidden: tuple[str, ...] = (), known: tuple[str, ...] = ()) -> str | None:
    """Correct with words that stand in documents as often as they are given, and others that may not be offered."""
    counts = Counter(words)
    spelling = Spelling(sorted({*words, *hidden}), count=lambda word: counts[word])
    return spelling.correct(typed, known=lambda word: word in counts or word in known)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("refferal", "referral"),
        ("referal", "referral"),
        ("referrral", "referral"),
        ("refarral", "referral"),
        ("refrerral", "referral"),
        ("referrla", "referral"),
        ("safegarding", "safeguarding"),
        ("radicalizaton", "radicalisation"),
        ("intrepretor", "interpreter"),
        ("xeferral", "referral"),
    ],
)
def test_one_slip_or_two_are_corrected(typed: str, meant: str) -> None:
    assert correct(typed, meant, "channel", "panel") == meant


@pytest.mark.parametrize(("typed", "meant"), [("hbu", "hub"), ("ofrm", "form"), ("fomr", "form"), ("chlid", "child")])
def test_letters_that_have_changed_places_are_one_slip(typed: str, meant: str) -> None:
    assert correct(typed, meant) == meant


@pytest.mark.parametrize("typed", ["zzzzzzzz", "tray", "x", "tr", "12345", "s47b", "", "?", "refxxxal"])
def test_what_is_like_nothing_or_too_short_is_not_corrected(typed: str) -> None:
    assert correct(typed, "referral", "try", "xy", "12346", "s47c", known=("tray",)) is None


def test_a_short_word_may_have_one_slip_and_a_long_one_two() -> None:
    assert correct("chidl", "child") == "child"
    assert correct("cihdl", "child") is None
    assert correct("cihldren", "children") == "children"
    assert correct("cihldrne", "children") == "children"
    assert correct("cihxdrne", "children") is None


def test_a_word_with_a_digit_is_no_correction() -> None:
    assert correct("forms", "form2", "form") == "form"


def test_known_words_are_left_alone() -> None:
    assert correct("the referral forms", "referral", "form", known=("the", "forms")) is None
    assert correct("the refferal forms", "referral", "form", known=("the", "forms")) == "the referral forms"


def test_an_unknown_word_that_is_like_nothing_stays_as_it_is() -> None:
    assert correct("zzzzzz Refferal!", "referral") == "zzzzzz referral"


def test_a_word_that_is_typed_twice_is_corrected_twice() -> None:
    assert correct("refferal or refferal", "referral", known=("or",)) == "referral or referral"


def test_the_commonest_of_several_words_is_offered() -> None:
    assert correct("formx", "forms", "forma", "forma") == "forma"


def test_of_equal_words_the_first_of_the_alphabet_is_offered() -> None:
    assert correct("formx", "formz", "forma") == "forma"


def test_one_slip_is_likelier_than_two() -> None:
    assert correct("channelz", "channels", "chancels", "chancels") == "channels"


def test_the_first_letter_is_rarely_wrong() -> None:
    assert correct("formx", "worms", "dorms", "dormx", "dormx", "forms") == "forms"


def test_no_more_than_five_words_are_corrected() -> None:
    words = ["alphabets", "brackets", "candles", "doctors", "elephants", "flowers"]
    typed = [word[:-2] + "xs" for word in words]

    assert correct(" ".join(typed), *words) == " ".join([*words[:5], typed[5]])


def test_a_word_that_was_split_is_joined() -> None:
    assert correct("safe guarding lead", "safe", "safeguarding", known=("lead",)) == "safeguarding lead"


def test_two_known_words_are_not_joined() -> None:
    assert correct("safe guarding", "safe", "safeguarding", known=("guarding",)) is None


def test_words_that_were_joined_are_split() -> None:
    assert correct("mentalhealth", "mental", "health") == "mental health"


def test_a_joined_word_is_split_where_both_parts_are_commonest() -> None:
    words = ["mentalh", "ealth", *["mental"] * 3, *["health"] * 3]

    assert correct("mentalhealth", *words) == "mental health"


def test_a_common_word_may_be_a_part() -> None:
    assert correct("whototell", "whoto", "tell") == "whoto tell"
    assert correct("tothehub", "thehub") == "to thehub"


def test_one_slip_is_likelier_than_joined_words_and_these_than_two_slips() -> None:
    assert correct("formsets", "formset", "form", "sets") == "formset"
    assert correct("formsets", "formzetz", "form", "sets") == "form sets"


def test_words_that_may_not_be_offered_are_neither_offered_nor_parts() -> None:
    assert correct("wintergren", "referral", hidden=("wintergreen",)) is None
    assert correct("wintergren", "wintergrain", hidden=("wintergreen",)) == "wintergrain"
    assert correct("mentalhealth", "mental", hidden=("health",)) is None


def test_words_that_may_not_be_offered_do_not_crowd_out_those_that_may() -> None:
    typed = "wintergreex"
    hidden = {f"{typed[:at]}{letter}{typed[at + 1 :]}" for at in range(len(typed)) for letter in ascii_lowercase}

    assert correct(typed, "wantergreexy", hidden=tuple(hidden - {typed})) == "wantergreexy"


def test_the_words_of_the_language_are_british_and_american() -> None:
    assert {"behaviour", "behavior", "guarding", "organise", "organize"} <= english_words()
    assert not {"refferal", "uucr", ""} & english_words()
