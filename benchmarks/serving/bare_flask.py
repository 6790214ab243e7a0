"""A bare Flask page, served by gunicorn as the site is: the least that a page of Flask's costs on this machine."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving.load import Request
from benchmarks.serving.servers import Program, Server, free_port, serving
from benchmarks.serving.sites import Browser, Pages, Task, gunicorn_options
from knowledge_base.settings import ROOT

_PAGES = 20


@dataclass
class BareFlask:
    """Shows pages of the size that the site's have."""

    pages: Pages
    folder: Path
    name: str = "bare Flask page"
    port: int = field(default_factory=free_port)

    def prepare(self) -> None:
        """Do nothing: what it shows is taken from the site once that is served."""

    def take_over(self, site: Server) -> None:
        """Keep the main part of some of the site's pages, so that these are of the same size."""
        browser = Browser(site.port)
        (self.folder / "pages").mkdir(parents=True, exist_ok=True)
        for number, path in enumerate(self.pages.asked_for[:_PAGES]):
            page = browser.session.get(f"{browser.address}/{path}", timeout=60).text
            text = page[page.index("<main") :].partition("</main>")[0].partition(">")[2]
            room = len(text) + page.index("<main")
            (self.folder / "pages" / f"{number}.html").write_text(text.ljust(room), encoding="utf-8")

    @contextmanager
    def serve(self) -> Iterator[Server]:
        """Start gunicorn with the site's settings."""
        options = ["--bind", f"127.0.0.1:{self.port}", *gunicorn_options()]
        program = Program(
            [sys.executable, "-m", "gunicorn", *options, "benchmarks.serving.bare_app:app"],
            # Not where gunicorn.conf.py stands, which gunicorn would read.
            folder=self.folder,
            port=self.port,
            log=self.folder / "bare.log",
            path="/0",
            environment={"BARE_FLASK_PAGES": str(self.folder / "pages"), "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}"},
        )
        with serving(program) as server:
            yield server

    def tasks(self, server: Server) -> Mapping[Task, Sequence[Request]]:  # noqa: ARG002 - the others need it
        """Return what to ask: it has nothing but pages."""
        return {Task.PAGE: [Request(f"/{number}") for number in range(min(_PAGES, len(self.pages.asked_for)))]}

    def publications(self, server: Server, number: int) -> Iterator[Request]:  # noqa: ARG002 - as above
        """Return nothing."""
        return iter(())
