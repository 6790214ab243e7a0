"""How plain a page's words are."""

import pytest

from knowledge_base.pages.plain_english import (
    doubt_about_link,
    reading_grade,
    unexplained_abbreviations,
    wordings_to_mend,
)

PLAIN = "Ring the carer. Ask how the child is. Write down what you hear. Tell your manager today. " * 3
HARD = (
    "Notwithstanding the aforementioned considerations, multidisciplinary organisational collaboration necessitates "
    "comprehensive documentation of individualised safeguarding interventions and institutional responsibilities. "
) * 2


def test_plain_words_have_a_lower_grade_than_hard_ones() -> None:
    plain, hard = reading_grade(PLAIN), reading_grade(HARD)

    assert plain is not None
    assert hard is not None
    assert plain < 4
    assert hard > 20


def test_a_few_words_have_no_grade() -> None:
    assert reading_grade("Ring 999.") is None


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("Click here for the form", "say where the link leads"),
        ("See our FAQs", "questions and answers"),
        ("people vulnerable to radicalisation", "susceptible"),
        ("in order to help", "shorter word for 'in order to': say 'to'"),
    ],
)
def test_a_wording_to_avoid_is_named(line: str, advice: str) -> None:
    assert advice in " ".join(": ".join(said) for said in wordings_to_mend(line))


@pytest.mark.parametrize(
    "line", ['It said "vulnerable to radicalisation".', "[Share your concern](/x)", "vulnerable people"]
)
def test_an_ordinary_line_is_left_alone(line: str) -> None:
    assert list(wordings_to_mend(line)) == []


def test_abbreviations_that_nobody_explains_are_named_once() -> None:
    text = "The NTS and the NHS. The counter-terrorism local profile (CTLP), the CTLP. XYZ, XYZ and UASCs; see GOV.UK."

    assert unexplained_abbreviations(text, {"UASC"}) == ["NTS", "XYZ"]


@pytest.mark.parametrize("words", ["here", "Read more", "this page.", "https://www.gov.uk/x", "www.gov.uk", "More »"])
def test_words_that_do_not_say_where_a_link_leads_are_doubted(words: str) -> None:
    assert doubt_about_link(words)


@pytest.mark.parametrize(
    "words", ["GOV.UK", "What to do here", "More about Channel", "legislation.gov.uk", "Here to help"]
)
def test_words_that_say_where_a_link_leads_are_not(words: str) -> None:
    assert doubt_about_link(words) is None
