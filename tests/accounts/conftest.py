"""What the tests of accounts share: people with a password, and a browser that fills in forms."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.people import Person, check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import (
    Arrival,
    NextStep,
    SignedIn,
    finish_with_set_up,
    offer_key_to_waiting,
)
from knowledge_base.accounts.sessions import find_session
from knowledge_base.audit.events import SITE
from knowledge_base.audit.reading import Filters, export_entries
from knowledge_base.settings import Settings, read_settings
from tests.conftest import fill_in
from tests.content_folder import ContentFolder
from tests.mail_server import MailServer, running_mail_server
from tests.sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider, serve_provider

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "three random words"
ARRIVAL = Arrival("192.0.2.1", "Firefox on Windows")

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]
Post = Callable[..., TestResponse]
SettingsWith = Callable[..., Settings]
ComeIn = Callable[..., TestResponse]
GROUPS = (
    "g-staff=group:staff; g-editors=group:staff,role:editor; CN=Members,OU=Council=group:members; g-admins=role:admin"
)


def find_person(accounts: Register, token: str, *, now: datetime) -> Person | None:
    """Return whose session this is."""
    current = find_session(accounts, token, now=now)
    return current.person if current else None


def code_of(key: str, now: datetime) -> str:
    """Return what an authenticator app with this key shows at this moment."""
    return pyotp.TOTP(key).at(now)


def pass_second_factor(accounts: Register, step: NextStep, *, now: datetime) -> SignedIn:
    """Set up the second factor that a person's role asks for, where it does."""
    if isinstance(step, SignedIn):
        return step
    offered = offer_key_to_waiting(accounts, step.token, site_name="Guidance", now=now)
    return finish_with_set_up(accounts, step.token, code_of(offered.key, now), ARRIVAL, now=now)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_person(accounts: Register) -> MakePerson:
    """Make an account. Its password is `three random words`."""

    def make(email: str = "ada@example.gov.uk", *, name: str = "Ada Byron", **profile: list[str]) -> Person:
        checked = check_profile(email=email, name=name, **profile)
        return create_account(accounts, checked, password=PASSWORD, actor=SITE, now=NOW)

    return make


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def post() -> Post:
    """Fill in the form at a URL and send it, with the token that its page holds, as a browser does."""
    return fill_in


@pytest.fixture
def sign_in(post: Post) -> Post:
    """Sign in through the sign-in page."""

    def send(browser: FlaskClient, email: str = "ada@example.gov.uk", password: str = PASSWORD) -> TestResponse:
        return post(browser, "/login", {"email": email, "password": password})

    return send


@pytest.fixture
def record(accounts: Register) -> Record:
    """Return the sentences of the record, the oldest first, without the one that it begins with."""

    def read() -> list[str]:
        sentences = [entry.sentence for entry in export_entries(accounts.database, Filters())]
        return [one for one in reversed(sentences) if one != "The site began this record."]

    return read


@pytest.fixture
def mail(app: Flask) -> Iterator[MailServer]:
    """A mail server that the site sends by. Its letters are read while it runs."""
    with running_mail_server() as server:
        app.extensions["settings"] = replace(app.extensions["settings"], mail=server.settings)
        yield server


@pytest.fixture
def provider() -> Iterator[SignInProvider]:
    """A sign-in provider on this machine, at which Ada is signed in."""
    with serve_provider(SignInProvider()) as provider:
        yield provider


@pytest.fixture
def settings_with(tmp_path: Path, content: ContentFolder, provider: SignInProvider, database_url: str) -> SettingsWith:
    """Return settings that name the provider, with others besides."""

    def read(**others: str) -> Settings:
        return read_settings(
            {
                "KB_DATABASE_URL": database_url,
                "KB_INSTANCE_DIR": str(tmp_path / "instance"),
                "KB_CONTENT_DIR": str(content.root),
                "KB_INDEX_DIR": str(tmp_path / "search_index"),
                "KB_BASE_URL": "http://localhost",
                "KB_OIDC_ISSUER": provider.url,
                "KB_OIDC_CLIENT_ID": CLIENT_ID,
                "KB_OIDC_CLIENT_SECRET": CLIENT_SECRET,
                "KB_OIDC_GROUPS": GROUPS,
                "KB_OIDC_NAME": "Council ID",
                **others,
            }
        )

    return read


def go_to_provider(browser: FlaskClient, start: str = "/login/provider") -> str:
    """Follow the way to the provider, and return the address that it sends the browser back to."""
    departure = browser.get(start)
    assert departure.status_code == 302, departure.text
    back = requests.get(departure.location, allow_redirects=False, timeout=5)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    assert parts.netloc == "localhost"
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def come_in(browser: FlaskClient) -> ComeIn:
    """Go to the provider and come back with its answer."""

    def come(start: str = "/login/provider", *, using: FlaskClient = browser) -> TestResponse:
        return using.get(go_to_provider(using, start))

    return come
