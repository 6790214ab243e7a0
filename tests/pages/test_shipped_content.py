"""The words of the site itself: whole, findable, in our own words, and without anybody's personal details."""

from datetime import date

import pytest
import yaml

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages.checks import check_content
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.findings import Severity
from knowledge_base.pages.library import Library
from knowledge_base.settings import ROOT
from tests.source_prints import known_people, known_runs, people_of, runs_of

CONTENT = ROOT / "content"
QUESTIONS = yaml.safe_load((ROOT / "tests" / "questions.yml").read_text(encoding="utf-8"))
READERS = {"open": ANONYMOUS, "staff": Viewer(account_id=1, groups=frozenset({"staff"}))}
AREAS = {
    "/referral", "/channel", "/prevent-duty", "/training", "/benchmarks", "/handbook", "/myths", "/glossary", "/uasc",
    "/uasc/procedures", "/governance", "/reports", "/updates", "/about",
}  # fmt: skip
# Titles of laws, forms and documents are theirs: nobody can say them in other words.
TITLES = ("prevent-duty-toolkit-for-local-authorities-and-partner-agencies",)


@pytest.fixture(scope="module")
def edition() -> Edition:
    return Library(CONTENT).edition()


def test_the_content_check_finds_no_error(edition: Edition) -> None:
    found = check_content(edition, today=date(2026, 11, 22))

    assert [str(one) for one in found if one.severity is Severity.ERROR] == []


def test_every_area_of_the_map_is_there(edition: Edition) -> None:
    assert set(edition.pages) >= AREAS


def test_every_page_says_who_owns_it_and_when_it_is_reviewed(edition: Edition) -> None:
    for page in edition.pages.values():
        assert page.meta.owner, page.path
        assert page.meta.last_reviewed, page.path
        assert page.meta.review_by, page.path


def test_review_dates_are_spread(edition: Edition) -> None:
    days = [page.meta.review_by for page in edition.pages.values()]

    assert max(days.count(day) for day in set(days)) <= len(days) / 10


def test_nothing_is_copied_from_the_sources() -> None:
    known = known_runs()
    copied = {}
    for path in CONTENT.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        for title in TITLES:
            text = text.replace(title, ".")
        runs = [words for fingerprint, words in runs_of(text) if fingerprint in known]
        if runs:
            copied[str(path.relative_to(CONTENT))] = runs

    assert known
    assert copied == {}


def test_nobodys_personal_address_or_mobile_number_is_printed() -> None:
    known = known_people()
    printed = {}
    for path in [*CONTENT.rglob("*.md"), *CONTENT.rglob("*.yml")]:
        found = [words for fingerprint, words in people_of(path.read_text(encoding="utf-8")) if fingerprint in known]
        if found:
            printed[str(path.relative_to(CONTENT))] = found

    assert known
    assert printed == {}


def test_there_are_many_questions() -> None:
    assert len(QUESTIONS) >= 150
    assert len({question["q"] for question in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["q"] for question in QUESTIONS])
def test_a_question_is_answered_in_its_section(edition: Edition, question: dict[str, str]) -> None:
    url, _, anchor = question["url"].partition("#")
    may_read = edition.may_read(READERS[question.get("audience", "open")])
    page = edition.pages[url]

    answers = [one for one in edition.document(page).sections if one.anchor == anchor and may_read(one.requirement)]

    assert may_read(page.requirement)
    assert answers, f"{url} has no section #{anchor}"
    assert question["says"].lower() in answers[0].text.lower()
