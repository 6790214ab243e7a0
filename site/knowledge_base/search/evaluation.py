"""Measure the search by questions whose answers are known, so that a change to it is judged by a figure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from statistics import fmean
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from knowledge_base.access.audiences import OPEN
from knowledge_base.access.policy import Viewer
from knowledge_base.pages import strict_yaml
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.strict_yaml import YamlError
from knowledge_base.search.generations import SearchError
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import find_sections
from knowledge_base.search.snapshot import Asker

LOOKED_AT = 10
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class QuestionsError(SearchError):
    """The file of questions cannot be read."""


class Half(StrEnum):
    """Which questions a change to the search may be tuned on, and which only tell how good it is."""

    TUNE = "tune"
    REPORT = "report"


class Question(BaseModel):
    """What somebody types, the section that answers, words that stand in it, and the audience it is asked by.

    `also` lists other sections that answer as well, `kind` says what makes the question hard.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Text
    url: Text
    says: Text
    also: tuple[Text, ...] = ()
    kind: Text = "question"
    audience: Text = OPEN

    @property
    def half(self) -> Half:
        """One half or the other, by chance that stays the same."""
        return list(Half)[hashlib.sha256(self.q.encode()).digest()[0] % 2]


@dataclass(frozen=True)
class Outcome:
    """Where the answer to a question came: its place from 1, None below the tenth. `place_of_page` is its page's."""

    question: Question
    place: int | None
    place_of_page: int | None


@dataclass(frozen=True)
class Scores:
    """Shares of the questions from 0 to 1, and the mean of 1 over the place (0 below the tenth)."""

    questions: int
    first: float
    in_three: float
    in_ten: float
    reciprocal_rank: float
    page_first: float


def load_questions(path: Path) -> tuple[Question, ...]:
    """Read a file of questions. Raises QuestionsError."""
    try:
        return TypeAdapter(tuple[Question, ...]).validate_python(strict_yaml.read(path))
    except (FileNotFoundError, YamlError, ValidationError) as error:
        message = f"{path} cannot be read as questions: {error}"
        raise QuestionsError(message) from error


def evaluate(
    index: SearchIndex,
    edition: Edition,
    questions: Sequence[Question],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Outcome, ...]:
    """Ask every question as somebody in the groups of its audience would."""
    outcomes = []
    for number, question in enumerate(questions, start=1):
        viewer = Viewer(groups=edition.audiences.groups_of(question.audience))
        asker = Asker(edition, edition.may_read(viewer))
        hits = find_sections(index, question.q, asker=asker, limit=LOOKED_AT).hits
        wanted = (question.url, *question.also)
        pages = [url.partition("#")[0] for url in wanted]
        outcomes.append(
            Outcome(
                question=question,
                place=_place(wanted, [hit.url for hit in hits]),
                place_of_page=_place(pages, list(dict.fromkeys(hit.page_url for hit in hits))),
            )
        )
        if progress:
            progress(number, len(questions))
    return tuple(outcomes)


def scores_of(outcomes: Sequence[Outcome]) -> Scores:
    """Sum up outcomes, of which there must be one at least."""
    places = [outcome.place or LOOKED_AT + 1 for outcome in outcomes]
    return Scores(
        questions=len(outcomes),
        first=fmean(place == 1 for place in places),
        in_three=fmean(place <= 3 for place in places),  # noqa: PLR2004 - the name says it
        in_ten=fmean(place <= LOOKED_AT for place in places),
        reciprocal_rank=fmean(1 / place if place <= LOOKED_AT else 0 for place in places),
        page_first=fmean(outcome.place_of_page == 1 for outcome in outcomes),
    )


def _place(wanted: Sequence[str], found: Sequence[str]) -> int | None:
    return next((place for place, url in enumerate(found, start=1) if url in wanted), None)
