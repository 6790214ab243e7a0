"""What the commands share: numbers on the command line, and saying how far something is."""

import time

import click

from benchmarks.corpus import Progress

_SECONDS_BETWEEN_REPORTS = 5.0


class Numbers(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between them."""

    name = "numbers"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Return the numbers."""
        parts = str(value).split(",")
        if not all(part.isdecimal() and int(part) for part in parts):
            self.fail("give whole numbers with commas between them, as in 1000,10000", param, ctx)
        return tuple(map(int, parts))


def progress(what: str) -> Progress:
    """Return what says at once, and then every few seconds, how far something is."""
    said = -_SECONDS_BETWEEN_REPORTS

    def report(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _SECONDS_BETWEEN_REPORTS:
            said = time.monotonic()
            click.echo(f"{what} {done:,} of {total:,}", err=True)

    return report
