"""Visit the site as readers do, who come when they like: what one waits for does not keep the next one away."""

import asyncio
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from urllib.request import urlopen

from benchmarks.corpus import Progress
from benchmarks.serving.load import PATIENCE, AnswerError, Request, Wire, ask, close, connect
from benchmarks.serving.sites import Task

# A visit: somebody comes, types into the search box, looks at the results and opens two pages of them.
_LETTERS, _PAGES_OPENED = 5, 2
# In seconds.
_BETWEEN_LETTERS, _BETWEEN_PAGES = 0.2, 4.0
_ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
ASSETS = "styles, scripts and fonts"


@dataclass
class Visits:
    """What readers met: milliseconds for each kind of answer, what failed, and the most who were there at once."""

    times: dict[str, list[float]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    readers: int = 0
    at_once: int = 0
    most_at_once: int = 0

    @property
    def answers(self) -> int:
        """How many answers were what was wanted."""
        return sum(map(len, self.times.values()))


@dataclass(frozen=True)
class Visitor:
    """What readers ask for: addresses in turn of each kind, half of the visits with each of two cookies."""

    port: int
    first: Sequence[Request]
    pages: Iterator[Request]
    searches: Iterator[Request]
    suggestions: Iterator[Request]

    @classmethod
    def of(cls, port: int, tasks: Mapping[Task, Sequence[Request]], *, task: Task) -> "Visitor":
        """Make one whose pages are those of a task, so that they are open ones or for somebody who is signed in."""
        with urlopen(f"http://127.0.0.1:{port}{tasks[task][0].path}") as answer:
            assets = dict.fromkeys(_ASSET.findall(answer.read().decode()))
        cookie = tasks[task][0].cookie
        searches = [Request(one.path, cookie=cookie) for one in tasks[Task.SEARCH]]
        suggestions = [Request(one.path, cookie=cookie) for one in tasks[Task.SUGGESTION]]
        return cls(port, [Request(path) for path in assets], cycle(tasks[task]), cycle(searches), cycle(suggestions))

    def steps(self) -> Iterator[tuple[float, str, Request]]:
        """Yield what a reader asks for, each with the seconds that pass before."""
        yield 0.0, Task.PAGE, next(self.pages)
        for request in self.first:
            yield 0.0, ASSETS, request
        for _ in range(_LETTERS):
            yield _BETWEEN_LETTERS, Task.SUGGESTION, next(self.suggestions)
        yield _BETWEEN_LETTERS, Task.SEARCH, next(self.searches)
        for _ in range(_PAGES_OPENED):
            yield _BETWEEN_PAGES, Task.PAGE, next(self.pages)


@dataclass(frozen=True)
class Crowd:
    """So many readers an hour, who come at random for some seconds.

    Where fewer than `fewest` would come in that time these come one after the other: the hours in which nobody is
    there tell nothing.
    """

    an_hour: int
    seconds: float
    fewest: int

    @property
    def expected(self) -> int:
        """How many will come, more or less."""
        return max(self.fewest, round(self.an_hour * self.seconds / 3600))

    @property
    def is_sparse(self) -> bool:
        """Whether they come one after the other."""
        return self.an_hour * self.seconds / 3600 < self.fewest


def visit(visitors: Sequence[Visitor], crowd: Crowd, *, said: Progress) -> Visits:
    """Let the readers come, and wait until the last one has gone."""
    visits = Visits()
    asyncio.run(_visit(visits, visitors, crowd, said))
    return visits


async def _visit(visits: Visits, visitors: Sequence[Visitor], crowd: Crowd, said: Progress) -> None:
    if crowd.is_sparse:
        for _, visitor in zip(range(crowd.fewest), cycle(visitors), strict=False):
            await _one(visits, visitor)
            said(visits.readers, crowd.expected)
        return
    chance = random.Random("readers")
    began = due = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for visitor in cycle(visitors):
            due += chance.expovariate(crowd.an_hour / 3600)
            if due - began > crowd.seconds:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_one(visits, visitor))
            said(visits.readers, crowd.expected)


async def _one(visits: Visits, visitor: Visitor) -> None:
    visits.readers += 1
    visits.at_once += 1
    visits.most_at_once = max(visits.most_at_once, visits.at_once)
    wire: Wire | None = None
    for pause, what, request in visitor.steps():
        await asyncio.sleep(pause)
        if wire and wire[0].at_eof():
            # The site has closed it meanwhile, which a browser notices too.
            await close(wire)
            wire = None
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                wire = wire or await connect(visitor.port)
                status, _, stays_open = await ask(request, wire, visitor.port)
        except (OSError, AnswerError, TimeoutError, asyncio.IncompleteReadError) as error:
            visits.failures.append(f"{request.path}: {type(error).__name__} {error}")
            status, stays_open = 0, False
        if status == request.wanted:
            visits.times.setdefault(what, []).append(1000 * (time.perf_counter() - began))
        elif status:
            visits.failures.append(f"{request.path}: {status}")
        if wire and not stays_open:
            await close(wire)
            wire = None
    if wire:
        await close(wire)
    visits.at_once -= 1
