from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from knowledge_base.search import commands
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


def test_evaluate_says_how_often_the_answer_comes_first(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "questions.yml"
    questions.write_text(
        "- {q: who do i tell, url: /referral, says: Ask the hub}\n"
        "- {q: quicksilver, url: /interpreters, says: Ring Quicksilver, audience: staff}\n"
        "- {q: quicksilver, url: /interpreters, says: Ring Quicksilver}\n"
    )

    code, output = run("evaluate", str(questions), "--misses")

    assert code == 0
    assert "-\tquicksilver\t/interpreters\n" in output
    assert "3 questions. The section that answers came first for 66.7%, in the first three for 66.7%" in output
    assert "mean reciprocal rank 0.667. Its page came first for 66.7%." in output


@pytest.mark.parametrize(("text", "words"), [("- {q: x}", "cannot be read as questions"), ("[]", "holds no questions")])
def test_evaluate_refuses_a_file_that_holds_no_questions(run: Run, tmp_path: Path, text: str, words: str) -> None:
    questions = tmp_path / "questions.yml"
    questions.write_text(text)

    code, output = run("evaluate", str(questions))

    assert code == 1
    assert words in output
