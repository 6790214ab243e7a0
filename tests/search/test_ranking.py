from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from knowledge_base.search.concepts import FIELDS, Candidate, Concept, Form, weight_of
from knowledge_base.search.query import Question
from knowledge_base.search.ranking import Verdict, judge, prepare

Write = Callable[..., Path]
Found = Callable[..., list[str]]

FILLER = ["filler"] * 40


def candidate(*, asked: Sequence[str] = (), is_opening: bool = False, **fields: str) -> Candidate:
    return candidate_of(fields, asked=asked, is_opening=is_opening)


def candidate_of(fields: Mapping[str, str], *, asked: Sequence[str] = (), is_opening: bool = False) -> Candidate:
    stems: dict[str, str | Sequence[str]] = {**dict.fromkeys(FIELDS, ""), **fields, "asked": asked}
    stored = {"page": "/page", "anchor": "" if is_opening else "here", "stems": stems}
    return Candidate.of(stored)


def concept(*forms: str, weight: float = 1.0) -> Concept:
    """Make a concept of what was typed and other ways to say it, which are worth half."""
    typed, *others = (tuple(form.split()) for form in forms)
    return Concept((Form(typed), *(Form(other, 0.5) for other in others)), weight)


def verdict(
    one: Candidate, *asked: str | Concept, rarity: Mapping[str, float] | None = None, unknown: Sequence[str] = ()
) -> Verdict:
    concepts = [each if isinstance(each, Concept) else concept(each) for each in asked]
    known = {**(rarity or {}), **dict.fromkeys(unknown, 0.0)}
    return judge(one, prepare(Question(tuple(concepts)), lambda stem: known.get(stem, 1.0), weight_of_equals))


def weight_of_equals(asked: str) -> float:
    """Weigh a question of words that are all as rare."""
    return weight_of(asked, lambda _stem: 1.0)


def score(one: Candidate, *asked: str | Concept) -> float:
    return verdict(one, *asked).score


class TestJudgingASection:
    @pytest.mark.parametrize("field", FIELDS)
    def test_it_counts_by_each_of_its_fields(self, field: str) -> None:
        assert score(candidate_of({field: "consent"}), "consent") > 0

    def test_it_counts_by_a_question_that_its_author_gave_it(self) -> None:
        assert score(candidate(body="x", asked=("consent",)), "consent") > 0

    def test_it_has_no_points_for_other_words_or_for_none(self) -> None:
        assert score(candidate(title="x", body="consent"), "referral") == 0
        assert verdict(candidate(body="consent")) == Verdict(0.0, 0.0)

    def test_all_words_once_are_better_than_one_word_often(self) -> None:
        half, whole = candidate(body="mental mental mental"), candidate(body="mental x x x x x health")

        assert score(whole, "mental", "health") > score(half, "mental", "health")

    def test_all_words_in_the_text_are_better_than_one_word_there_and_in_the_keywords(self) -> None:
        half, whole = (
            candidate(body="mental", keywords="mental"),
            candidate(body=" ".join(["mental", *FILLER, "health"])),
        )

        assert score(whole, "mental", "health") > score(half, "mental", "health")

    def test_it_holds_the_share_of_what_was_asked_by_weight(self) -> None:
        section = candidate(body="mental")

        assert verdict(section, "mental", "health").holds == pytest.approx(0.5)
        assert verdict(section, "mental", concept("health", weight=0.5)).holds == pytest.approx(2 / 3)
        assert verdict(section, "mental").holds == 1

    def test_a_rare_word_counts_more_than_a_common_one(self) -> None:
        rarity = {"rare": 5.0, "usual": 0.5}
        rare, usual = candidate(body="rare"), candidate(body="usual")

        assert (
            verdict(rare, "rare", "usual", rarity=rarity).score > verdict(usual, "rare", "usual", rarity=rarity).score
        )

    def test_unknown_words_tell_nothing(self) -> None:
        section = candidate(body="consent")

        assert verdict(section, "consent", "zzz", unknown=["zzz"]) == verdict(section, "consent")
        assert verdict(section, "zzz", unknown=["zzz"]) == Verdict(0.0, 0.0)

    def test_an_unknown_word_is_as_telling_as_the_known_form_of_it(self) -> None:
        section = candidate(body="consent child")

        both = verdict(section, "consent", concept("kiddo", "child"), unknown=["kiddo"])

        assert both.holds == 1
        assert both.score > verdict(section, "consent").score

    def test_a_form_of_several_words_is_unknown_where_one_of_them_is(self) -> None:
        section = candidate(body="young")

        assert verdict(section, concept("kiddo", "young person"), unknown=["kiddo", "person"]) == Verdict(0.0, 0.0)

    def test_the_word_that_was_typed_counts_more_than_another_form_of_it(self) -> None:
        kid = concept("kid", "young person")

        typed, other = score(candidate(body="kid"), kid), score(candidate(body="young person"), kid)

        assert typed > other > 0
        assert score(candidate(body="young other person"), kid) == 0

    def test_a_word_that_stands_often_counts_more_but_not_without_end(self) -> None:
        once, often, very_often = (candidate(keywords=" ".join(["consent"] * times)) for times in (1, 3, 30))

        points = [score(one, "consent") for one in (once, often, very_often)]

        assert points[0] < points[1] < points[2] < 30 * points[0]

    def test_a_short_text_says_it_more_clearly_than_a_long_one(self) -> None:
        short, long = candidate(body="consent"), candidate(body=" ".join(["consent", *FILLER * 5]))

        assert score(short, "consent") > score(long, "consent")


