import pytest

from knowledge_base.search.spelling import Vocabulary


def vocabulary(*words: str) -> Vocabulary:
    return Vocabulary(words)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("refferal", "referral"),
        ("referal", "referral"),
        ("referrral", "referral"),
        ("referrla", "referral"),
        ("safegarding", "safeguarding"),
        ("radicalizaton", "radicalisation"),
        ("intrepretor", "interpreter"),
        ("xeferral", "referral"),
    ],
)
def test_one_slip_or_two_are_corrected(typed: str, known: str) -> None:
    assert vocabulary(known, "channel", "panel").correct(typed) == known


@pytest.mark.parametrize("typed", ["zzzzzzzz", "tray", "x", "12345", "s47b", "", "?"])
def test_what_is_like_nothing_or_too_short_is_not_corrected(typed: str) -> None:
    assert vocabulary("referral", "try", "12346").correct(typed) is None


def test_known_words_are_left_alone() -> None:
    words = vocabulary("referral", "form")

    assert words.correct("the referral forms") is None
    assert words.correct("the refferal forms") == "the referral forms"


def test_an_unknown_word_that_is_like_nothing_stays_as_it_is() -> None:
    assert vocabulary("referral").correct("zzzzzz Refferal!") == "zzzzzz referral"


def test_the_commonest_of_several_words_is_offered() -> None:
    assert vocabulary("forms", "forma", "forma").correct("formx") == "forma"


def test_one_slip_is_more_likely_than_two() -> None:
    assert vocabulary("channels", "chancels", "chancels").correct("channelz") == "channels"


def test_no_more_than_five_words_are_corrected() -> None:
    words = ["alphabets", "brackets", "candles", "doctors", "elephants", "flowers"]
    typed = [word[:-2] + "xs" for word in words]

    assert vocabulary(*words).correct(" ".join(typed)) == " ".join([*words[:5], typed[5]])


def test_the_words_are_those_that_readers_see_and_the_keywords() -> None:
    documents = [
        {"title": "Sharing", "heading": "Concerns", "body": "Somewhere", "reader_words": "runaway", "summary": "Unseen"}
    ]

    words = Vocabulary.of(documents)

    assert [words.correct(typed) for typed in ("sharinng", "concernz", "somewhre", "runawey", "unsean")] == [
        "sharing",
        "concerns",
        "somewhere",
        "runaway",
        None,
    ]


def test_words_that_were_split_or_joined_are_mended() -> None:
    words = vocabulary("safe", "safeguarding", "mental", "health")

    assert words.correct("safe guarding lead") == "safeguarding lead"
    assert words.correct("mentalhealth") == "mental health"
    assert words.correct("guarding", known=lambda word: word == "guarding") is None
