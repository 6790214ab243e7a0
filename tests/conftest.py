"""What all tests share: a content folder of their own, the application over it, and people who use it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.app import create_app
from knowledge_base.db import Database, upgrade_database, utc_now
from knowledge_base.settings import Settings, read_settings
from tests.content_folder import AUDIENCES, ContentFolder

PASSWORD = "three random words"


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    """A content folder with audiences and no pages."""
    folder = ContentFolder(tmp_path / "content")
    folder.file("_data/audiences.yml", AUDIENCES)
    return folder


@pytest.fixture
def settings(tmp_path: Path, content: ContentFolder) -> Settings:
    return read_settings(
        {
            "KB_INSTANCE_DIR": str(tmp_path / "instance"),
            "KB_CONTENT_DIR": str(content.root),
            "KB_INDEX_DIR": str(tmp_path / "search_index"),
            "KB_BASE_URL": "http://guidance.example.gov.uk",
        }
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    upgrade_database(settings.database_url)
    app = create_app(settings)
    app.testing = True
    yield app
    app.extensions["search_index"].close()
    app.extensions["database"].dispose()


@pytest.fixture
def database(app: Flask) -> Database:
    database: Database = app.extensions["database"]
    return database


SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def signed_in(app: Flask, database: Database) -> SignedIn:
    """Make a person in the given groups, and return a browser in which that person has signed in."""

    def sign_in(*groups: str) -> FlaskClient:
        name = "-".join(groups) or "nobody"
        profile = check_profile(email=f"{name}@example.gov.uk", name=f"A {name}", groups=groups)
        create_account(database, profile, password=PASSWORD, now=utc_now())
        browser = app.test_client()
        form = browser.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)
        assert token
        answer = browser.post("/login", data={"email": profile.email, "password": PASSWORD, "csrf_token": token[1]})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return browser

    return sign_in


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(anonymous: FlaskClient) -> FlaskClient:
    return anonymous


@pytest.fixture
def member(signed_in: SignedIn) -> FlaskClient:
    return signed_in("members")


@pytest.fixture
def staff(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff")
