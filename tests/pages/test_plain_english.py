"""How plain a page's words are."""

import pytest

from knowledge_base.pages.plain_english import reading_grade, unexplained_abbreviations, wordings_to_mend

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
        ("Click here for the form", "say where a link leads"),
        ("See our FAQs", "questions and answers"),
        ("people vulnerable to radicalisation", "susceptible"),
        ("in order to help", "shorter word"),
        ("Read [more](/x)", "say where the link 'more' leads"),
    ],
)
def test_a_wording_to_avoid_is_named(line: str, advice: str) -> None:
    assert advice in " ".join(wordings_to_mend(line))


@pytest.mark.parametrize(
    "line", ['It said "vulnerable to radicalisation".', "[Share your concern](/x)", "vulnerable people"]
)
def test_an_ordinary_line_is_left_alone(line: str) -> None:
    assert list(wordings_to_mend(line)) == []


def test_abbreviations_that_nobody_explains_are_named_once() -> None:
    text = "The NTS and the NHS. The counter-terrorism local profile (CTLP), the CTLP. XYZ, XYZ and UASCs; see GOV.UK."

    assert unexplained_abbreviations(text, {"UASC"}) == ["NTS", "XYZ"]
