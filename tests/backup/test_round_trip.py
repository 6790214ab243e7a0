"""The whole site, kept while others publish, and brought back somewhere else, also on another kind of database."""

import re
import time
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.administration import disable
from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.approval.models import State as Waiting
from knowledge_base.approval.queue import find_submissions
from knowledge_base.approval.submissions import submit
from knowledge_base.audit.events import SITE, Actor
from knowledge_base.audit.verification import verify
from knowledge_base.db import Database, upgrade_database
from knowledge_base.editing.draft_files import add_file, files_of
from knowledge_base.editing.drafts import begin_draft, discard_draft, find_draft, open_draft
from knowledge_base.editing.uploads import prepare_upload
from knowledge_base.publishing.models import Publication, State
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import Settings
from tests.backup.conftest import (
    BUSY_PAGE,
    NOW,
    Place,
    contributor,
    manifest_of,
    new_place,
    publish_words,
    publishing_without_pause,
    tree_of,
)
from tests.conftest import PASSWORD, fill_in, shown_key
from tests.databases import PAIRS, empty_database_on
from tests.publishing.conftest import change_of
from tests.rows import Rows, rows_in

pytestmark = pytest.mark.database
# New for each browser and each answer.
FORM_TOKEN = re.compile(r'(?<=name="csrf_token" )[^>]*(?=>)|(?<=csrf_token" value=")[^"]*')
SEARCHES = ("hotline", "badger", "concern", "line")


