"""Put the same load on all that are served, in turn, several times: what is measured close together can be compared."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import click

from benchmarks.serving.load import Load, Request, in_turn, put_load
from benchmarks.serving.servers import Server
from benchmarks.serving.sites import Pages, Site, Task

_LONGEST_WARM_UP = 60.0
# So many changes are published for each load, as far as making them ready, and then publishing them, goes in the time.
CHANGES, LONGEST_PUBLISHING = 8, 15.0
# Seconds at most for reading every page once, before the memory is looked at for the last time.
_LONGEST_READING = 90.0


@dataclass(frozen=True)
class Plan:
    """How long each load lasts, over how many connections, and how often all is done."""

    connections: Sequence[int]
    rounds: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """One load on one site: what came of it, and the seconds of the processor that it took the site."""

    site: str
    task: Task
    connections: int
    round: int
    load: Load
    cpu: float
    is_kept: bool = True
    # What part of that the busiest process took.
    busiest: float = 0.0

    @property
    def cpu_of_one(self) -> float:
        """Milliseconds of the processor for each answer."""
        return 1000 * self.cpu / max(1, self.load.answers)


@dataclass(frozen=True)
class Running:
    """A site that is being served, and what to ask it."""

    site: Site
    server: Server
    tasks: Mapping[Task, Sequence[Request]]


def warm_up(running: Sequence[Running]) -> None:
    """Let every worker answer everything once or twice: a new connection each time goes to whichever is free."""
    for one in running:
        for task in (Task.PAGE, Task.STAFF_PAGE):
            requests = one.tasks.get(task, ())
            put_load(
                one.server.port, [*requests, *requests], connections=4, is_kept=False, seconds=_LONGEST_WARM_UP / 2
            )
        for task in (Task.SEARCH, Task.SUGGESTION):
            requests = one.tasks.get(task, ())
            put_load(one.server.port, requests[:40], connections=4, is_kept=False, seconds=_LONGEST_WARM_UP / 6)


@dataclass(frozen=True)
class _Turn:
    """Which load it is, of which round."""

    task: Task
    connections: int
    round: int
    is_kept: bool = True


def measure(running: Sequence[Running], plan: Plan) -> Iterator[Measured]:
    """Yield what each load came to. Whose turn is first changes from round to round."""
    for number in range(plan.rounds):
        order = [*running[number % len(running) :], *running[: number % len(running)]]
        for task in Task:
            click.echo(f"Round {number + 1} of {plan.rounds}: {task}", err=True)
            kinds = (True, False) if task is Task.PAGE else (True,)
            for turn in (_Turn(task, some, number, is_kept) for some in plan.connections for is_kept in kinds):
                for one in order:
                    if task is Task.PUBLISH:
                        changes = _made_ready(one)
                        asked, seconds = iter(changes), LONGEST_PUBLISHING
                    else:
                        changes, seconds = one.tasks.get(task, ()), plan.seconds
                        # Each load goes on with what the last has not asked.
                        asked = islice(in_turn(changes), (number * 97 * turn.connections) % max(1, len(changes)), None)
                    if changes:
                        yield _measured(one, turn, asked, seconds)


def _made_ready(one: Running) -> Sequence[Request]:
    """Return what publishes changes: the first of them however long it takes, the others while there is time."""
    until = time.monotonic() + LONGEST_PUBLISHING
    found = []
    for request in one.site.publications(one.server, CHANGES):
        found.append(request)
        if time.monotonic() > until:
            break
    return found


def _measured(one: Running, turn: _Turn, asked: Iterator[Request], seconds: float) -> Measured:
    before = one.server.cpu_of_each()
    load = put_load(one.server.port, asked, connections=turn.connections, is_kept=turn.is_kept, seconds=seconds)
    spent = [seconds - before.get(pid, 0.0) for pid, seconds in one.server.cpu_of_each().items()]
    cpu = sum(spent)
    busiest = max(spent, default=0.0) / cpu if cpu > 0 else 0.0
    return Measured(one.site.name, turn.task, turn.connections, turn.round, load, cpu, turn.is_kept, busiest)


def starts(site: Site, plan: Plan) -> tuple[float, ...]:
    """Start a site and stop it again, once for each round. Returns the seconds to the first page each time."""
    times = []
    for number in range(plan.rounds):
        click.echo(f"Starting {site.name}, {number + 1} of {plan.rounds}", err=True)
        with site.serve() as server:
            times.append(server.started_in)
    return tuple(times)


def read_all(running: Running, pages: Pages) -> int:
    """Have every page read once by somebody who is signed in, as far as the time goes. Returns how many were."""
    cookie = running.tasks[Task.STAFF_PAGE][0].cookie
    requests = [Request(f"/{path}", cookie=cookie) for path in pages.corpus.paths]
    return put_load(running.server.port, requests, connections=4, is_kept=False, seconds=_LONGEST_READING).answers
