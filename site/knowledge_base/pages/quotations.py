"""Find words of a page, or part of one, that not everyone may read, where more people read them.

A run of as many words as RUN is taken for a quotation. The words are those of the files: what comes from the data files
has an audience of its own and is no quotation.
"""

import re
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.access.audiences import Audiences, Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.fences import STAFF_ONLY, split_by_audience
from knowledge_base.pages.findings import Finding, Severity
from knowledge_base.pages.page import Page

RUN = 12
_NO_RUN = 0
_SHOWN = 8
# Pages whose runs are remembered, about 10 kB each. Those that are open altogether are not among them.
_REMEMBERED = 5_000

_BREAK = "\0"
_WORD = re.compile(rf"[^\W_]+(?:['’][^\W_]+)*|{_BREAK}")
# Addresses of links, and anchors.
_NO_WORDS = re.compile(r"\]\([^)\s]*\)|\{#[\w-]+\}|<[^<>\s]*>")
# Placeholders and the lines on which blocks start: a run ends there.
_FROM_DATA = re.compile(r"\{\{[^{}]*\}\}|^[ \t]*/{3,}.*$", re.MULTILINE)


@dataclass(frozen=True)
class _Runs:
    """The runs of a stretch, each as one number, in order. `line` is the stretch's first in its file's body."""

    audience: str | None
    line: int
    markdown: str
    runs: Sequence[int]


class GatedWords:
    """The runs of words that some pages have and not everyone may read, wherever in an edition that is.

    Only runs of these pages are kept: all that are gated would take hundreds of megabytes among a thousand pages.
    """

    def __init__(self, edition: Edition, pages: Collection[Page]) -> None:
        self._audiences = edition.audiences
        # Of a run that stands in several places, each set of people who may read it, with the first of its places.
        self._places: dict[int, dict[Requirement, str]] = {}
        wanted = {run for page in pages for stretch in _stretches(page) for run in stretch.runs} - {_NO_RUN}
        for page in edition.pages.values() if wanted else ():
            for audience, runs in _gated_runs(page):
                requirement = page.requirement.narrowed_by(audience)
                for run in wanted.intersection(runs) if not requirement.is_open else ():
                    self._places.setdefault(run, {}).setdefault(requirement, page.url)

    def quoted_in(self, page: Page) -> Iterator[Finding]:
        """Yield the places of one of the pages that repeat words for fewer people than its own readers."""
        for stretch in _stretches(page):
            requirement = page.requirement.narrowed_by(stretch.audience)
            last = -RUN
            for number, run in enumerate(stretch.runs):
                source = self._source_of(run, requirement) if run in self._places else None
                if source and number >= last + RUN:
                    yield self._finding(page, stretch, number, source)
                if source:
                    last = number

    def _source_of(self, run: int, requirement: Requirement) -> tuple[Requirement, str] | None:
        for gated, url in self._places[run].items():
            if not all_may_read(requirement, gated, self._audiences):
                return gated, url
        return None

    def _finding(self, page: Page, stretch: _Runs, number: int, source: tuple[Requirement, str]) -> Finding:
        requirement, url = source
        found = list(_WORD.finditer(_blanked(stretch.markdown)))
        quoted = " ".join(word[0] for word in found[number : number + _SHOWN])
        line = page.body_line + stretch.line - 1 + stretch.markdown.count("\n", 0, found[number].start())
        where = "in a staff-only block of this page" if url == page.url else f"on {url}"
        whose = "which not everyone who reads this may read"
        return Finding(
            path=f"{page.path}.md",
            line=0 if stretch.line == 0 else line,
            severity=Severity.ERROR,
            message=f"'{quoted} …' stands {where}, {whose}",
            remedy="say it in other words without what is for fewer people, or link to where it stands",
            about=requirement,
            discreet=f"'{quoted} …' stands in a place {whose}",
        )


def all_may_read(readers: Requirement, wanted: Requirement, audiences: Audiences) -> bool:
    """Say whether everyone who meets one requirement meets the other, whatever groups they are in."""
    return all(any(_is_within(audiences, one, name) for one in readers.audiences) for name in wanted.audiences)


def _is_within(audiences: Audiences, inner: str, outer: str) -> bool:
    groups = audiences.groups_of(inner)
    return inner == outer or (bool(groups) and groups <= audiences.groups_of(outer))


def _gated_runs(page: Page) -> Iterator[tuple[str | None, Sequence[int]]]:
    """Yield the runs of a page that is not open altogether, by the audience that its blocks narrow it to."""
    if not page.requirement.is_open or STAFF_ONLY in page.body:
        yield None, _runs_of(page.meta.summary)
        yield from _runs_by_audience(page.body)


def _stretches(page: Page) -> Iterator[_Runs]:
    yield _Runs(None, 0, page.meta.summary, _runs_of(page.meta.summary))
    for stretch in split_by_audience(page.body):
        yield _Runs(stretch.audience, stretch.line, stretch.markdown, _runs_of(stretch.markdown))


@lru_cache(maxsize=_REMEMBERED)
def _runs_by_audience(body: str) -> tuple[tuple[str | None, Sequence[int]], ...]:
    return tuple((stretch.audience, _runs_of(stretch.markdown)) for stretch in split_by_audience(body))


def _runs_of(markdown: str) -> Sequence[int]:
    words = [word.lower() for word in _WORD.findall(_blanked(markdown))]
    runs = (words[place : place + RUN] for place in range(len(words) - RUN + 1))
    return array("q", (_NO_RUN if _BREAK in run else hash(tuple(run)) for run in runs))


def _blanked(markdown: str) -> str:
    """Return the text with all that is not words as spaces of the same length."""
    text = _NO_WORDS.sub(lambda found: " " * len(found[0]), markdown)
    return _FROM_DATA.sub(lambda found: _BREAK.ljust(len(found[0])), text)
