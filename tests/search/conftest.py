"""What the tests of searching share: an index over the test's content folder, and people who ask it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from knowledge_base.access.policy import Viewer
from knowledge_base.pages.edition import Edition
from knowledge_base.search.answers import Answer
from knowledge_base.search.filters import Filters
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import ResultPage, SectionResults, find_pages, find_sections
from knowledge_base.search.snapshot import Asker, View
from knowledge_base.settings import ROOT
from tests.content_folder import ContentFolder

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
Search = Callable[..., SectionResults]
Found = Callable[..., list[str]]
ResultPages = Callable[..., ResultPage]
Answers = Callable[..., tuple[Answer, ...]]
MakeView = Callable[..., View]
WriteFile = Callable[[str, str], None]
StartPython = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def write(content: ContentFolder) -> Write:
    """Write a page: its path without .md, its body, and what its header is to say."""
    return content.page


@pytest.fixture
def content_file(content: ContentFolder) -> WriteFile:
    """Write any file of the content folder."""

    def write(name: str, text: str) -> None:
        content.file(name, text)

    return write


@pytest.fixture
def look(content: ContentFolder) -> Look:
    """Return the content as it is on disk now."""
    return content.edition


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    return tmp_path / "search_index"


@pytest.fixture
def open_index(index_folder: Path) -> Iterator[Callable[[], SearchIndex]]:
    """Open the index as another process would."""
    opened: list[SearchIndex] = []

    def open_one() -> SearchIndex:
        opened.append(SearchIndex(index_folder, patience=0.1))
        return opened[-1]

    yield open_one
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: Callable[[], SearchIndex]) -> SearchIndex:
    return open_index()


@pytest.fixture
def asker() -> MakeAsker:
    """Make someone who asks, in the given groups."""

    def make(edition: Edition, *groups: str) -> Asker:
        return Asker(edition, edition.may_read(Viewer(groups=frozenset(groups))))

    return make


@pytest.fixture
def search(index: SearchIndex, look: Look, asker: MakeAsker) -> Search:
    """Search the content as it is on disk now, as someone in the given groups."""

    def find(typed: str, *groups: str, limit: int = 50) -> SectionResults:
        return find_sections(index, typed, asker=asker(look(), *groups), limit=limit)

    return find


@pytest.fixture
def found(search: Search) -> Found:
    """Search, and return where the results lead."""

    def find(typed: str, *groups: str) -> list[str]:
        return [hit.url for hit in search(typed, *groups).hits]

    return find


@pytest.fixture
def results(index: SearchIndex, look: Look, asker: MakeAsker) -> ResultPages:
    """Search, and return a page of results."""

    def find(
        typed: str, *groups: str, number: int = 1, exact: bool = False, area: str = "", audience: str = ""
    ) -> ResultPage:
        filters = Filters(area=area, audience=audience, exact=exact)
        return find_pages(index, typed, asker=asker(look(), *groups), number=number, filters=filters)

    return find


@pytest.fixture
def answers(results: ResultPages) -> Answers:
    """Search, and return what stands above the results."""
    return lambda typed, *groups: results(typed, *groups).answers


@pytest.fixture
def view(index: SearchIndex, look: Look, asker: MakeAsker) -> MakeView:
    """Return what somebody in the given groups may see of the index."""

    def make(*groups: str) -> View:
        asked = asker(look(), *groups)
        return index.ask(asked.edition, lambda snapshot: snapshot.view_for(asked))

    return make


@pytest.fixture
def start_python() -> Iterator[StartPython]:
    """Start another process that runs some code with the package at hand, and end it with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                env={"PYTHONPATH": str(ROOT / "site")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def hold_lock(index_folder: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock that whoever writes the index needs, until the end of the test."""
    held: list[FileLock] = []

    def hold() -> None:
        held.append(FileLock(index_folder / "lock", timeout=1))
        held[-1].acquire()

    yield hold
    for lock in held:
        lock.release()
