"""Change a page, and stop how long it takes until a search finds it by its new words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.engines import Engine, SectionSearch
from benchmarks.full_text import FullText, rows_of
from benchmarks.measuring import Took, timed
from benchmarks.questions import Question
from knowledge_base.pages.library import Library


class NotFoundError(Exception):
    """A changed page is not found by its new words, so what was stopped means nothing."""


@dataclass(frozen=True)
class Updates:
    """What a change took: the site to notice it, then to find it, and SQLite to find it when given the new sections."""

    noticing: Took
    site: Took
    sqlite: Took


def update(content: Path, library: Library, site: SectionSearch, sqlite: FullText, paths: Sequence[str]) -> Updates:
    """Change the pages one after the other. Return the median times."""
    changes = [_change(content / f"{path}.md", library, site, sqlite, path) for path in paths]
    return Updates(
        noticing=_median([one.noticing for one in changes]),
        site=_median([one.site for one in changes]),
        sqlite=_median([one.sqlite for one in changes]),
    )


def _change(file: Path, library: Library, site: SectionSearch, sqlite: FullText, path: str) -> Updates:
    question = Question(f"fresh{path.rpartition('-')[2]}", "fresh", frozenset({"staff"}))
    with file.open("a", encoding="utf-8") as opened:
        opened.write(f"\nThis is {question.text}.\n")
    site.edition, noticing = timed(library.refresh)
    found = timed(_find, site, question)[1]
    page = site.edition.pages[f"/{path}"]
    rows = tuple(rows_of(page, site.edition.document(page)))
    replaced = timed(sqlite.replace, rows)[1] + timed(_find, sqlite, question)[1]
    return Updates(noticing, found, replaced)


def _find(engine: Engine, question: Question) -> None:
    if not engine.ask(question):
        message = f"{engine.name} does not find a page that has just been changed."
        raise NotFoundError(message)


def _median(times: Sequence[Took]) -> Took:
    return Took(median(one.clock for one in times), median(one.cpu for one in times))
