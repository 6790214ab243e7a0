import pytest
from whoosh.query import NullQuery, Query

from knowledge_base.search.query import LONGEST_QUERY, clean, questions_for


def terms_of(query: Query) -> set[tuple[str, str]]:
    return set(query.iter_all_terms(phrases=True))


def test_a_word_is_looked_for_in_every_text_field() -> None:
    assert terms_of(questions_for("referrals").all_words) == {
        (field, "referr") for field in ("title", "heading", "body", "keywords")
    }


def test_all_words_are_needed_first_and_any_afterwards() -> None:
    questions = questions_for("mental health")

    assert str(questions.all_words).count(" AND ") == 1
    assert " AND " not in str(questions.any_word)


def test_common_words_only_help_to_order() -> None:
    question = questions_for("who do I tell").all_words

    assert "ANDMAYBE" in str(question)
    assert ("body", "who") not in terms_of(question)
    assert ("keywords", "who") in terms_of(question)


def test_common_words_alone_are_looked_for_in_titles_and_keywords() -> None:
    questions = questions_for("what should I do")

    assert {field for field, _ in terms_of(questions.all_words)} == {"title", "heading", "keywords"}
    assert "ANDMAYBE" not in str(questions.all_words)


def test_quotation_marks_make_a_phrase() -> None:
    assert 'body:"due regard"' in str(questions_for('"due regard"').all_words)


@pytest.mark.parametrize("text", ['"due regard', 'due" regard', '" due " regard', '""due regard'])
def test_stray_quotation_marks_are_dropped(text: str) -> None:
    assert terms_of(questions_for(text).all_words) >= {("body", "due"), ("body", "regard")}


@pytest.mark.parametrize("text", ["", " ", '""', "?!", "— … *", '"…"'])
def test_without_words_nothing_is_asked(text: str) -> None:
    questions = questions_for(clean(text))

    assert (questions.all_words, questions.any_word) == (NullQuery, NullQuery)


@pytest.mark.parametrize(
    "text",
    [
        "audience:staff",
        "title:referral",
        "refer*",
        "r?ferral",
        "[a TO z]",
        "*:*",
        "refer^99",
        '"due regard"~999',
        "a AND b",
        "(x",
    ],
)
def test_there_is_no_query_language(text: str) -> None:
    questions = questions_for(text)

    assert {field for field, _ in terms_of(questions.any_word)} <= {"title", "heading", "body", "keywords"}
    assert not any(mark in str(questions.any_word) for mark in ("*", "?", "[", "~"))


def test_a_cleaned_query_is_one_short_line_of_printable_characters() -> None:
    assert clean("  who\tdo\n I\x00tell \ud800\u202e ") == "who do I tell"
    assert clean("emoji \U0001f600 é") == "emoji \U0001f600 é"
    assert len(clean("word " * 2500)) <= LONGEST_QUERY
    assert clean("x" * 10_000) == "x" * LONGEST_QUERY
