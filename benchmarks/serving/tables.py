"""Print what serving took as tables of Markdown: medians of the rounds, and ratios from the same rounds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.layout import NONE, Row, ratio, short, table
from benchmarks.measuring import percentile
from benchmarks.serving.peers import MOST_PAGES
from benchmarks.serving.rounds import CHANGES, LONGEST_PUBLISHING, Measured, Plan
from benchmarks.serving.sites import Task

_SITE, _BARE, _WIKI = "this site", "bare Flask page", "An Otter Wiki"
# What each task is compared with.
_YARDSTICK = {Task.PAGE: _BARE, Task.STAFF_PAGE: _BARE}

_HOW = """Medians of {rounds} rounds, {seconds:g} seconds for each load. Ratios: of pages to a bare Flask page, of the
rest to An Otter Wiki; each is the median of the rounds' own ratios. A load of publishing is {changes} changes, fewer
where that would take more than {longest:g} seconds: {published} in all."""
_WITHOUT_PEERS = """An Otter Wiki and Material for MkDocs are left out above {most:,} pages: there one search of the one
takes many seconds, and one build of the other the better part of an hour."""

Key = tuple[Task, int, bool]
Figure = Callable[[Measured], float]


@dataclass(frozen=True)
class Result:
    """All that one size came to. Seconds that making everything of the pages took, and to start; megabytes."""

    pages: int
    sections: int
    plan: Plan
    measured: Sequence[Measured]
    made: Mapping[str, float]
    started: Sequence[float]
    memory: Mapping[str, Sequence[float]]
    memory_after_all: Sequence[float]
    pages_read: int


def tables(result: Result) -> str:
    """Return all tables for one size."""
    rounds, seconds = result.plan.rounds, result.plan.seconds
    parts = [
        f"#### {result.pages:,} pages with {result.sections:,} sections",
        _HOW.format(
            rounds=rounds,
            seconds=seconds,
            changes=CHANGES,
            longest=LONGEST_PUBLISHING,
            published=" and ".join(_published(result)) or "none",
        ),
        *([_WITHOUT_PEERS.format(most=MOST_PAGES)] if result.pages > MOST_PAGES else []),
        "Milliseconds of the processor for each answer, all of the server's processes together:",
        _compared(result, lambda one: one.cpu_of_one),
        "Latency by the clock in milliseconds, p50 / p95:",
        _latencies(result),
        "Answers in a second:",
        _compared(result, lambda one: len(one.load.times) / one.load.seconds if one.load.seconds else 0.0),
        "Other figures:",
        table(["", *_sites(result)], _others(result)),
    ]
    if failures := [failure for one in result.measured for failure in one.load.failures]:
        parts.append(f"{len(failures)} requests had another answer than was wanted, such as {failures[0]}")
    return "\n\n".join(parts)


def _compared(result: Result, figure: Figure) -> str:
    rows = []
    for key in _keys(result):
        cells = []
        for site in _sites(result):
            found = [figure(one) for one in _of(result, site, key) if one.load.times]
            cells.append(short(median(found)) if found else NONE)
        rows.append([_name(key), *cells, _ratio_of(result, key, figure)])
    return table(["", *_sites(result), "ratio"], rows)


def _latencies(result: Result) -> str:
    rows = []
    for key in _keys(result):
        cells = []
        for site in _sites(result):
            loads = [one.load.times for one in _of(result, site, key) if one.load.times]
            summed = [median(percentile(times, share) for times in loads) for share in (0.5, 0.95)] if loads else []
            cells.append(" / ".join(map(short, summed)) or NONE)
        rows.append([_name(key), *cells, _ratio_of(result, key, lambda one: percentile(one.load.times, 0.5))])
    return table(["", *_sites(result), "ratio of p50"], rows)


def _ratio_of(result: Result, key: Key, figure: Figure) -> str:
    yardstick = _YARDSTICK.get(key[0], _WIKI)
    # A bare page knows nobody who could be signed in.
    other_key = (Task.PAGE, *key[1:]) if yardstick == _BARE else key
    pairs = [
        (figure(one), figure(other))
        for one in _of(result, _SITE, key)
        for other in _of(result, yardstick, other_key)
        if one.round == other.round and one.load.times and other.load.times and figure(other)
    ]
    return ratio(median(one / other for one, other in pairs), 1.0) if pairs else ""


def _others(result: Result) -> Iterator[Row]:
    sites = _sites(result)
    yield _row("made of the pages in, s", sites, result.made)
    yield _row("start to the first page, s", sites, {_SITE: median(result.started)})
    each = {site: max(found) for site, found in result.memory.items() if found}
    yield _row("memory of the largest worker, MB (PSS)", sites, each)
    then = f"the same when {result.pages_read:,} pages have been read, signed in"
    yield _row(then, sites, {_SITE: max(result.memory_after_all)})
    busiest = {site: 100 * median(found) for site in sites if (found := _shares_of_busiest(result, site))}
    yield _row("share of the busiest process, most connections kept, %", sites, busiest)
    sizes = {site: _size(result, site) for site in sites}
    yield _row("a page, kB", sites, sizes)
    yield _row("the load itself, ms of the processor for a page", sites, {site: _own(result, site) for site in sites})


def _published(result: Result) -> Iterator[str]:
    for site in _sites(result):
        loads = [one.load for one in result.measured if one.site == site and one.task is Task.PUBLISH]
        if loads:
            yield f"{sum(len(load.times) for load in loads)} of {site}"


def _shares_of_busiest(result: Result, site: str) -> list[float]:
    most = max(result.plan.connections)
    found = _of(result, site, (Task.PAGE, most, True))
    return [one.busiest for one in found if one.busiest]


def _row(name: str, sites: Sequence[str], figures: Mapping[str, float]) -> Row:
    return [name, *(short(figures[site]) if figures.get(site) else NONE for site in sites)]


def _size(result: Result, site: str) -> float:
    found = [one.load for one in result.measured if one.site == site and one.task is Task.PAGE and one.load.times]
    return sum(load.size for load in found) / max(1, sum(len(load.times) for load in found)) / 1000


def _own(result: Result, site: str) -> float:
    found = [one.load for one in result.measured if one.site == site and one.task is Task.PAGE and one.is_kept]
    return 1000 * sum(load.own_cpu for load in found) / max(1, sum(load.answers for load in found))


def _sites(result: Result) -> list[str]:
    return list(result.memory)


def _keys(result: Result) -> list[Key]:
    found = {(one.task, one.connections, one.is_kept) for one in result.measured}
    return sorted(found, key=lambda key: (list(Task).index(key[0]), not key[2], key[1]))


def _of(result: Result, site: str, key: Key) -> list[Measured]:
    return [one for one in result.measured if one.site == site and (one.task, one.connections, one.is_kept) == key]


def _name(key: Key) -> str:
    task, connections, is_kept = key
    over = "1 connection" if connections == 1 else f"{connections} connections"
    return f"{task}, {over}" + ("" if is_kept else ", a new one each time")
