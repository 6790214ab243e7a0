"""Put a comparison together: what changed stands in view under a name, long stretches that stay the same are folded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

from knowledge_base.comparison.blocks import EMPTY, Block, Node, write

# What would be folded away for less takes less room as it is.
LEAST_FOLDED = 3
HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
LONGEST_HEADING = 80


@dataclass(frozen=True)
class Stretch:
    """Blocks that belong together: `written` is how they changed, empty where they are the same."""

    nodes: tuple[Node, ...]
    written: str = ""


@dataclass(frozen=True)
class Place:
    """Where something changed: the name of its place on the page, and the heading that it stands under."""

    name: str
    heading: str


@dataclass(frozen=True)
class Comparison:
    """Two versions in one, and the places where they differ: none where readers see no difference.

    `name` is that of the list of places, to which the last of them leads back.
    """

    html: Markup
    places: tuple[Place, ...]
    name: str


def compose(stretches: Sequence[Stretch], *, name: str) -> Comparison:
    """Return the stretches of a page as one comparison. Each change has a place that links can lead to."""
    headings = list(_headings(stretches))
    places = tuple(Place(f"{name}-{number}", heading) for number, heading in enumerate(headings, start=1))
    written, number = [], 0
    for one, plain in zip(stretches, _written(stretches), strict=True):
        if one.written:
            number += 1
            way_on = _way_on(number, len(places), name=name)
            written.append(f'<div class="kb-comparison__change" id="{name}-{number}">{way_on}{plain}</div>')
        else:
            written.append(plain)
    return Comparison(Markup("".join(written)), places, name)  # noqa: S704 - made of what pages/markdown.py has sanitised


def write_folded(stretches: Sequence[Stretch], *, folds: bool) -> str:
    """Write the stretches of a block, long ones that stay the same folded away if it can hold that."""
    if folds:
        return "".join(_written(stretches))
    return "".join(one.written or write(one.nodes) for one in stretches)


def _written(stretches: Sequence[Stretch]) -> Iterator[str]:
    for place, one in enumerate(stretches):
        yield one.written or _same(one.nodes, is_first=place == 0, is_last=place == len(stretches) - 1)


def _same(nodes: Sequence[Node], *, is_first: bool, is_last: bool) -> str:
    """Write what stays the same: in view are what stands next to a change, and the heading that a change is under."""
    start = 0 if is_first or _heading_of(nodes[0]) else 1
    end = len(nodes) - (0 if is_last else 1)
    shown = [place for place in range(start, end) if _heading_of(nodes[place])][-1:]
    if is_last or _heading_of(nodes[-1]):
        shown = []
    written, begin = [write(nodes[:start])], start
    for place in shown:
        written += [_fold(nodes[begin:place]), write(nodes[place : place + 1])]
        begin = place + 1
    return "".join([*written, _fold(nodes[begin:end]), write(nodes[max(begin, end) :])])


def _fold(nodes: Sequence[Node]) -> str:
    count = sum(not isinstance(node, Block) or node.name not in EMPTY for node in nodes)
    if count < LEAST_FOLDED:
        return write(nodes)
    return (
        '<details class="govuk-details kb-comparison__same"><summary class="govuk-details__summary">'
        f'<span class="govuk-details__summary-text">{count} unchanged paragraphs</span></summary>'
        f'<div class="govuk-details__text">{write(nodes)}</div></details>'
    )


def _way_on(number: int, count: int, *, name: str) -> str:
    """Lead from one change to the next, and from the last back to the list."""
    if count == 1:
        return ""
    to, words = (name, "Back to the list of changes") if number == count else (f"{name}-{number + 1}", "Next change")
    link = f'<a class="govuk-link" href="#{to}">{words}</a>'
    return f'<p class="kb-comparison__place">Change {number} of {count}. {link}</p>'


def _headings(stretches: Sequence[Stretch]) -> Iterator[str]:
    """Yield for each change the heading that it stands under, or begins with."""
    heading = ""
    for one in stretches:
        if one.written:
            yield _heading_of(one.nodes[0]) or heading
        heading = next((found for node in reversed(one.nodes) if (found := _heading_of(node))), heading)


def _heading_of(node: Node) -> str:
    """Return the words of a heading, nothing for another node."""
    if not isinstance(node, Block) or node.name not in HEADINGS:
        return ""
    words = (word.markup for word in node.words if not word.markup.startswith("<"))
    return unescape("".join(words)).strip()[:LONGEST_HEADING]