class TestHeadings:
    def test_a_heading_that_says_just_what_was_asked_is_better_than_one_that_says_more(self) -> None:
        just, more = candidate(heading="consent"), candidate(heading="consent form for school club home")

        assert score(just, "consent") > score(more, "consent")

    def test_a_heading_with_all_that_was_asked_is_better_than_one_with_half(self) -> None:
        half, whole = candidate(heading="mental"), candidate(heading="mental health")

        assert score(whole, "mental", "health") > score(half, "mental", "health")

    def test_a_heading_may_say_it_in_another_form_for_less(self) -> None:
        kid = concept("kid", "child")

        assert score(candidate(heading="kid"), kid) > score(candidate(heading="child"), kid) > 0


class TestQuestionsOfAuthors:
    def test_the_question_that_was_asked_is_better_than_the_words_in_the_text(self) -> None:
        text = " ".join(["interpret", *FILLER, "come"])
        asked, said = candidate(asked=("interpret not come",), body="x"), candidate(body=text)

        assert score(asked, "interpret", "come") > score(said, "interpret", "come")

    def test_many_questions_count_a_little_more_than_one(self) -> None:
        one = candidate(asked=("interpret late",))
        many = candidate(asked=("interpret late", "interpret ill", "interpret rude"))

        assert (
            score(one, "interpret", "late") <= score(many, "interpret", "late") < 1.5 * score(one, "interpret", "late")
        )

    def test_a_question_that_asks_for_more_is_less_like(self) -> None:
        just, more = candidate(asked=("interpret late",)), candidate(asked=("interpret late court solicitor form",))

        assert score(just, "interpret", "late") > score(more, "interpret", "late")

    def test_a_question_may_say_it_in_another_form_for_less(self) -> None:
        kid = concept("kid", "young person", "minor")

        typed, other = candidate(asked=("kid late",)), candidate(asked=("young person late",))

        assert score(typed, kid, "late") > score(other, kid, "late") > score(candidate(asked=("late",)), kid, "late")