@pytest.fixture(params=PAIRS, ids="-to-".join)
def backends(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The kind of database that the site has, and that it is restored into."""
    pair: tuple[str, str] = request.param
    return pair


@pytest.fixture
def database_url(backends: tuple[str, str], tmp_path: Path) -> Iterator[str]:
    with empty_database_on(backends[0], tmp_path / "instance") as url:
        upgrade_database(url)
        yield url


@pytest.fixture
def place(backends: tuple[str, str], settings: Settings, tmp_path: Path) -> Iterator[Place]:
    with new_place(settings, tmp_path / "elsewhere", backend=backends[1]) as found:
        yield found


@pytest.fixture
def authenticator(app: Flask, accounts: Register, store: ContentStore) -> pyotp.TOTP:
    """Fill the site with something of everything. Returns the app with which its publisher signs in."""
    jane = contributor(accounts, "jane", roles=("editor",))
    for name, groups, roles in (("paula", ("staff",), ("publisher",)), ("sam", ("staff",), ()), ("gone", (), ())):
        profile = check_profile(email=f"{name}@example.gov.uk", name=name.title(), groups=groups, roles=roles)
        create_account(accounts, profile, password=PASSWORD, actor=SITE, now=NOW)
    admin = contributor(accounts, "admin", roles=("admin",))
    gone = app.test_client()
    assert sign_in(gone, "gone").status_code == 302
    disable(accounts, 4, actor=Actor.of(admin.viewer), now=NOW)
    publish_words(store, "Ask for the duty officer.", by=jane)
    publish_words(store, "Or write.", by=jane)
    draft = open_draft(store, "referral/share", by=jane.viewer, now=NOW)
    add_file(store, draft, prepare_upload("leaflet.pdf", b"%PDF-1.7\n%%EOF\n", alt=""), now=NOW)
    # The number of a draft that is gone must not come back.
    discard_draft(store, begin_draft(store, "referral/new", by=jane.viewer, text="x", now=NOW), by=jane.viewer, now=NOW)
    submit(store, change_of(store, "uasc/arrival.md", "First line.", "My line."), by=jane, now=NOW)
    reader = app.test_client()
    reported = fill_in(reader, "/report?page=/referral/share", {"message": "The number is old.", "section": ""})
    assert reported.status_code in {200, 302, 303}, reported.text
    browser = app.test_client()
    answer = sign_in(browser, "paula")
    key = shown_key(browser.get(answer.location).text)
    totp = pyotp.TOTP(key)
    assert fill_in(browser, answer.location, {"code": totp.now()}).status_code == 200
    return totp


def sign_in(browser: FlaskClient, name: str) -> TestResponse:
    return fill_in(browser, "/login", {"email": f"{name}@example.gov.uk", "password": PASSWORD})


def rows_of(database: Database) -> Rows:
    with database.engine.connect() as connection:
        return rows_in(connection)


def pages_as_read(app: Flask, reader: FlaskClient) -> dict[str, str]:
    """Return every page of the site, and what searches find, as somebody gets them."""
    # It may not know yet of what was published in the last two seconds.
    app.extensions["archive"].look()
    pages = [page["url"] for page in (reader.get("/api/pages").json or {})["pages"]]
    assert "/referral/share" in pages
    addresses = [*pages, *(f"/api/search?q={words}" for words in SEARCHES), "/history/referral/share", "/changes"]
    return {address: FORM_TOKEN.sub("", reader.get(address).text) for address in addresses}


def differing_lines(pages: dict[str, str], others: dict[str, str]) -> list[str]:
    """Return what differs between pages as two people get them, so that a failure shows it."""
    assert pages.keys() == others.keys()
    return [
        line
        for address, page in pages.items()
        for line in unified_diff(page.splitlines(), others[address].splitlines(), address, lineterm="", n=1)
    ]


def pages_as_staff_read(app: Flask) -> dict[str, str]:
    sam = app.test_client()
    assert sign_in(sam, "sam").status_code == 302
    found = pages_as_read(app, sam)
    assert "badger" in found["/staff/rota"]
    assert "/staff/rota" in found["/api/search?q=badger"]
    return found


def test_a_restored_site_is_the_same_site(
    app: Flask, store: ContentStore, authenticator: pyotp.TOTP, place: Place, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar.gz"
    before, files = rows_of(store.database), tree_of(store.content)
    made = app.test_cli_runner().invoke(args=["backup", "create", str(archive)])
    verified = app.test_cli_runner().invoke(args=["backup", "verify", str(archive)])
    restored = place.run("backup", "restore", archive)

    assert (made.exit_code, verified.exit_code, restored.exit_code) == (0, 0, 0), made.output + restored.output
    assert "It is whole, and so is the record of events in it." in verified.output
    with place.app() as other:
        after = rows_of(other.extensions["database"])
        added = after["audit_events"].pop()
        assert added["kind"] == "site.restored"
        assert {name: rows for name, rows in after.items() if name != "audit_heads"} == {
            name: rows for name, rows in before.items() if name != "audit_heads"
        }
        assert all(before[table] for table in ("accounts", "drafts", "draft_files", "submissions", "reports"))
        assert tree_of(place.settings.content_dir) == files
        assert other.extensions["content_store"].repository.head() == store.repository.head()
        assert not differing_lines(pages_as_read(other, other.test_client()), pages_as_read(app, app.test_client()))
        with other.extensions["database"].read() as session:
            assert verify(session, store.keys).ok
        assert not differing_lines(pages_as_staff_read(other), pages_as_staff_read(app))
    assert place.run("prepare").exit_code == 0
    assert place.run("content", "check").exit_code == app.test_cli_runner().invoke(args=["content", "check"]).exit_code


def test_people_sign_in_to_a_restored_site_and_go_on_working(
    app: Flask, store: ContentStore, authenticator: pyotp.TOTP, place: Place, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar.gz"
    app.test_cli_runner().invoke(args=["backup", "create", str(archive)])
    restored = place.run("backup", "restore", archive)

    assert restored.exit_code == 0, restored.output
    with place.app() as other:
        staff, publisher, gone = other.test_client(), other.test_client(), other.test_client()
        assert sign_in(staff, "sam").status_code == 302
        assert "badger" in staff.get("/staff/rota").text
        second = sign_in(publisher, "paula")
        done = fill_in(publisher, second.location, {"code": authenticator.at(int(time.time()) + 30)})
        assert done.status_code in {200, 302, 303}
        assert publisher.get("/approvals").status_code == 200
        assert sign_in(gone, "gone").status_code == 401
        assert other.test_client().get("/staff/rota").status_code != 200
        look_at_what_waits(other.extensions["content_store"], other.extensions["accounts"])


def look_at_what_waits(store: ContentStore, accounts: Register) -> None:
    """Look at the draft, its file and the submission, publish again, and begin rows that get numbers of their own."""
    jane = contributor(accounts, "jane-too", roles=("editor",))
    with store.database.read() as session:
        last_draft = session.scalar(text("SELECT max(id) FROM drafts"))
        owner = session.scalar(text("SELECT id FROM accounts WHERE email = 'jane@example.gov.uk'"))
    draft = find_draft(store, "referral/share", by=Viewer(account_id=owner))
    assert draft
    assert [file.content for file in files_of(store, draft)] == [b"%PDF-1.7\n%%EOF\n"]
    waiting = find_submissions(store, jane.viewer, states=frozenset({Waiting.WAITING}), most=9)
    assert [one.change.subject for one in waiting] == ["uasc/arrival"]
    publish_words(store, "After the restore.", by=jane)
    new = begin_draft(store, "referral/new", by=jane.viewer, text="x", now=NOW)
    assert new.id > last_draft + 1


def test_a_backup_made_while_others_publish_holds_no_half_publication(
    app: Flask, store: ContentStore, accounts: Register, place: Place, tmp_path: Path
) -> None:
    jane = contributor(accounts, "jane", roles=("editor",))
    (store.content / BUSY_PAGE).write_bytes((store.content / "referral/index.md").read_bytes())
    publish_words(store, "Once.", by=jane, path=BUSY_PAGE)
    store.database.dispose()
    archives = [tmp_path / f"{number}.tar.gz" for number in range(3)]
    with publishing_without_pause(store, jane, stop=tmp_path / "stop", processes=4) as confirmed:
        for archive in archives:
            assert confirmed.readline()
            made = app.test_cli_runner().invoke(args=["backup", "create", str(archive)])
            assert made.exit_code == 0, made.output
        assert confirmed.readline()

    restored = place.run("backup", "restore", archives[-1])

    assert restored.exit_code == 0, restored.output
    with place.app() as other:
        copy: ContentStore = other.extensions["content_store"]
        with copy.database.read() as session:
            assert verify(session, copy.keys).ok
            assert states_in(session) == {State.DONE}
            noted = set(session.scalars(select(Publication.revision)))
        made_at = manifest_of(archives[-1])["content"]["revision"]
        in_history = set(copy.repository.git.text("log", "--format=%H", "--grep=Publication: ", "HEAD").split())
        assert copy.repository.head() == made_at
        assert noted == in_history
        assert len(noted) > len(archives)
        assert (copy.content / BUSY_PAGE).read_bytes() == store.repository.read(made_at, BUSY_PAGE)
        assert pages_as_read(other, other.test_client())["/referral/share"] == (
            app.test_client().get("/referral/share").text
        )
    assert all(manifest_of(archive)["content"]["changed"] == {} for archive in archives)


def states_in(session: Session) -> set[State]:
    return {State(state) for state in session.scalars(select(Publication.state))}
