from itertools import islice
from pathlib import Path

import pytest

from benchmarks.corpus import Corpus, write_corpus
from benchmarks.questions import Kind, questions_about
from benchmarks.vocabulary import Vocabulary, learn
from knowledge_base.access.policy import ANONYMOUS
from knowledge_base.pages.library import Library
from knowledge_base.settings import ROOT

SHIPPED = ROOT / "content"


@pytest.fixture
def vocabulary() -> Vocabulary:
    return learn(SHIPPED)


def write(folder: Path, vocabulary: Vocabulary, *, sections: int) -> Corpus:
    return write_corpus(folder, SHIPPED, vocabulary, sections=sections, progress=lambda _done, _total: None)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_pages_and_questions_are_made_each_time(tmp_path: Path, vocabulary: Vocabulary) -> None:
    one = write(tmp_path / "one", vocabulary, sections=300)
    other = write(tmp_path / "other", learn(SHIPPED), sections=300)

    assert files_in(tmp_path / "one") == files_in(tmp_path / "other")
    questions = list(islice(questions_about(one, vocabulary), 100))
    assert questions == list(islice(questions_about(other, vocabulary), 100))
    assert len(set(questions)) > 90


def test_every_page_can_be_served_and_a_third_only_to_staff(tmp_path: Path, vocabulary: Vocabulary) -> None:
    corpus = write(tmp_path / "content", vocabulary, sections=1000)

    edition = Library(tmp_path / "content").edition()

    served = {page.path for page in edition.pages.values()}
    made = [edition.pages[f"/{path.removesuffix('/index')}"] for path in corpus.paths]
    gated = [page for page in made if not edition.may_read(ANONYMOUS)(page.requirement)]
    assert set(corpus.paths) <= served
    assert 0.15 < len(gated) / len(made) < 0.45
    assert [fault for fault in edition.faults if fault.path.startswith("area-")] == []


def test_as_many_sections_are_made_as_asked_for(tmp_path: Path, vocabulary: Vocabulary) -> None:
    write(tmp_path / "content", vocabulary, sections=1000)

    edition = Library(tmp_path / "content").edition()
    sections = sum(len(edition.document(page).sections) for page in edition.pages.values())

    assert 980 <= sections <= 1020


def test_a_tenth_of_the_questions_has_a_slip_and_half_are_asked_by_staff(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    corpus = write(tmp_path / "content", vocabulary, sections=300)

    questions = list(islice(questions_about(corpus, vocabulary), 200))

    assert sum(question.kind == Kind.TYPO for question in questions) == 20
    assert sum(question.groups == {"staff"} for question in questions) == 100
    assert all(2 <= len(question.text.split()) <= 8 for question in questions)
