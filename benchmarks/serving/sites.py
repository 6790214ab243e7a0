"""What is measured: it is made ready from the same pages, started, and says what to ask it for each task."""

import runpy
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Protocol

import lxml.html
import requests

from benchmarks.corpus import Corpus, write_corpus
from benchmarks.processes import in_fresh_process
from benchmarks.questions import questions_about
from benchmarks.running import progress
from benchmarks.serving.load import Request
from benchmarks.serving.servers import Server
from benchmarks.vocabulary import Vocabulary
from knowledge_base.settings import ROOT

PASSWORD = "three random words"  # noqa: S105 - of people who do not exist
EDITOR, MEMBER = "editor@example.gov.uk", "member@example.gov.uk"
# So many pages are asked for in turn, and so many questions: enough that hardly one answer is asked for twice at once.
_PAGES, _QUESTIONS = 100, 2_000
_PATIENCE = 120
SHIPPED = ROOT / "content"
_SECTIONS_OF_A_PAGE = 10
_TAKEN_OVER = ("worker_class", "workers", "threads", "worker_connections", "keepalive")


class Task(StrEnum):
    """What a reader or an editor waits for."""

    PAGE = "page"
    STAFF_PAGE = "page, signed in"
    SEARCH = "search"
    SUGGESTION = "suggestion"
    SIGN_IN = "sign-in"
    PUBLISH = "publish"


@dataclass(frozen=True)
class Pages:
    """The pages that all are made of, and what is asked of them: paths of open pages, and what somebody types."""

    content: Path
    corpus: Corpus
    asked_for: Sequence[str]
    changed: Sequence[str]
    questions: Sequence[str]

    @classmethod
    def of(cls, content: Path, corpus: Corpus, questions: Iterator[str]) -> "Pages":
        """Choose what is asked for, the same each time."""
        is_open = {path: "\naudience: open\n" in _text(content, path) for path in corpus.paths}
        found = [path for path in corpus.paths if is_open[path] and not path.endswith("/index")]
        Random("pages").shuffle(found)
        typed = [text for _, text in zip(range(_QUESTIONS), questions, strict=False)]
        return cls(content, corpus, found[:_PAGES], found, typed)


def make_pages(content: Path, vocabulary: Vocabulary, number: int) -> Pages:
    """Write so many pages into a folder, and choose what is asked of them."""
    corpus = write_corpus(
        content, SHIPPED, vocabulary, sections=_SECTIONS_OF_A_PAGE * number, progress=progress("Writing section")
    )
    asked = (question.text for question in questions_about(corpus, vocabulary) if not question.groups)
    return Pages.of(content, corpus, asked)


class Site(Protocol):
    """Something that serves the pages."""

    name: str
    folder: Path

    def prepare(self) -> float | None:
        """Make it ready to start. Returns the seconds that making everything of the pages took, where that is work."""
        ...

    def serve(self) -> AbstractContextManager[Server]:
        """Start it, until the block ends."""
        ...

    def tasks(self, server: Server) -> Mapping[Task, Sequence[Request]]:
        """Return what to ask in turn for each task that it has. People sign in for that, and forms are fetched."""
        ...

    def publications(self, server: Server, number: int) -> Iterator[Request]:
        """Yield what publishes so many changes, each of another page, each to be sent once."""
        ...


class Browser:
    """A browser without the waiting: it keeps cookies, opens pages and reads their forms."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        # Whatever the machine's proxy is, this is none of its business.
        self.session.trust_env = False
        # A server may close a connection that is kept just when it is to be used again.
        self.session.headers["Connection"] = "close"

    @property
    def cookie(self) -> str:
        """What it would send of its cookies."""
        return "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())

    def take(self, cookie: str) -> None:
        """Hold a cookie that the server did not send."""
        name, _, value = cookie.partition("=")
        self.session.cookies.set(name, value, domain="127.0.0.1", path="/")

    def form(self, path: str, *, marked_by: str) -> dict[str, str]:
        """Return what it would send of a page's form that has a field `marked_by`, nothing being changed."""
        answer = self.session.get(f"{self.address}{path}", timeout=_PATIENCE)
        answer.raise_for_status()
        return form_of(answer, marked_by=marked_by)

    def send(self, path: str, form: Mapping[str, str]) -> requests.Response:
        """Send a form, and follow where it leads."""
        answer = self.session.post(f"{self.address}{path}", data=form, timeout=_PATIENCE)
        answer.raise_for_status()
        return answer


def form_of(answer: requests.Response, *, marked_by: str) -> dict[str, str]:
    """Return what a browser would send of the form that has a field `marked_by`, nothing being changed."""
    for form in lxml.html.document_fromstring(answer.text).iter("form"):
        if isinstance(form, lxml.html.FormElement) and marked_by in form.fields:
            return {str(name): str(value) for name, value in form.form_values()}
    message = f"{answer.url} has no form with {marked_by}."
    raise LookupError(message)


def gunicorn_options(*names: str) -> tuple[str, ...]:
    """Return the options by which another application gets what gunicorn.conf.py gives the site, all or some."""
    shipped = in_fresh_process(_shipped_settings)
    options = [(f"--{name.replace('_', '-')}", str(shipped[name])) for name in names or shipped]
    return (*(part for option in options for part in option), "--log-level", "warning", "--no-control-socket")


def plain_text(content: Path, path: str) -> str:
    """Return a page for a program that knows neither our header nor our blocks: its title, then its text."""
    header, _, body = _text(content, path).removeprefix("---\n").partition("\n---\n")
    title = next(line for line in header.splitlines() if line.startswith("title: ")).removeprefix("title: ").strip('"')
    kept, is_block = [], False
    for line in body.splitlines():
        if line.startswith("///"):
            is_block = line != "///"
        elif not is_block:
            kept.append(line)
    return f"# {title}\n" + "\n".join(kept) + "\n"


def changed_at(what: str) -> str:
    """Return a paragraph that no page has yet."""
    return f"\n\nChanged for the benchmark at {time.time_ns()}, {what}.\n"


def _shipped_settings() -> dict[str, object]:
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    return {name: settings[name] for name in _TAKEN_OVER if name in settings}


def _text(content: Path, path: str) -> str:
    return (content / f"{path}.md").read_text(encoding="utf-8")
