"""A small site as gunicorn serves it, somebody who has signed in there, and somebody who has not."""

import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from flask import Flask

from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from tests.conftest import PASSWORD
from tests.content_folder import ContentFolder
from tests.operations.conftest import Serve, environment, port, serve

__all__ = ["environment", "port", "serve"]

PATIENCE = 60
EMAIL = "sam@example.gov.uk"


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str


@dataclass
class Browser:
    """A browser that keeps its cookies."""

    url: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Ask for a page, or send a form."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        data = urlencode(fields).encode() if fields is not None else None
        try:
            with opener.open(f"{self.url}{path}", data, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read().decode())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode())

    def sign_in(self) -> Answer:
        """Fill in the sign-in page."""
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.get("/login").text)
        assert token
        return self.get("/login", {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD})

    def until(self, path: str, is_so: Callable[[Answer], bool]) -> Answer:
        """Ask until the answer is so. The test's own patience ends what never comes."""
        while not is_so(answer := self.get(path)):
            pass
        return answer


@dataclass
class Site:
    """The site that runs: its process, who has signed in and who has not."""

    process: int
    staff: Browser
    anonymous: Browser


@pytest.fixture
def site(serve: Serve, port: int, app: Flask, content: ContentFolder) -> Site:
    """The site, with a page for everybody and one for staff, whom it knows already."""
    content.page("share", "First words.\n", title="Share your concern")
    content.page("safe/index", title="Safe houses", audience="staff")
    profile = check_profile(email=EMAIL, name="Sam", groups=["staff"], roles=[])
    create_account(app.extensions["accounts"], profile, password=PASSWORD, actor=SITE, now=utc_now())
    app.extensions["database"].dispose()
    server = serve(KB_WORKERS="2")
    url = f"http://127.0.0.1:{port}"
    staff = Browser(url)
    assert staff.sign_in().status == 200
    assert "Safe houses" in staff.get("/safe").text
    return Site(server.pid, staff, Browser(url))
