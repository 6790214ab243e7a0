import pytest

from knowledge_base.search.words import COMMON, fold, spans_of, stem_of, stems_of, words_of


@pytest.mark.parametrize(
    ("word", "folded"),
    [("Child's", "child"), ("child’s", "child"), ("don’t", "dont"), ("CAFÉ", "cafe"), ("ﬁle", "file"), ("s47", "s47")],
)
def test_a_word_is_folded_to_what_people_type(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_numbers_keep_their_point_and_stay_single_digits() -> None:
    assert list(words_of("£67.20 for section 4, or 1.5")) == ["67.20", "for", "section", "4", "or", "1.5"]


@pytest.mark.parametrize("number", ["1500", "1,500", "£1,500"])
def test_a_large_number_may_have_a_comma(number: str) -> None:
    assert list(words_of(number)) == ["1500"]


def test_the_commas_of_a_list_are_no_thousands() -> None:
    assert list(words_of("16,17 or 1,2345")) == ["16,17", "or", "1,2345"]


def test_punctuation_and_underscores_stand_between_words() -> None:
    assert list(words_of("A&E, gov.uk/e-mail_me — 25+")) == ["a", "e", "gov", "uk", "e", "mail", "me", "25"]


def test_forms_of_a_word_share_their_stem() -> None:
    assert {stem_of(word) for word in ("referral", "referrals", "refer", "referring")} == {
        "referr",
        "refer",
    }
    assert stem_of("radicalisation") == stem_of("radicalised")


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("behaviors", "behaviours"),
        ("counselor", "counsellor"),
        ("organizations", "organisations"),
        ("practise", "practice"),
        ("radicalizing", "radicalising"),
    ],
)
def test_american_and_british_spellings_share_their_stem(american: str, british: str) -> None:
    assert stem_of(american) == stem_of(british)


@pytest.mark.parametrize("word", ["size", "prize", "sizes"])
def test_words_that_only_end_like_american_ones_are_left_alone(word: str) -> None:
    assert "s" not in stem_of(word)[2:]


def test_common_words_have_stems_as_others_do() -> None:
    assert list(stems_of("Who do I tell about children?")) == ["who", "do", "i", "tell", "about", "children"]


def test_each_word_comes_with_its_place_in_the_text() -> None:
    text = "A “Child’s” file"

    assert [text[start:end] for start, end in spans_of(text)] == ["A", "Child’s", "file"]


def test_common_words_are_folded_already() -> None:
    assert {fold(word) for word in COMMON} == COMMON
