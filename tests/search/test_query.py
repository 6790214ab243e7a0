import pytest
from whoosh.query import Query

from knowledge_base.search.concepts import Form
from knowledge_base.search.expansions import Expansions
from knowledge_base.search.query import LONGEST_QUERY, clean, is_common, question_for


def terms_of(query: Query) -> set[tuple[str, str]]:
    return set(query.iter_all_terms(phrases=True))


def stems_asked(query: Query) -> set[str]:
    return {stem for _, stem in terms_of(query)}


def test_each_word_is_a_concept_in_the_order_typed_and_once() -> None:
    question = question_for("forms for the Form of a referral")

    assert [concept.forms[0].stems for concept in question.concepts] == [
        ("form",),
        ("for",),
        ("the",),
        ("of",),
        ("a",),
        ("referr",),
    ]


def test_all_words_are_needed_first_and_any_afterwards() -> None:
    question = question_for("mental health")

    assert str(question.all_words).count(" AND ") == 1
    assert " AND " not in str(question.any_word)
    assert stems_asked(question.all_words) == set(question.any_word) == {"mental", "health"}


def test_common_words_are_not_needed_where_there_are_others() -> None:
    question = question_for("who do I tell")

    assert [concept.forms[0].stems for concept in question.needed] == [("tell",)]
    assert stems_asked(question.all_words) == set(question.any_word) == {"tell"}


def test_common_words_alone_are_all_needed() -> None:
    question = question_for("what should I do")

    assert question.needed == question.concepts
    assert stems_asked(question.all_words) == {"what", "should", "i", "do"}


def test_common_words_weigh_least_and_words_that_ask_less_than_others() -> None:
    common, asking, telling = question_for("the somebody referral").concepts

    assert 0 < common.weight < asking.weight < telling.weight
    assert [is_common(concept) for concept in (common, asking, telling)] == [True, False, False]


def test_other_forms_of_a_word_find_too_and_count_for_less() -> None:
    question = question_for("kid", Expansions([("kid", "young person")]))

    (concept,) = question.concepts
    assert [form.stems for form in concept.forms] == [("kid",), ("young", "person")]
    assert concept.forms[1].worth < concept.forms[0].worth == 1
    assert stems_asked(question.all_words) == set(question.any_word) == {"kid", "young", "person"}


def test_of_another_form_all_words_are_needed_but_the_common_ones() -> None:
    question = question_for("ilr", Expansions([("ilr", "leave to remain")]))

    assert " AND " in str(question.all_words)
    assert stems_asked(question.all_words) == {"ilr", "leav", "remain"}
    assert question.concepts[0].forms[1].stems == ("leav", "to", "remain")


def test_a_word_that_is_part_of_two_forms_is_asked_for_once_at_its_best_worth() -> None:
    question = question_for("hub team", Expansions([("hub", "team")]))

    assert question.any_word == {"hub": 1, "team": 1}


def test_section_numbers_have_their_other_spellings_without_any_list() -> None:
    (concept,) = question_for("s20").concepts

    assert Form(("section", "20")) in concept.forms


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('"due regard"', (("due", "regard"),)),
        ('a "Due Regard" to "the Need"', (("due", "regard"), ("the", "need"))),
        ("“due regard”", (("due", "regard"),)),
        ("«due regard»", (("due", "regard"),)),
        ('"s.20"', (("s", "20"),)),
    ],
)
def test_quotation_marks_make_phrases(text: str, phrases: tuple[tuple[str, ...], ...]) -> None:
    assert question_for(clean(text)).phrases == phrases


@pytest.mark.parametrize("text", ['"due regard', 'due" regard', 'due regard""', '"" due regard', '"…" due regard', '"'])
def test_quotation_marks_around_no_words_make_no_phrase(text: str) -> None:
    assert question_for(clean(text)).phrases == ()


def test_the_words_of_a_phrase_are_words_of_the_question_too() -> None:
    assert stems_asked(question_for('"due regard"').all_words) == {"due", "regard"}


@pytest.mark.parametrize("text", ["", " ", '""', '"', "?!", "— … *", '"…"', "\U0001f600"])
def test_without_words_nothing_is_asked(text: str) -> None:
    question = question_for(clean(text))

    assert (question.concepts, question.phrases) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "audience:staff",
        "words:referral",
        "refer*",
        "r?ferral",
        "[a TO z]",
        "*:* a",
        "refer^99",
        '"due regard"~999',
        "a AND b",
        "NOT (x",
    ],
)
def test_there_is_no_query_language(text: str) -> None:
    question = question_for(clean(text))

    query = question.all_words
    assert {field for field, _ in terms_of(query)} == {"words"}
    assert all(type(leaf).__name__ == "Term" for leaf in query.leaves())
    assert all(stem.replace(".", "").isalnum() for stem in {*stems_asked(query), *question.any_word})


def test_a_cleaned_query_is_one_short_line_of_printable_characters() -> None:
    assert clean("  who\tdo\n I\x00tell \ud800\u202e ") == "who do I tell"
    assert clean("emoji \U0001f600 é") == "emoji \U0001f600 é"
    assert len(clean("word " * 2500)) <= LONGEST_QUERY
    assert clean("x" * 10_000) == "x" * LONGEST_QUERY


def test_typographic_quotation_marks_are_made_plain() -> None:
    assert clean("“due regard” „x” «y»") == '"due regard" "x" "y"'
