from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from knowledge_base.search import commands
from knowledge_base.search.evaluation import Half, load_questions
from knowledge_base.search.generations import Generations
from knowledge_base.search.index import SearchIndex

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("referral/index", "Ask the hub.", title="Concerns", keywords=["who do I tell"])
    write("interpreters", "Ring Quicksilver.", audience="staff")


@pytest.fixture
def run(app: Flask) -> Callable[..., tuple[int, str]]:
    """Run a command and return its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["search", *arguments])
        return result.exit_code, result.output

    return run


Run = Callable[..., tuple[int, str]]


def test_rebuild_makes_a_new_generation(run: Run, index_folder: Path) -> None:
    assert run("rebuild") == (0, "Built the search index: 2 pages.\n")
    before = Generations(index_folder).current()

    run("rebuild")

    assert before
    assert Generations(index_folder).current() not in {None, before}


def test_rebuild_shows_its_progress_to_a_person(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_is_watched", lambda: True)

    _, output = run("rebuild")

    assert output == "\rIndexing page 1 of 2\rIndexing page 2 of 2\nBuilt the search index: 2 pages.\n"


def test_an_interrupted_rebuild_says_what_holds_now(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SearchIndex, "rebuild", interrupt)

    assert run("rebuild") == (1, "Error: Stopped. Searches go on with the index there was.\n")


def test_a_rebuild_that_cannot_be_done_says_why(run: Run, index_folder: Path) -> None:
    index_folder.write_text("in the way")

    code, output = run("rebuild")

    assert code == 1
    assert output.startswith("Error: The search index cannot be written")


def test_query_prints_place_address_and_heading(run: Run) -> None:
    assert run("query", "who", "do", "i", "tell") == (0, "1\t/referral\tConcerns\n")


def test_query_searches_as_the_groups_it_is_given(run: Run) -> None:
    assert run("query", "quicksilver") == (0, "Nothing found.\n")
    assert run("query", "quicksilver", "--as-group", "staff") == (0, "1\t/interpreters\tInterpreters\n")


def test_query_offers_a_correction(run: Run) -> None:
    code, output = run("query", "koncerns")

    assert code == 0
    assert output.startswith("Showing results for: concerns\n1\t/referral")


def test_query_without_an_index_says_why(run: Run, index_folder: Path) -> None:
    index_folder.write_text("in the way")

    code, output = run("query", "hub")

    assert code == 1
    assert output.startswith("Error: The search index cannot be written")


def test_a_start_brings_the_index_up_to_date(app: Flask, index_folder: Path) -> None:
    with app.app_context():
        commands.bring_up_to_date()

    assert Generations(index_folder).current()


def test_a_start_that_cannot_do_so_says_so(app: Flask, index_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index_folder.write_text("in the way")

    with app.app_context():
        commands.bring_up_to_date()

    assert "could not be brought up to date" in capsys.readouterr().err


QUESTIONS = """
- {q: who do i tell, url: /referral, says: Ask the hub, kind: lay}
- {q: quicksilver, url: /interpreters, says: Ring Quicksilver, audience: staff}
- {q: quicksilver, url: /interpreters, says: Ring Quicksilver}
"""


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.yml"
    path.write_text(QUESTIONS)
    return path


def rows(output: str) -> dict[str, list[str]]:
    """Return the figures of each row by the row's name."""
    return {words[0]: words[1:] for line in output.splitlines() if (words := line.split())}


def test_evaluate_says_how_often_the_answer_comes_first_by_kind(run: Run, questions: Path) -> None:
    code, output = run("evaluate", str(questions))

    assert code == 0
    assert rows(output) == {
        "asked": ["first", "in", "3", "in", "10", "MRR", "page", "first"],
        "lay": ["1", "100.0%", "100.0%", "100.0%", "1.000", "100.0%"],
        "question": ["2", "50.0%", "50.0%", "50.0%", "0.500", "50.0%"],
        "all": ["3", "66.7%", "66.7%", "66.7%", "0.667", "66.7%"],
    }


def test_evaluate_prints_the_misses_when_told_to(run: Run, questions: Path) -> None:
    assert "-\tquicksilver\t/interpreters\n" in run("evaluate", str(questions), "--misses")[1]
    assert "\t" not in run("evaluate", str(questions))[1]


def test_evaluate_may_ask_one_half_alone(run: Run, questions: Path) -> None:
    halves = {half: [one for one in load_questions(questions) if one.half == half] for half in Half}

    for half, asked in halves.items():
        code, output = run("evaluate", str(questions), "--half", half.value)

        assert code == (0 if asked else 1)
        assert not asked or rows(output)["all"][0] == str(len(asked))


def test_evaluate_shows_its_progress_to_a_person(run: Run, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_is_watched", lambda: True)

    assert run("evaluate", str(questions))[1].startswith("\rAsking question 1 of 3\rAsking question 2 of 3")


@pytest.mark.parametrize(("text", "words"), [("- {q: x}", "cannot be read as questions"), ("[]", "holds no questions")])
def test_evaluate_refuses_a_file_that_holds_no_questions(run: Run, tmp_path: Path, text: str, words: str) -> None:
    questions = tmp_path / "questions.yml"
    questions.write_text(text)

    code, output = run("evaluate", str(questions))

    assert code == 1
    assert words in output
