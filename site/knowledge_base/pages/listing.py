"""The pages that some readers may read, by where they stand: worked out once for all who may read the same.

Every page shows what is beside it, so looking through all pages for that would make each the slower the more there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.files import folder_of
from knowledge_base.pages.page import Page


@dataclass(frozen=True)
class Listing:
    """Pages in reading order: all, by their folder, the indexes by the folder above theirs, and those of the areas."""

    pages: tuple[Page, ...]
    by_folder: Mapping[str, tuple[Page, ...]]
    indexes_below: Mapping[str, tuple[Page, ...]]
    areas: tuple[Page, ...]

    @classmethod
    def of(cls, pages: Iterable[Page], readable: Collection[Requirement]) -> "Listing":
        """List those of the pages, given in reading order, whose requirement is among the readable ones."""
        found = tuple(page for page in pages if page.requirement in readable)
        by_folder: dict[str, list[Page]] = defaultdict(list)
        indexes_below: dict[str, list[Page]] = defaultdict(list)
        for page in found:
            by_folder[folder_of(page.path)].append(page)
            if page.is_index and "/" in page.path:
                indexes_below[folder_of(folder_of(page.path))].append(page)
        areas = (page for page in found if page.is_index and page.path.count("/") == 1)
        return cls(found, _frozen(by_folder), _frozen(indexes_below), tuple(sorted(areas, key=_place)))


def _frozen(lists: Mapping[str, list[Page]]) -> Mapping[str, tuple[Page, ...]]:
    return {name: tuple(found) for name, found in lists.items()}


def _place(page: Page) -> tuple[int, str]:
    return page.meta.order, page.meta.title