class TestWordsTogether:
    @pytest.mark.parametrize("field", ["title", "body"])
    def test_words_side_by_side_are_better_than_words_apart(self, field: str) -> None:
        together = candidate_of({field: "x x x mental health"})
        apart = candidate_of({field: "mental x x x health"})

        assert score(together, "mental", "health") > score(apart, "mental", "health")

    def test_words_as_they_were_typed_are_better_than_the_other_way_round(self) -> None:
        typed, reverse = candidate(body="mental health"), candidate(body="health mental")

        assert score(typed, "mental", "health") > score(reverse, "mental", "health")

    def test_words_the_other_way_round_are_further_apart_than_words_with_one_between(self) -> None:
        between, reverse = candidate(body="mental x health"), candidate(body="x health mental")

        assert score(between, "mental", "health") > score(reverse, "mental", "health")

    def test_the_closest_of_several_places_counts(self) -> None:
        once, twice = candidate(body="mental x x x health x"), candidate(body="mental x x x health x mental health")

        assert score(twice, "mental", "health") > score(once, "mental", "health")

    @pytest.mark.parametrize("gap", [0, 1, 3])
    def test_a_text_that_says_two_words_thousands_of_times_says_them_as_close(self, gap: int) -> None:
        between = ["x"] * gap
        said = ["mental", *between, "health", *FILLER]
        once, often = (candidate(title="x", body=" ".join(said * times)) for times in (1, 3000))

        def nearness(one: Candidate) -> float:
            apart = ("mental", concept("zzz"), "health")
            return score(one, "mental", "health") - score(one, *apart)

        assert nearness(often) == pytest.approx(nearness(once))

    def test_common_words_between_what_was_typed_do_not_keep_words_apart(self) -> None:
        section = candidate(body="share of concern")

        assert score(section, "share", concept("of", weight=0.2), "concern") > score(section, "share", "concern")


class TestOpenings:
    def test_a_section_comes_before_an_opening_that_says_as_much(self) -> None:
        section, opening = candidate(body="consent"), candidate(body="consent", is_opening=True)

        assert score(section, "consent") > score(opening, "consent")

    @pytest.mark.parametrize("field", ["title", "keywords"])
    def test_an_opening_loses_less_where_only_the_page_is_about_it(self, field: str) -> None:
        def lost(**fields: str) -> float:
            section, opening = (candidate(**fields, is_opening=is_it) for is_it in (False, True))
            return score(section, "consent") - score(opening, "consent")

        assert lost(**{field: "consent"}) < lost(**{field: "consent", "body": "consent"})

    def test_common_words_in_the_text_do_not_make_it_about_them(self) -> None:
        asked = (concept("who", weight=0.2), concept("consent"))

        def lost(body: str) -> float:
            section, opening = (candidate(title="consent", body=body, is_opening=one) for one in (False, True))
            return score(section, *asked) - score(opening, *asked)

        assert lost("who") == pytest.approx(lost("x")) != pytest.approx(lost("consent"))


class TestOrderOfResults:
    def test_words_that_stand_together_come_first(self, found: Found, write: Write) -> None:
        write("apart", "Mental arithmetic is one thing that is taught at school and health is another one.")
        write("together", "One thing that is taught at school is how to look after mental health, another one.")

        assert found("mental health") == ["/together", "/apart"]

    def test_a_heading_that_says_just_what_was_asked_comes_first(self, found: Found, write: Write) -> None:
        body = (
            "## Consent forms for schools, clubs and homes {#forms}\n\nConsent.\n\n## Consent {#consent}\n\nConsent.\n"
        )
        write("page", body, title="A page")

        assert found("consent")[0] == "/page#consent"

    def test_a_section_whose_author_gave_it_the_question_comes_first(self, found: Found, write: Write) -> None:
        body = "## Plan {#plan}\n\nA colleague can help.\n\n/// asked\nwhat if the interpreter does not come\n///\n"
        write("steps", body, title="Steps")
        write("come", "The interpreter says: come in, or do not come in.", title="Notes")

        assert found("interpreter doesn't come")[0] == "/steps#plan"

    def test_an_opening_comes_first_where_only_the_page_is_about_it(self, found: Found, write: Write) -> None:
        write("page", "Opening.\n\n## Part\n\nOther.\n", keywords=["runaways"])

        assert found("runaways") == ["/page", "/page#part"]

    def test_words_that_ask_count_less_than_words_that_tell(self, found: Found, write: Write) -> None:
        write("asking", "Somebody does need much, and then something else.")
        write("telling", "The allowance is paid on Monday.")

        assert found("how much allowance")[0] == "/telling"

    def test_a_title_counts_more_than_a_text(self, found: Found, write: Write) -> None:
        write("one", "Some words about consent and other things.", title="First page")
        write("three", "Some words about other things and more.", title="Consent")

        assert found("consent") == ["/three", "/one"]
