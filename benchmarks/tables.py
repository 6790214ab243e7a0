"""Print what was measured as tables of Markdown, the site beside SQLite."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median

from benchmarks.build import Built
from benchmarks.engines import PageSearch, SectionSearch
from benchmarks.fresh import Measurements, Other
from benchmarks.full_text import FullText
from benchmarks.layout import NONE, Row, ratio, short, table
from benchmarks.measuring import percentile
from benchmarks.rounds import Sample

_SITE, _PAGES, _SQLITE = SectionSearch.name, PageSearch.name, FullText.name
_ENGINES = (_SITE, _PAGES, _SQLITE)

Summary = Callable[[Sequence[float]], float]

_SUMMARIES: dict[str, Summary] = {
    "p50": lambda values: percentile(values, 0.5),
    "p95": lambda values: percentile(values, 0.95),
    "longest": max,
}


def tables(built: Built, measured: Measurements) -> str:
    """Return all tables for one size."""
    rounds = max(sample.round for sample in measured.samples)
    asked = len(measured.samples) // len(_ENGINES)
    parts = [
        f"## {built.sections:,} sections on {built.pages:,} pages",
        table(["", _SITE, _SQLITE, "ratio"], _building(built, measured)),
        f"{asked:,} questions in {rounds} rounds, in milliseconds; the ratio is {_SITE} to {_SQLITE}:",
        table(["", *_ENGINES, "ratio"], [*_asking(measured.samples), _between_rounds(measured.samples, rounds)]),
        "By kind of question and who asks, p50 / p95 / longest:",
        table(["", *_ENGINES], _by_kind(measured.samples)),
        "Questions that should cost most, milliseconds of the processor:",
        table(["", *_ENGINES], _hardest(measured.hard)),
        "Other times, in milliseconds:",
        table(["", _SITE, _SQLITE], map(_other, measured.others)),
    ]
    return "\n\n".join(parts)


def _building(built: Built, measured: Measurements) -> Iterator[Row]:
    whole = built.reading + built.rendering + built.indexing
    memory = measured.memory
    yield ["reading the pages, s", short(built.reading), NONE, ""]
    yield ["rendering their Markdown, s", short(built.rendering), NONE, ""]
    yield _compared("building the index, s", built.indexing, built.sqlite_building)
    yield ["all of that, s", short(whole), NONE, ""]
    yield _compared("index on disk, MB", built.size, built.sqlite_size)
    yield _compared("memory for searching, MB", memory[_SITE], memory[_SQLITE])
    yield ["memory for the pages, MB", short(memory["pages"]), NONE, ""]


def _asking(samples: Sequence[Sample]) -> Iterator[Row]:
    for name, summary in _SUMMARIES.items():
        yield _asking_row(f"latency, {name}", summary, {one: _clocks(samples, one) for one in _ENGINES})
    for name, summary in _SUMMARIES.items():
        yield _asking_row(f"processor, {name}", summary, {one: _cpus(samples, one) for one in _ENGINES})
    answered = [[sample.is_answered for sample in samples if sample.engine == one] for one in _ENGINES]
    yield ["with an answer", *(f"{sum(some) / len(some):.1%}" for some in answered), ""]


def _asking_row(name: str, summary: Summary, values: dict[str, list[float]]) -> Row:
    summed = [summary(values[one]) for one in _ENGINES]
    return [name, *map(short, summed), ratio(summed[0], summed[-1])]


def _between_rounds(samples: Sequence[Sample], rounds: int) -> Row:
    """Return how the p50 of each engine, and their ratio, differ from round to round."""
    by_round = [
        [median(_clocks([one for one in samples if one.round == number], engine)) for engine in _ENGINES]
        for number in range(1, rounds + 1)
    ]
    spreads = [f"{short(min(column))} to {short(max(column))}" for column in zip(*by_round, strict=True)]
    ratios = [row[0] / row[-1] for row in by_round]
    return ["p50 of the rounds", *spreads, f"{min(ratios):.1f} to {max(ratios):.1f}"]


def _by_kind(samples: Sequence[Sample]) -> Iterator[Row]:
    kinds = dict.fromkeys((sample.question.kind, sample.question.asked_by) for sample in samples)
    for kind, asked_by in kinds:
        some = [one for one in samples if (one.question.kind, one.question.asked_by) == (kind, asked_by)]
        cells = (
            " / ".join(short(summary(_clocks(some, engine))) for summary in _SUMMARIES.values()) for engine in _ENGINES
        )
        yield [f"{kind}, {asked_by}", *cells]


def _hardest(samples: Sequence[Sample]) -> Iterator[Row]:
    for kind in dict.fromkeys(sample.question.kind for sample in samples):
        of_engine = {sample.engine: sample.took.cpu for sample in samples if sample.question.kind == kind}
        yield [kind, *(short(of_engine[engine]) for engine in _ENGINES)]


def _other(one: Other) -> Row:
    return [one.what, short(one.site.clock), short(one.sqlite.clock) if one.sqlite else NONE]


def _clocks(samples: Iterable[Sample], engine: str) -> list[float]:
    return [sample.took.clock for sample in samples if sample.engine == engine]


def _cpus(samples: Iterable[Sample], engine: str) -> list[float]:
    return [sample.took.cpu for sample in samples if sample.engine == engine]


def _compared(name: str, site: float, sqlite: float) -> Row:
    return [name, short(site), short(sqlite), ratio(site, sqlite)]
