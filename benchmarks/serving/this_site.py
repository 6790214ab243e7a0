"""The site as it is shipped: gunicorn with gunicorn.conf.py, a database of its own, and somebody to sign in."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask.sessions import SecureCookieSessionInterface

from benchmarks.processes import in_fresh_process
from benchmarks.serving.load import Request
from benchmarks.serving.servers import Program, Server, free_port, serving
from benchmarks.serving.sites import EDITOR, MEMBER, PASSWORD, Browser, Pages, Task, changed_at, form_of
from knowledge_base.accounts.models import Account
from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.sessions import Start, start_session
from knowledge_base.app import create_app
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.settings import ROOT

if TYPE_CHECKING:
    from knowledge_base.accounts.register import Register

SESSION = "_user_id"
_SEE_OTHER = 303
_FOUND = 302
_FEWEST_LETTERS, _MOST_LETTERS = 2, 6


@dataclass
class ThisSite:
    """Serves the pages from a folder of its own."""

    pages: Pages
    folder: Path
    name: str = "this site"
    port: int = field(default_factory=free_port)
    _next: int = 0
    _cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the site is told."""
        return {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "KB_BASE_URL": f"http://127.0.0.1:{self.port}",
            "KB_CONTENT_DIR": str(self.pages.content),
            "KB_INDEX_DIR": str(self.folder / "index"),
            "KB_INSTANCE_DIR": str(self.folder / "instance"),
        }

    def prepare(self) -> float:
        """Make the database and the index."""
        (self.folder / "instance").mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - began

    @contextmanager
    def serve(self) -> Iterator[Server]:
        """Start gunicorn as script/server does."""
        program = Program(
            [sys.executable, "-m", "gunicorn", "wsgi:app"],
            folder=ROOT,
            port=self.port,
            log=self.folder / "site.log",
            path=f"/{self.pages.asked_for[0]}",
            environment=self.environment,
        )
        with serving(program) as server:
            yield server

    def tasks(self, server: Server) -> Mapping[Task, Sequence[Request]]:
        """Return what to ask for each task. Makes two people, once."""
        self._cookies = self._cookies or in_fresh_process(_sign_people_in, self.environment)
        addresses = [f"/{path}" for path in self.pages.asked_for]
        words = [text.split()[0] for text in self.pages.questions]
        typed = [word[:length] for word in words for length in range(_FEWEST_LETTERS, min(len(word), _MOST_LETTERS))]
        browser = Browser(server.port)
        form = browser.form("/login", marked_by="password") | {"email": MEMBER, "password": PASSWORD}
        return {
            Task.PAGE: [Request(address) for address in addresses],
            Task.STAFF_PAGE: [Request(address, cookie=self._cookies[MEMBER]) for address in addresses],
            Task.SEARCH: [Request(f"/search?{urlencode({'q': text})}") for text in self.pages.questions],
            Task.SUGGESTION: [Request(f"/api/suggest?{urlencode({'q': text})}") for text in typed],
            Task.SIGN_IN: [Request("/login", form=form, cookie=browser.cookie, wanted=_FOUND)],
        }

    def publications(self, server: Server, number: int) -> Iterator[Request]:
        """Write drafts, and yield what publishes them."""
        browser = Browser(server.port)
        browser.take(self._cookies[EDITOR])
        for _ in range(min(number, len(self.pages.changed))):
            self._next += 1
            yield self._publication(browser, self.pages.changed[self._next % len(self.pages.changed)])

    def _publication(self, browser: Browser, path: str) -> Request:
        draft = browser.form(f"/edit/{path}", marked_by="kb-body")
        draft["kb-body"] += changed_at(path)
        answer = browser.send(f"/edit/{path}/save", draft | {"then": "publish"})
        address = urlsplit(answer.url).path
        form = form_of(answer, marked_by="note") | {"note": "Changed a sentence", "read_warnings": "y"}
        return Request(address, form=form, cookie=browser.cookie, wanted=_SEE_OTHER)


def _sign_people_in(environment: Mapping[str, str]) -> dict[str, str]:
    """Make two people, and return their cookies, signed in with all that their roles ask for, without the waiting."""
    os.environ.update(environment)
    app = create_app()
    register: Register = app.extensions["accounts"]
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        message = "The site has no secret key."
        raise RuntimeError(message)
    cookies = {}
    for email, roles in ((MEMBER, ()), (EDITOR, ("publisher",))):
        profile = check_profile(email=email, name="A Person", groups=("staff",), roles=roles)
        person = create_account(register, profile, password=PASSWORD, actor=SITE, now=utc_now())
        with register.database.write() as session:
            account = session.get_one(Account, person.account_id)
            token = start_session(session, register, account, start=Start(with_second_factor=True), now=utc_now())
        cookies[email] = f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({SESSION: token})}"
    return cookies
