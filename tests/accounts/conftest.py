"""What the tests of accounts share: people with a password, and a browser that fills in forms."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.people import Person, check_profile, create_account
from knowledge_base.db import Database

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "three random words"

MakePerson = Callable[..., Person]
Post = Callable[..., TestResponse]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_person(database: Database) -> MakePerson:
    """Make an account. Its password is `three random words`."""

    def make(email: str = "ada@example.gov.uk", *, name: str = "Ada Byron", **profile: list[str]) -> Person:
        return create_account(database, check_profile(email=email, name=name, **profile), password=PASSWORD, now=NOW)

    return make


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def post() -> Post:
    """Fill in the form at a URL and send it, with the token that its page holds, as a browser does."""

    def send(browser: FlaskClient, url: str, fields: dict[str, str], *, to: str | None = None) -> TestResponse:
        page = browser.get(url).text
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert token, f"no form at {url}"
        return browser.post(to or url, data={"csrf_token": token[1], **fields})

    return send


@pytest.fixture
def sign_in(post: Post) -> Post:
    """Sign in through the sign-in page."""

    def send(browser: FlaskClient, email: str = "ada@example.gov.uk", password: str = PASSWORD) -> TestResponse:
        return post(browser, "/login", {"email": email, "password": password})

    return send
