"""The serving benchmark: the site as its readers meet it, beside others with the same pages, in one run."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.measuring import machine
from benchmarks.processes import ProcessFailedError
from benchmarks.running import Numbers
from benchmarks.serving import peers
from benchmarks.serving.bare_flask import BareFlask
from benchmarks.serving.material import Material
from benchmarks.serving.otter_wiki import OtterWiki
from benchmarks.serving.rounds import Plan, Running, measure, read_all, starts, warm_up
from benchmarks.serving.servers import NotServingError
from benchmarks.serving.sites import SHIPPED, Pages, Site, make_pages
from benchmarks.serving.tables import Result, tables
from benchmarks.serving.this_site import ThisSite
from benchmarks.vocabulary import Vocabulary, learn


@click.command("serving")
@click.option("--pages", "sizes", type=Numbers(), default="100,1000,10000", show_default=True)
@click.option("--connections", type=Numbers(), default="1,16", show_default=True)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--seconds", default=1.5, show_default=True, type=click.FloatRange(min=0.1), help="For each load.")
@click.option("--peers/--no-peers", "with_peers", default=True, help="Beside what install-peers has installed.")
def serving(
    sizes: tuple[int, ...], connections: tuple[int, ...], rounds: int, seconds: float, *, with_peers: bool
) -> None:
    """Serve the site at each number of PAGES and measure pages, searches, suggestions, signing in and publishing.

    Beside it a bare Flask page is served and, where `script/benchmark install-peers` has installed them, An Otter Wiki
    and Material for MkDocs with nginx, up to 2,000 pages. The tables of a size are printed as soon as they are known:
    those of 100 pages after about four minutes, of 1,000 after twelve, of 10,000 after 25. All servers
    listen on the loopback address only, and end with this, also when Ctrl-C ends it.
    """
    vocabulary = learn(SHIPPED)
    click.echo(f"{machine()}\n" + (f"Peers: {peers.versions()}\n" if with_peers and peers.has_otter_wiki() else ""))
    plan = Plan(connections, rounds, seconds)
    for size in sizes:
        click.echo(f"Measuring {size:,} pages", err=True)
        with TemporaryDirectory(prefix="benchmark-") as folder:
            try:
                click.echo(tables(_measured(Path(folder), vocabulary, size, plan, with_peers=with_peers)) + "\n")
            except (NotServingError, ProcessFailedError, OSError) as error:
                raise click.ClickException(str(error)) from error


def _measured(folder: Path, vocabulary: Vocabulary, size: int, plan: Plan, *, with_peers: bool) -> Result:
    pages = make_pages(folder / "content", vocabulary, size)
    this_site, bare = ThisSite(pages, folder / "site"), BareFlask(pages, folder / "bare")
    sites: list[Site] = [this_site, bare, *(_peers(pages, folder) if with_peers and size <= peers.MOST_PAGES else ())]
    made: dict[str, float] = {}
    for site in sites:
        click.echo(f"Preparing {site.name}", err=True)
        (folder / site.folder.name).mkdir(exist_ok=True)
        if took := site.prepare():
            made[site.name] = took
    started = starts(this_site, plan)
    with ExitStack() as stack:
        running: list[Running] = []
        for site in sites:
            click.echo(f"Starting {site.name}", err=True)
            if site is bare:
                bare.take_over(running[0].server)
            server = stack.enter_context(site.serve())
            running.append(Running(site, server, site.tasks(server)))
        warm_up(running)
        measured = tuple(measure(running, plan))
        memory = {one.site.name: one.server.memory_of_workers() for one in running}
        click.echo("Reading all pages once", err=True)
        read = read_all(running[0], pages)
        after = running[0].server.memory_of_workers()
    sizes_of = (len(pages.corpus.paths), len(pages.corpus.passages))
    return Result(*sizes_of, plan, measured, made, started, memory, after, read)


def _peers(pages: Pages, folder: Path) -> Iterator[Site]:
    if peers.has_otter_wiki():
        yield OtterWiki(pages, folder / "otter")
    if peers.has_material():
        yield Material(pages, folder / "material")
