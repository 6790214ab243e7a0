"""Lay out what was measured as tables of Markdown."""

from collections.abc import Iterable, Iterator, Sequence

NONE = "–"
LONG = 10

Row = Sequence[str]


def ratio(one: float, other: float) -> str:
    """Return how many times the one is the other."""
    return f"{one / other:.1f}" if other > 0 else NONE


def short(figure: float) -> str:
    """Return a figure with as many digits as can mean something."""
    return f"{figure:.2f}" if figure < LONG else f"{figure:,.0f}"


def table(heads: Row, rows: Iterable[Row]) -> str:
    """Lay out a table, the first column left and the others right."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    laid = ["| " + " | ".join(_aligned(line, widths)) + " |" for line in lines]
    rule = (
        "|"
        + "|".join("-" * (width + 2) if not place else "-" * (width + 1) + ":" for place, width in enumerate(widths))
        + "|"
    )
    return "\n".join([laid[0], rule, *laid[1:]])


def _aligned(line: Row, widths: Sequence[int]) -> Iterator[str]:
    for place, (cell, width) in enumerate(zip(line, widths, strict=True)):
        yield cell.rjust(width) if place else cell.ljust(width)
