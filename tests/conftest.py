"""What all tests share: a content folder of their own, the application over it, and people who use it."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from knowledge_base.accounts import passwords
from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.app import create_app
from knowledge_base.audit.events import SITE
from knowledge_base.db import Database, utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.settings import Settings, read_settings
from tests.content_folder import AUDIENCES, ContentFolder
from tests.databases import copied_database, empty_database, prepared_database
from tests.people import contributor

PASSWORD = "three random words"
MOST_BYTES_OF_A_NAME = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a database: only those can differ between SQLite and PostgreSQL."""
    for item in items:
        if {"database_url", "empty_database_url", "site", "address"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by its bytes only where they are a few: a packed file holds the time it was made."""
    return argname if isinstance(val, bytes) and len(val) > MOST_BYTES_OF_A_NAME else None


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashes of passwords take no time worth naming: hundreds of tests sign somebody in."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    """A content folder with audiences and no pages."""
    folder = ContentFolder(tmp_path / "content")
    folder.file("_data/audiences.yml", AUDIENCES)
    return folder


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database of the newest schema, for each test to have a copy of."""
    with prepared_database(tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture
def database_url(new_database: str, tmp_path: Path) -> Iterator[str]:
    """The URL of the test's own database, of the newest schema."""
    with copied_database(new_database, tmp_path / "instance") as url:
        yield url


@pytest.fixture
def empty_database_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    with empty_database(tmp_path / "empty") as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, content: ContentFolder, database_url: str) -> Settings:
    return read_settings(
        {
            "KB_DATABASE_URL": database_url,
            "KB_INSTANCE_DIR": str(tmp_path / "instance"),
            "KB_CONTENT_DIR": str(content.root),
            "KB_INDEX_DIR": str(tmp_path / "search_index"),
            "KB_BASE_URL": "http://guidance.example.gov.uk",
        }
    )


@pytest.fixture
def record_has_begun() -> bool:
    """Whether the record of events has its first row, as it has from the first start of a site."""
    return True


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all applications that the tests make."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._compiled.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED_TEMPLATES = CompiledTemplates()


class OnceCompiledRule(Rule):
    """A rule of a URL whose builder is compiled once for all applications that the tests make: 40 ms of each."""

    _builders: ClassVar[dict[Hashable, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - Werkzeug's
        what = (self.rule, tuple(self._trace), tuple((self.defaults or {}).items()), append_unknown)
        if what not in self._builders:
            self._builders[what] = super()._compile_builder(append_unknown)
        return self._builders[what]


MakeApp = Callable[[Settings], Flask]


@pytest.fixture
def make_app(new_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeApp]:
    """Make applications, and close what they have open at the end."""
    monkeypatch.setattr(Flask, "url_rule_class", OnceCompiledRule)
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        app.extensions["search_index"].close()
        app.extensions["database"].dispose()


@pytest.fixture
def app(settings: Settings, make_app: MakeApp, *, record_has_begun: bool) -> Flask:
    app = make_app(settings)
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    app.testing = True
    if record_has_begun:
        app.extensions["audit_housekeeping"].start(now=utc_now(), is_new=True)
    return app


@pytest.fixture
def database(app: Flask) -> Database:
    database: Database = app.extensions["database"]
    return database


@pytest.fixture
def accounts(app: Flask) -> Register:
    register: Register = app.extensions["accounts"]
    return register


SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def signed_in(app: Flask, accounts: Register) -> SignedIn:
    """Make a person of the given groups and roles, and return a browser in which that person has signed in.

    Whoever has a role sets up a second factor on the way, as the site asks.
    """

    def sign_in(*groups: str, roles: Iterable[str] = ()) -> FlaskClient:
        name = "-".join([*groups, *roles]) or "nobody"
        profile = check_profile(email=f"{name}@example.gov.uk", name=f"A {name}", groups=groups, roles=roles)
        create_account(accounts, profile, password=PASSWORD, actor=SITE, now=utc_now())
        browser = app.test_client()
        answer = fill_in(browser, "/login", {"email": profile.email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        if roles:
            key = shown_key(browser.get(answer.location).text)
            answer = fill_in(browser, answer.location, {"code": pyotp.TOTP(key).now()})
            assert answer.status_code == 200, answer.text
        return browser

    return sign_in


def fill_in(
    browser: FlaskClient, url: str, fields: Mapping[str, str | list[str]], *, to: str | None = None
) -> TestResponse:
    """Fill in the form at a URL and send it, with the token that its page holds, as a browser does."""
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(url).text)
    assert token, f"no form at {url}"
    return browser.post(to or url, data={"csrf_token": token[1], **fields})


def shown_key(page: str) -> str:
    """Return the key of a second factor that a page shows for typing."""
    found = re.search(r'kb-secret">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


@pytest.fixture
def jane(accounts: Register) -> Contributor:
    """An editor who reads what everybody may read."""
    return contributor(accounts, "jane", roles=("editor",))


@pytest.fixture
def pat(accounts: Register) -> Contributor:
    """A publisher who is in the group staff."""
    return contributor(accounts, "pat", groups=("staff",), roles=("publisher",))


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
