"""What readers wait for when so many of them come in an hour."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.layout import NONE, Row, short, table
from benchmarks.measuring import machine, percentile
from benchmarks.processes import ProcessFailedError
from benchmarks.running import Numbers, progress
from benchmarks.serving.rounds import Running, warm_up
from benchmarks.serving.servers import NotServingError, Server
from benchmarks.serving.sites import SHIPPED, Task, make_pages
from benchmarks.serving.this_site import ThisSite
from benchmarks.serving.visits import ASSETS, Crowd, Visitor, Visits, visit
from benchmarks.vocabulary import learn

_KINDS = (Task.PAGE, Task.SEARCH, Task.SUGGESTION, ASSETS)
# Where hardly anybody comes, so many come one after the other.
_FEWEST = 6


@dataclass(frozen=True)
class _Hour:
    """So many readers an hour: what they met, and how many cores the site had to compute on."""

    readers: int
    visits: Visits
    cores: float


@click.command("readers")
@click.option("--an-hour", "numbers", type=Numbers(), default="10,1000,100000", show_default=True)
@click.option("--pages", default=1000, show_default=True, type=click.IntRange(min=10))
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(min=1), help="For each number.")
def readers(numbers: tuple[int, ...], pages: int, seconds: float) -> None:
    """Let so many readers come AN HOUR and say how long they wait.

    They come at random, half of them signed in, each with an empty cache: a page with its styles and scripts, five
    letters typed into the search box, the results, then two pages. Ctrl-C ends it, and what it has started.
    """
    click.echo(f"{machine()}\n")
    with TemporaryDirectory(prefix="benchmark-") as folder:
        try:
            hours = list(_measured(Path(folder), numbers, pages, seconds))
        except (NotServingError, ProcessFailedError, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(_table(hours))
    for hour in hours:
        if hour.visits.failures:
            click.echo(f"\n{hour.readers:,}: {len(hour.visits.failures)} failed, such as {hour.visits.failures[0]}")


def _measured(folder: Path, numbers: Sequence[int], size: int, seconds: float) -> Iterator[_Hour]:
    site = ThisSite(make_pages(folder / "content", learn(SHIPPED), size), folder / "site")
    click.echo("Making the site ready", err=True)
    site.prepare()
    with site.serve() as server:
        tasks = site.tasks(server)
        warm_up([Running(site, server, tasks)])
        visitors = [Visitor.of(server.port, tasks, task=task) for task in (Task.PAGE, Task.STAFF_PAGE)]
        for number in numbers:
            click.echo(f"{number:,} readers an hour", err=True)
            yield _hour(server, visitors, number, seconds)


def _hour(server: Server, visitors: Sequence[Visitor], number: int, seconds: float) -> _Hour:
    began, cpu = time.perf_counter(), sum(server.cpu_of_each().values())
    crowd = Crowd(number, seconds, _FEWEST)
    visits = visit(visitors, crowd, said=progress("Reader"))
    # The last who come are still there when the time is over, and are part of what it brought.
    lasted = time.perf_counter() - began if crowd.is_sparse else seconds
    return _Hour(number, visits, (sum(server.cpu_of_each().values()) - cpu) / lasted)


def _table(hours: Sequence[_Hour]) -> str:
    rows: list[Row] = [
        ["readers who came", *(f"{hour.visits.readers:,}" for hour in hours)],
        ["the most who were there at once", *(f"{hour.visits.most_at_once:,}" for hour in hours)],
        *(
            [f"{kind}, ms, p50 / p95 / longest", *(_times(hour.visits.times.get(kind)) for hour in hours)]
            for kind in _KINDS
        ),
        ["cores that the site computed on", *(f"{hour.cores:.2f}" for hour in hours)],
        ["answers that failed", *(f"{len(hour.visits.failures):,} of {_asked(hour.visits):,}" for hour in hours)],
    ]
    return table(["readers an hour", *(f"{hour.readers:,}" for hour in hours)], rows)


def _asked(visits: Visits) -> int:
    return visits.answers + len(visits.failures)


def _times(times: Sequence[float] | None) -> str:
    if not times:
        return NONE
    return " / ".join(map(short, (percentile(times, 0.5), percentile(times, 0.95), max(times))))
