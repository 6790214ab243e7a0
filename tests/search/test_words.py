import pytest

from knowledge_base.search.words import COMMON, EVERY_WORD, TELLING_WORDS, fold, stem_of, words_of


@pytest.mark.parametrize(
    ("word", "folded"),
    [("Child's", "child"), ("child’s", "child"), ("don’t", "dont"), ("CAFÉ", "cafe"), ("ﬁle", "file"), ("s47", "s47")],
)
def test_a_word_is_folded_to_what_people_type(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_numbers_keep_their_point_and_stay_single_digits() -> None:
    assert list(words_of("£67.20 for section 4, or 1,500")) == ["67.20", "for", "section", "4", "or", "1,500"]


def test_punctuation_and_underscores_stand_between_words() -> None:
    assert list(words_of("A&E, gov.uk/e-mail_me — 25+")) == ["a", "e", "gov", "uk", "e", "mail", "me", "25"]


def test_forms_of_a_word_share_their_stem() -> None:
    assert {stem_of(word) for word in ("referral", "referrals", "refer", "referring")} == {
        "referr",
        "refer",
    }
    assert stem_of("radicalisation") == stem_of("radicalised")


def test_short_fields_keep_common_words_and_bodies_do_not() -> None:
    text = "Who do I tell about a child?"

    assert [token.text for token in EVERY_WORD(text)] == ["who", "do", "i", "tell", "about", "a", "child"]
    assert [token.text for token in TELLING_WORDS(text)] == ["tell", "child"]


def test_common_words_are_folded_already() -> None:
    assert {fold(word) for word in COMMON} == COMMON
