"""What the tests of the record share: keys, events, and somebody who has the database's file in their hands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import UserMixin
from sqlalchemy import text

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import begin, record
from knowledge_base.audit.verification import Verification, verify
from knowledge_base.db import Database
from knowledge_base.settings import Settings
from tests.databases import on_postgresql

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JANE = Actor(7, "Jane Doe")
TRIGGERS = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT DISTINCT event_object_table, trigger_name FROM information_schema.triggers",
}

Write = Callable[..., None]
Check = Callable[..., Verification]
Attack = Callable[..., None]


@pytest.fixture
def record_has_begun() -> bool:
    """Let each test begin the record when, and with the key, that it wants."""
    return False


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def keys(settings: Settings) -> ChainKeys:
    return ChainKeys.derive(settings.secret_key)


@pytest.fixture
def write(database: Database, keys: ChainKeys) -> Write:
    """Record so many events, a minute apart. Before a test's first, the record notes that it began."""
    is_new = True

    def append(count: int = 1, *, event: Event | None = None, at: datetime = NOW, by: ChainKeys = keys) -> None:
        nonlocal is_new
        with database.write() as session:
            if is_new:
                begin(session, keys=by, now=at)
                is_new = False
            for minute in range(count):
                said = event or Event(Kind.GROUP_ADDED, JANE, "Sam Poe", {"group": f"group-{minute}"}, subject_id=9)
                record(session, said, keys=by, now=at + timedelta(minutes=minute))

    return append


@pytest.fixture
def check(database: Database, keys: ChainKeys) -> Check:
    """Find out whether the record is whole."""

    def look(*, by: ChainKeys = keys, **options: object) -> Verification:
        with database.read() as session:
            return verify(session, by, **options)  # type: ignore[arg-type]

    return look


@pytest.fixture
def attack(database: Database) -> Attack:
    """Run SQL on the database, as somebody who owns it and has removed the triggers."""

    def run(*statements: str) -> None:
        with database.engine.connect() as connection:
            for table, trigger in connection.execute(text(TRIGGERS[connection.dialect.name])).all():
                on = f" ON {table}" if on_postgresql else ""
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}{on}")
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()

    return run


class Somebody(UserMixin):  # type: ignore[misc]
    """A signed-in person. Accounts lie above the record, so it is tested without them."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer


Browser = Callable[..., FlaskClient]


@pytest.fixture
def browser_of(app: Flask) -> Browser:
    """Return a browser in which somebody with these roles is signed in."""

    def sign_in(*roles: str) -> FlaskClient:
        viewer = Viewer(account_id=7, name="Jane Doe", groups=frozenset({"staff"}), roles=frozenset(roles))
        app.login_manager.user_loader(lambda _token: Somebody(viewer))  # type: ignore[attr-defined]
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = "a token"
        return browser

    return sign_in


@pytest.fixture
def administrator(browser_of: Browser) -> FlaskClient:
    return browser_of("admin")
