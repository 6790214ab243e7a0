"""What searching costs in a process that has just started: the first times, the memory, then rounds of questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines import Engine, PageSearch, SectionSearch
from benchmarks.full_text import FullText
from benchmarks.measuring import Took, percentile, resident_megabytes, timed
from benchmarks.questions import Question
from benchmarks.rounds import Sample, ask_in_turn
from benchmarks.updates import update
from knowledge_base.pages.library import Library

_SHORTEST_TYPED = 2
_LONGEST_TYPED = 6


@dataclass(frozen=True)
class Plan:
    """Where everything stands, and what to ask: `first` and `misspelt` at the start, `warm_up` before the rounds.

    `changed` are the paths of pages that are changed at the end, one after the other.
    """

    content: Path
    index: Path
    database: Path
    first: Question
    misspelt: Question
    warm_up: Sequence[Question]
    rounds: Sequence[Sequence[Question]]
    hard: Sequence[Question]
    changed: Sequence[str]


@dataclass(frozen=True)
class Other:
    """What something took that is no ordinary search: of the site and, where it has to do it too, of SQLite."""

    what: str
    site: Took
    sqlite: Took | None = None


@dataclass(frozen=True)
class Measurements:
    """All that was measured; `memory` is in megabytes, by what it is for."""

    memory: dict[str, float]
    samples: tuple[Sample, ...]
    hard: tuple[Sample, ...]
    others: tuple[Other, ...]


def measure(plan: Plan) -> Measurements:
    """Carry out the plan. To be run in a fresh process."""
    start = resident_megabytes()
    library = Library(plan.content)
    edition, reading = timed(library.edition)
    looking = timed(library.refresh)[1]
    read = resident_megabytes()

    site, sqlite, pages = SectionSearch(plan.index, edition), FullText(plan.database), PageSearch(plan.index, edition)
    firsts = [timed(site.ask, plan.first)[1], timed(site.ask, plan.misspelt)[1], timed(site.suggest, "saf")[1]]
    _warm_up(site, plan)
    searched = resident_megabytes()
    sqlite_first = timed(sqlite.ask, plan.first)[1]
    _warm_up(sqlite, plan)
    memory = {"pages": read - start, site.name: searched - read, sqlite.name: resident_megabytes() - searched}

    _warm_up(pages, plan)
    samples = tuple(ask_in_turn([site, pages, sqlite], plan.rounds))
    hard = tuple(ask_in_turn([site, pages, sqlite], [plan.hard]))
    suggestions = [timed(site.suggest, typed)[1] for typed in _typed(plan.rounds[0])]
    pages.close()
    updates = update(plan.content, library, site, sqlite, plan.changed)
    site.close()
    sqlite.close()
    others = (
        Other("reading all pages (a worker's start)", reading),
        Other("looking whether any page has changed", looking),
        Other("first search", firsts[0], sqlite_first),
        Other("first search with a misspelt word", firsts[1]),
        Other("first suggestion", firsts[2]),
        Other("later suggestions, p95", _p95(suggestions)),
        Other("one page changed: noticing it", updates.noticing),
        Other("one page changed: until a search finds it", updates.site, updates.sqlite),
    )
    return Measurements(memory, samples, hard, others)


def _warm_up(engine: Engine, plan: Plan) -> None:
    for question in plan.warm_up:
        engine.ask(question)


def _typed(questions: Sequence[Question]) -> Iterator[str]:
    """Yield what stands in the search box while somebody types the first word of each question."""
    for question in questions:
        word = question.text.split()[0]
        yield from (word[:length] for length in range(_SHORTEST_TYPED, min(len(word), _LONGEST_TYPED) + 1))


def _p95(times: Sequence[Took]) -> Took:
    return Took(percentile([one.clock for one in times], 0.95), percentile([one.cpu for one in times], 0.95))
