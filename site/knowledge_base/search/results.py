"""Find the sections that answer, and gather them as the results page and the API show them.

Everything here, counts and corrections included, comes from what the asker may read: nothing is filtered afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from whoosh.searching import Hit as WhooshHit

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.page import Status
from knowledge_base.pages.page_view import audience_tag
from knowledge_base.search.excerpts import excerpt
from knowledge_base.search.expansions import Expansions, expansions_for
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.query import clean, questions_for
from knowledge_base.search.schema import section_url
from knowledge_base.search.snapshot import Asker, Snapshot, View
from knowledge_base.search.titles import Suggestion
from knowledge_base.search.words import COMMON, words_of

MOST_LOOKED_AT = 100
PAGES_A_PAGE = 10
SECTIONS_OF_A_PAGE = 3
FEW = 10


@dataclass(frozen=True)
class Hit:
    """A section that was found. `audience` is its requirement's key, `audience_tag` what readers call that.

    `is_superseded` says that something newer has replaced its page.
    """

    url: str
    page_url: str
    page_title: str
    heading: str
    snippet: Markup
    audience: str
    audience_tag: str | None
    is_superseded: bool
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
    """A page with the best of its sections that were found, and how many more there are."""

    sections: tuple[Hit, ...]
    more: int

    @property
    def best(self) -> Hit:
        """The page's best section, which stands for the page."""
        return self.sections[0]


@dataclass(frozen=True)
class ResultPage:
    """One page of results. `total` counts sections, `page_total` the pages they stand on.

    Both count no more than MOST_LOOKED_AT sections; `is_cut` says that there are more. `is_complete` is false while
    pages that have just changed may be missing.
    """

    query: str
    total: int
    is_cut: bool
    is_complete: bool
    suggestion: str | None
    page_total: int
    groups: tuple[PageHits, ...]
    number: int
    last_number: int

    @property
    def first_shown(self) -> int:
        """The place of the first group among all."""
        return (self.number - 1) * PAGES_A_PAGE + 1

    @property
    def last_shown(self) -> int:
        """The place of the last group among all."""
        return self.first_shown + len(self.groups) - 1


@dataclass(frozen=True)
class _Found:
    hits: Sequence[WhooshHit]
    is_cut: bool
    suggestion: str | None


def find_sections(index: SearchIndex, typed: str, *, asker: Asker, limit: int) -> SectionResults:
    """Return the best sections for what was typed, one by one."""
    text = clean(typed)

    def gather(snapshot: Snapshot) -> SectionResults:
        found = _find(snapshot.view_for(asker), text, asker)
        hits = tuple(_hit(one, asker) for one in found.hits[:limit])
        return SectionResults(text, len(found.hits), found.suggestion, hits)

    return index.ask(asker.edition, gather)


def find_pages(index: SearchIndex, typed: str, *, asker: Asker, number: int, exact: bool = False) -> ResultPage:
    """Return a page of results for what was typed, grouped by page. A number past the end is taken for the last.

    What is `exact` is not corrected.
    """
    text = clean(typed)

    def gather(snapshot: Snapshot) -> ResultPage:
        view = snapshot.view_for(asker)
        found = _find(view, text, asker, exact=exact)
        by_page: dict[str, list[WhooshHit]] = {}
        for hit in found.hits:
            by_page.setdefault(hit["page"], []).append(hit)
        last = max(1, -(-len(by_page) // PAGES_A_PAGE))
        shown = min(max(number, 1), last)
        groups = list(by_page.values())[(shown - 1) * PAGES_A_PAGE : shown * PAGES_A_PAGE]
        return ResultPage(
            query=text,
            total=len(found.hits),
            is_cut=found.is_cut,
            is_complete=view.is_complete,
            suggestion=found.suggestion,
            page_total=len(by_page),
            groups=tuple(_page_hits(group, asker) for group in groups),
            number=shown,
            last_number=last,
        )

    return index.ask(asker.edition, gather)


def _find(view: View, text: str, asker: Asker, *, exact: bool = False) -> _Found:
    """Find what was typed or, where a word of it is unknown and like another, what was probably meant."""
    expansions = expansions_for(asker.edition, asker.may_read)
    hits = _hits(view, text, expansions)
    correction = None if exact or ('"' in text and hits) else _correction(view, text, expansions)
    corrected = _hits(view, correction, expansions) if correction else []
    shown = corrected or hits
    return _Found(shown[:MOST_LOOKED_AT], len(shown) > MOST_LOOKED_AT, correction if corrected else None)


def _correction(view: View, text: str, expansions: Expansions) -> str | None:
    """Correct words that nothing the asker may read has. Collecting the vocabulary takes time, so only for those."""

    def is_known(word: str) -> bool:
        return word in COMMON or expansions.know(word) or view.holds(word)

    if all(is_known(word) for word in words_of(text)):
        return None
    return view.vocabulary.correct(text, known=is_known)


def _hits(view: View, text: str, expansions: Expansions) -> list[WhooshHit]:
    """Return the sections with all words; where those are few, those with any word too. The best answers come first."""
    questions = questions_for(text, expansions)
    hits = view.search(questions.all_words, limit=MOST_LOOKED_AT + 1)
    if len(hits) < FEW:
        known = {hit.docnum for hit in hits}
        others = view.search(questions.any_word, limit=MOST_LOOKED_AT + 1 + FEW)
        hits += [hit for hit in others if hit.docnum not in known]
    hits = hits[: MOST_LOOKED_AT + 1]
    places = {hit.docnum: view.score(hit, questions.concepts) for hit in hits}
    return sorted(hits, key=lambda hit: -places[hit.docnum])


def _page_hits(hits: Sequence[WhooshHit], asker: Asker) -> PageHits:
    shown = tuple(_hit(hit, asker) for hit in hits[:SECTIONS_OF_A_PAGE])
    return PageHits(shown, len(hits) - len(shown))


def _hit(found: WhooshHit, asker: Asker) -> Hit:
    requirement = Requirement.from_key(found["audience"])
    page = asker.edition.page(found["page"])
    area = asker.edition.page(f"/{found['area']}") if found["area"] else None
    return Hit(
        url=section_url(found),
        page_url=found["page"],
        page_title=found["title"],
        heading=found["heading"],
        snippet=excerpt(found),
        audience=found["audience"],
        audience_tag=audience_tag(requirement, asker.edition.audiences),
        is_superseded=page is not None and page.meta.status is Status.SUPERSEDED,
        area=area.meta.title if area and area.url != found["page"] and asker.may_read(area.requirement) else "",
    )


def suggest_titles(index: SearchIndex, typed: str, *, asker: Asker, limit: int) -> tuple[str, tuple[Suggestion, ...]]:
    """Return the cleaned text and the titles and headings that continue it."""
    text = clean(typed)
    found = index.ask(asker.edition, lambda snapshot: snapshot.view_for(asker).titles.starting_with(text, limit=limit))
    return text, found
