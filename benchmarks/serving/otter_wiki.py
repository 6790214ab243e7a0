"""An Otter Wiki over the same pages: Flask and git too, and each search reads all files."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import requests

from benchmarks.serving.load import Request
from benchmarks.serving.peers import program
from benchmarks.serving.servers import Program, Server, free_port, serving
from benchmarks.serving.sites import MEMBER, PASSWORD, Browser, Pages, Task, changed_at, gunicorn_options, plain_text

_FOUND = 302
_WAITS = (1.0, 5.0, 10.0)


@dataclass
class OtterWiki:
    """Serves the pages from a git repository of its own."""

    pages: Pages
    folder: Path
    name: str = "An Otter Wiki"
    port: int = field(default_factory=free_port)
    _next: int = 0
    _is_registered: bool = False

    def prepare(self) -> None:
        """Write the pages into a repository, and commit them."""
        for path in self.pages.corpus.paths:
            file = self._repository / f"{path}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(plain_text(self.pages.content, path), encoding="utf-8")
        # Signing in leads there.
        (self._repository / "home.md").write_text("# Home\n", encoding="utf-8")
        for command in (["init", "--quiet"], ["add", "."], [*_AUTHOR, "commit", "--quiet", "--message", "All pages"]):
            subprocess.run(["git", "-C", str(self._repository), *command], check=True)  # noqa: S603, S607

    @contextmanager
    def serve(self) -> Iterator[Server]:
        """Start it with gunicorn, with as many processes as the site has, each of one thread: more make it fail."""
        options = ["--bind", f"127.0.0.1:{self.port}", *gunicorn_options("workers")]
        environment = {
            "REPOSITORY": str(self._repository),
            "SECRET_KEY": "of a wiki that is gone in an hour",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder / 'otter.sqlite3'}",
            "EMAIL_NEEDS_CONFIRMATION": "False",
            "AUTO_APPROVAL": "True",
            "PYTHONPATH": "",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        started = Program(
            [str(program("gunicorn")), *options, "otterwiki.server:app"],
            folder=self.folder,
            port=self.port,
            log=self.folder / "otter.log",
            path=f"/{self.pages.asked_for[0]}",
            environment=environment,
        )
        with serving(started) as server:
            yield server

    def tasks(self, server: Server) -> Mapping[Task, Sequence[Request]]:
        """Return what to ask for each task. It has no suggestions."""
        addresses = [f"/{path}" for path in self.pages.asked_for]
        member, browser = self._signed_in(server), Browser(server.port)
        form = browser.form("/-/login", marked_by="password") | {"email": MEMBER, "password": PASSWORD}
        return {
            Task.PAGE: [Request(address) for address in addresses],
            Task.STAFF_PAGE: [Request(address, cookie=member.cookie) for address in addresses],
            Task.SEARCH: [Request(f"/-/search/{quote(text, safe='')}") for text in self.pages.questions],
            Task.SIGN_IN: [Request("/-/login", form=form, cookie=browser.cookie, wanted=_FOUND)],
        }

    def publications(self, server: Server, number: int) -> Iterator[Request]:
        """Yield what saves so many pages."""
        browser = self._signed_in(server)
        # One token is good for all forms of a sign-in.
        form = browser.form(f"/{self.pages.changed[0]}/edit", marked_by="commit")
        for _ in range(min(number, len(self.pages.changed))):
            self._next += 1
            path = self.pages.changed[self._next % len(self.pages.changed)]
            changed = {"content": self._text(path) + changed_at(path), "commit": "Changed a sentence"}
            yield Request(f"/{path}/save", form=form | changed, cookie=browser.cookie, wanted=_FOUND)

    @property
    def _repository(self) -> Path:
        return self.folder / "repository"

    def _text(self, path: str) -> str:
        return (self._repository / f"{path}.md").read_text(encoding="utf-8")

    def _signed_in(self, server: Server) -> Browser:
        """Return the browser of somebody. While its processes come and go, it may close a connection without a word."""
        for seconds in _WAITS:
            with suppress(requests.ConnectionError):
                return self._signed_in_at_once(server)
            time.sleep(seconds)
        return self._signed_in_at_once(server)

    def _signed_in_at_once(self, server: Server) -> Browser:
        browser = Browser(server.port)
        if not self._is_registered:
            form = browser.form("/-/register", marked_by="password2")
            passwords = {"password1": PASSWORD, "password2": PASSWORD}
            browser.send("/-/register", form | passwords | {"email": MEMBER, "name": "A Person"})
            self._is_registered = True
        form = browser.form("/-/login", marked_by="password")
        browser.send("/-/login", form | {"email": MEMBER, "password": PASSWORD})
        return browser


_AUTHOR = ("-c", "user.name=A Person", "-c", f"user.email={MEMBER}")
