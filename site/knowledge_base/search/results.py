"""Gather what was found as the results page and the API show it.

Everything here, counts and corrections included, comes from what the asker may read: nothing is filtered afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.page_view import audience_tag, status_tag
from knowledge_base.search.answers import Answer
from knowledge_base.search.concepts import padded
from knowledge_base.search.excerpts import excerpt
from knowledge_base.search.filters import NO_FILTERS, Choice, Filters, choices, narrowed
from knowledge_base.search.finding import MOST_SHOWN, Found, find
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.query import clean
from knowledge_base.search.schema import section_url
from knowledge_base.search.snapshot import Asker, Snapshot, View
from knowledge_base.search.words import stems_of

PAGES_A_PAGE = 10
SECTIONS_OF_A_PAGE = 3


@dataclass(frozen=True)
class Hit:
    """A section that was found.

    `audience` is its requirement's key, `audience_tag` what readers call that; `status_tag` warns of a page that is
    superseded or overdue.
    """

    url: str
    page_url: str
    page_title: str
    heading: str
    snippet: Markup
    audience: str
    audience_tag: str | None
    status_tag: str | None
    area: str


@dataclass(frozen=True)
class SectionResults:
    """The best sections in order, of `total` that were found."""

    query: str
    total: int
    suggestion: str | None
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class PageHits:
    """A page with the best of its sections that were found, and the others, which have no snippet."""

    sections: tuple[Hit, ...]
    more: tuple[Hit, ...]

    @property
    def best(self) -> Hit:
        """The page's best section, which stands for the page."""
        return self.sections[0]


@dataclass(frozen=True)
class ResultPage:
    """One page of results.

    `total` counts all sections that were found; of those the best MOST_SHOWN are shown, on `page_total` pages.
    `is_complete` is false while pages that have just changed may be missing.
    """

    query: str
    filters: Filters
    total: int
    is_complete: bool
    suggestion: str | None
    areas: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    answers: tuple[Answer, ...]
    page_total: int
    groups: tuple[PageHits, ...]
    number: int
    last_number: int

    @property
    def is_cut(self) -> bool:
        """Whether there are more sections than are shown."""
        return self.total > MOST_SHOWN

    @property
    def first_shown(self) -> int:
        """The place of the first group among all."""
        return (self.number - 1) * PAGES_A_PAGE + 1

    @property
    def last_shown(self) -> int:
        """The place of the last group among all."""
        return self.first_shown + len(self.groups) - 1


def find_sections(index: SearchIndex, typed: str, *, asker: Asker, limit: int) -> SectionResults:
    """Return the best sections for what was typed, one by one. `total` counts no more than MOST_SHOWN."""
    text = clean(typed)

    def gather(snapshot: Snapshot) -> SectionResults:
        view = snapshot.view_for(asker)
        found = find(view, text, asker)
        hits = tuple(_hit(view, number, found, asker) for number in found.best[:limit])
        return SectionResults(text, len(found.best), found.correction, hits)

    return index.ask(asker.edition, gather)


def find_pages(
    index: SearchIndex,
    typed: str,
    *,
    asker: Asker,
    number: int,
    filters: Filters = NO_FILTERS,
) -> ResultPage:
    """Return a page of results for what was typed, grouped by page. A number past the end is taken for the last."""
    text = clean(typed)

    def gather(snapshot: Snapshot) -> ResultPage:
        view = snapshot.view_for(asker)
        found = find(view, text, asker, exact=filters.exact, among=narrowed(view, filters))
        by_page: dict[str, list[int]] = {}
        for one in found.best:
            by_page.setdefault(view.candidate(one).page, []).append(one)
        last = max(1, -(-len(by_page) // PAGES_A_PAGE))
        shown = min(max(number, 1), last)
        groups = list(by_page.values())[(shown - 1) * PAGES_A_PAGE : shown * PAGES_A_PAGE]
        areas, audiences = choices(view, found, asker, filters)
        return ResultPage(
            query=text,
            filters=filters,
            total=found.shown,
            is_complete=view.is_complete,
            suggestion=found.correction,
            areas=areas,
            audiences=audiences,
            answers=found.answers if number <= 1 else (),
            page_total=len(by_page),
            groups=tuple(_page_hits(view, group, found, asker) for group in groups),
            number=shown,
            last_number=last,
        )

    return index.ask(asker.edition, gather)


def _page_hits(view: View, numbers: Sequence[int], found: Found, asker: Asker) -> PageHits:
    shown, more = numbers[:SECTIONS_OF_A_PAGE], numbers[SECTIONS_OF_A_PAGE:]
    return PageHits(
        tuple(_hit(view, number, found, asker) for number in shown),
        tuple(_hit(view, number, found, asker, with_snippet=False) for number in more),
    )


def _hit(view: View, number: int, found: Found, asker: Asker, *, with_snippet: bool = True) -> Hit:
    stored: Mapping[str, str] = view.stored(number)
    edition = asker.edition
    page = edition.page(stored["page"])
    area = edition.page(f"/{stored['area']}") if stored["area"] else None
    return Hit(
        url=section_url(stored),
        page_url=stored["page"],
        page_title=stored["title"],
        heading=stored["heading"],
        snippet=_snippet(view, number, stored, found) if with_snippet else Markup(),
        audience=stored["audience"],
        audience_tag=audience_tag(Requirement.from_key(stored["audience"]), edition.audiences),
        status_tag=status_tag(page, asker.today) if page else None,
        area=area.meta.title if area and area.url != stored["page"] and asker.may_read(area.requirement) else "",
    )


def _snippet(view: View, number: int, stored: Mapping[str, str], found: Found) -> Markup:
    text, stems = stored["body"], view.candidate(number).fields["body"]
    if not text:
        text = stored["summary"]
        stems = padded(stems_of(text))
    return excerpt(text, stems, found.question.concepts)
