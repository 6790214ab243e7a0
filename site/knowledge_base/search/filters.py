"""Narrow results to an area or an audience, and count what each choice would show."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from knowledge_base.access.audiences import OPEN, Requirement
from knowledge_base.pages.page_view import audience_tag
from knowledge_base.search.finding import Found
from knowledge_base.search.snapshot import Asker, View

EVERYONE = "Everyone"


@dataclass(frozen=True)
class Filters:
    """What results are narrowed to: the first part of an address, and the key of a requirement. Empty for all.

    `exact` results are for what was typed, and for no correction of it.
    """

    area: str = ""
    audience: str = ""
    exact: bool = False


NO_FILTERS = Filters()


@dataclass(frozen=True)
class Choice:
    """A filter that may be chosen, and how many sections it would show."""

    value: str
    label: str
    count: int
    is_chosen: bool


def narrowed(view: View, filters: Filters) -> set[int] | None:
    """Return the sections that the filters leave, or None when nothing is chosen. An unknown choice leaves none."""
    chosen = [
        by_value.get(value, set())
        for by_value, value in ((view.by_area, filters.area), (view.by_audience, filters.audience))
        if value
    ]
    return reduce(set.__and__, chosen) if chosen else None


def choices(view: View, found: Found, asker: Asker, filters: Filters) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Return the areas and the audiences that may be chosen, each counted with the other filter as it is."""
    pages = asker.edition.pages
    areas = {
        area: pages[f"/{area}"].meta.title.partition(":")[0] for area in view.by_area if area and f"/{area}" in pages
    }
    audiences = {
        key: audience_tag(Requirement.from_key(key), asker.edition.audiences) or EVERYONE for key in view.by_audience
    }
    in_audience = _within(view, found, Filters(audience=filters.audience))
    in_area = _within(view, found, Filters(area=filters.area))
    return (
        _choices(areas, view.by_area, in_audience, filters.area),
        _choices(audiences, view.by_audience, in_area, filters.audience),
    )


def _within(view: View, found: Found, filters: Filters) -> frozenset[int]:
    among = narrowed(view, filters)
    return found.matching if among is None else found.matching & among


def _choices(
    labels: Mapping[str, str], numbers: Mapping[str, set[int]], found: frozenset[int], chosen: str
) -> tuple[Choice, ...]:
    counted = [Choice(value, label, len(found & numbers[value]), value == chosen) for value, label in labels.items()]
    kept = [choice for choice in counted if choice.count or choice.is_chosen]
    return tuple(sorted(kept, key=lambda choice: (choice.value != OPEN, -choice.count, choice.label)))
