"""`python -m benchmarks`, which `script/benchmark` runs once what it needs is installed."""

import signal
import sys

import click

from benchmarks.publishing import publish
from benchmarks.search import search
from benchmarks.serving.command import serving
from benchmarks.serving.peers import install_peers
from benchmarks.serving.readers import readers


@click.group("script/benchmark", invoke_without_command=True)
@click.option("--peers", is_flag=True, help="Install what `serving` measures the site beside, as install-peers does.")
@click.pass_context
def benchmark(context: click.Context, *, peers: bool) -> None:
    """Measure the site on this machine."""
    if peers:
        context.invoke(install_peers)
    elif not context.invoked_subcommand:
        click.echo(context.get_help())


def main() -> None:
    """Run what the command line says."""
    # Whoever starts this in the background of a script has it ignore Ctrl-C, which processes take over from each other.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A polite request to end cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for command in (search, serving, readers, publish, install_peers):
        benchmark.add_command(command)
    benchmark.main(prog_name="script/benchmark")


if __name__ == "__main__":
    main()
