"""What the tests of accounts share: a database, people in it, and the site as a browser meets it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from jinja2 import ChainableUndefined
from werkzeug.test import TestResponse

from knowledge_base.access import guards
from knowledge_base.access.guards import public
from knowledge_base.accounts import routes
from knowledge_base.accounts.commands import users
from knowledge_base.accounts.people import Person, check_profile, create_account
from knowledge_base.db import Database, upgrade_database
from knowledge_base.settings import Settings, read_settings
from knowledge_base.web.templating import set_up_templates

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "three random words"

MakePerson = Callable[..., Person]
Post = Callable[..., TestResponse]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"KB_INSTANCE_DIR": str(tmp_path), "KB_BASE_URL": "http://guidance.example.gov.uk"})


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    upgrade_database(settings.database_url)
    database = Database(settings.database_url)
    yield database
    database.dispose()


@pytest.fixture
def make_person(database: Database) -> MakePerson:
    """Make an account. Its password is `three random words`."""

    def make(email: str = "ada@example.gov.uk", *, name: str = "Ada Byron", **profile: list[str]) -> Person:
        return create_account(database, check_profile(email=email, name=name, **profile), password=PASSWORD, now=NOW)

    return make


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    app = Flask("knowledge_base")
    app.config.update(SECRET_KEY=settings.secret_key, TESTING=True)
    app.extensions.update(settings=settings, database=database)
    set_up_templates(app)
    app.jinja_env.undefined = ChainableUndefined
    app.before_request(guards.refuse_undeclared_or_forbidden)
    CSRFProtect(app)
    routes.set_up_sign_in(app)
    app.register_blueprint(routes.blueprint)
    app.cli.add_command(users)
    app.context_processor(
        lambda: {
            "viewer": guards.current_viewer(),
            "site_name": "Test",
            "emergency_contacts": [],
            "areas": [],
            "council_name": "",
        }
    )
    app.add_url_rule("/", "home", public(lambda: ""))
    return app


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
