from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.search.evaluation import (
    LOOKED_AT,
    Half,
    Outcome,
    Question,
    QuestionsError,
    evaluate,
    load_questions,
    scores_of,
)
from knowledge_base.search.index import SearchIndex

Write = Callable[..., Path]
Look = Callable[[], Edition]
Ask = Callable[..., Outcome]


def question(text: str, url: str = "/share", also: tuple[str, ...] = (), audience: str = "open") -> Question:
    return Question(q=text, url=url, says="x", also=also, audience=audience)


def load(tmp_path: Path, text: str) -> tuple[Question, ...]:
    path = tmp_path / "questions.yml"
    path.write_text(text)
    return load_questions(path)


class TestLoading:
    def test_what_is_not_given_is_a_question_that_anyone_may_ask(self, tmp_path: Path) -> None:
        (one,) = load(tmp_path, "- {q: who do i tell, url: /share, says: the hub}")

        assert (one.kind, one.audience, one.also) == ("question", "open", ())

    def test_kind_audience_and_other_sections_are_read(self, tmp_path: Path) -> None:
        (one,) = load(tmp_path, "- {q: x, url: /a, says: y, kind: typo, audience: staff, also: [/b#c, /d]}")

        assert (one.kind, one.audience, one.also) == ("typo", "staff", ("/b#c", "/d"))

    @pytest.mark.parametrize(
        "text",
        [
            "- {q: x, url: /a}",
            "- {q: ' ', url: /a, says: y}",
            "- {q: x, url: /a, says: y, kin: typo}",
            "q: x",
            "words",
            "- [",
            "",
        ],
    )
    def test_a_file_that_is_not_such_a_list_is_an_error(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(QuestionsError, match="cannot be read as questions"):
            load(tmp_path, text)

    def test_a_file_that_is_missing_or_no_text_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "bytes.yml").write_bytes(b"\xff\xfe")

        for name in ("missing.yml", "bytes.yml"):
            with pytest.raises(QuestionsError, match=name):
                load_questions(tmp_path / name)


class TestHalves:
    def test_a_question_is_in_the_same_half_always(self) -> None:
        halves = {text: question(text).half for text in ("who do i tell", "what is nts", "s20", "the form")}

        assert halves == {
            "who do i tell": Half.TUNE,
            "what is nts": Half.TUNE,
            "s20": Half.REPORT,
            "the form": Half.TUNE,
        }

    def test_only_its_words_say_which(self) -> None:
        assert question("s20", url="/a").half == question("s20", url="/b", also=("/c",), audience="staff").half

    def test_of_many_questions_about_half_are_in_each(self) -> None:
        tuned = sum(question(f"question {number}").half is Half.TUNE for number in range(400))

        assert 160 < tuned < 240


class TestAsking:
    @pytest.fixture(autouse=True)
    def pages(self, write: Write) -> None:
        write("share", "Opening.\n\n## Hub {#hub}\n\nTell the hub.\n\n## Form {#form}\n\nThe form of the hub.\n")
        write("desk", "The wintergreen.", audience="staff")

    @pytest.fixture
    def ask(self, index: SearchIndex, look: Look) -> Ask:
        def ask(text: str, url: str, also: tuple[str, ...] = (), audience: str = "open") -> Outcome:
            (outcome,) = evaluate(index, look(), [question(text, url, also, audience)])
            return outcome

        return ask

    def test_the_place_of_the_section_and_of_its_page_are_told(self, ask: Ask) -> None:
        first, second = ask("hub", "/share#hub"), ask("hub", "/share#form")

        assert (first.place, first.place_of_page) == (1, 1)
        assert (second.place, second.place_of_page) == (2, 1)

    def test_a_section_that_answers_as_well_counts_as_the_answer(self, ask: Ask) -> None:
        assert ask("hub", "/share#form", also=("/gone", "/share#hub")).place == 1
        assert ask("hub", "/gone", also=("/desk",)).place is None

    def test_what_is_not_found_has_no_place(self, ask: Ask) -> None:
        outcome = ask("hub", "/desk")

        assert (outcome.place, outcome.place_of_page) == (None, None)

    def test_below_the_tenth_there_is_no_place(self, ask: Ask, write: Write) -> None:
        for number in range(LOOKED_AT):
            write(f"hub-{number}", "The hub.", title="Hub")

        assert ask("hub", "/share#form").place is None

    def test_a_question_is_asked_by_its_audience(self, ask: Ask) -> None:
        assert ask("wintergreen", "/desk", audience="staff").place == 1
        assert ask("wintergreen", "/desk").place is None
        assert ask("wintergreen", "/desk", audience="unknown").place is None

    def test_progress_is_told_after_each(self, index: SearchIndex, look: Look) -> None:
        told: list[tuple[int, int]] = []

        evaluate(index, look(), [question("hub"), question("form")], progress=lambda *both: told.append(both))

        assert told == [(1, 2), (2, 2)]


def test_scores_are_shares_of_the_questions() -> None:
    places = [1, 1, 2, 4, 10, None]

    scores = scores_of([Outcome(question("x"), place, 1 if place else None) for place in places])

    shares = (scores.first, scores.in_three, scores.in_ten, scores.page_first)
    assert scores.questions == 6
    assert [round(6 * share) for share in shares] == [2, 3, 5, 5]
    assert scores.reciprocal_rank == pytest.approx((1 + 1 + 1 / 2 + 1 / 4 + 1 / 10) / 6)
