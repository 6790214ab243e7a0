"""A running site, served by gunicorn over a copy of the shipped content, and a real browser to use it with."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import APIResponse, Browser, Page, sync_playwright

from knowledge_base.accounts.people import Person, check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import Database, utc_now
from knowledge_base.settings import ROOT, read_settings
from tests.conftest import shown_key
from tests.databases import empty_database
from tests.ports import free_port

PASSWORD = "three random words"
SECONDS_TO_START = 60
# Where script/test has not said which.
CHROMIUMS = ("chromium-headless-shell", "chromium")
# Chromium as root in a container, with nothing that reaches for a network.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """A site that is being served."""

    url: str
    content: Path
    environment: dict[str, str]

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """Run one of the site's commands and return what it prints."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, check=True
        )
        return done.stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that all journeys use, with whoever the ones before have made."""
    with new_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def site_without_accounts(tmp_path: Path) -> Iterator[Site]:
    """A site of the test's own, as it is after it has been set up."""
    with new_site(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def member_of_staff(site: Site) -> str:
    """The e-mail address of somebody on the staff."""
    email = "duty.worker@example.gov.uk"
    create_person(site, email, name="Duty Worker", groups=["staff"])
    return email


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = os.environ.get("KB_TEST_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 320])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """A browser window, as on a desk and as on a small phone. An error in its scripts fails the test."""
    context = browser.new_context(base_url=site.url, viewport={"width": request.param, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()
    assert errors == []


@contextmanager
def new_site(folder: Path) -> Iterator[Site]:
    """Serve the shipped content, with a page that is superseded and one that is overdue."""
    content = folder / "content"
    shutil.copytree(ROOT / "content", content)
    (content / "old.md").write_text(
        "---\ntitle: An old page\nsummary: Kept for the record.\nowner: Prevent lead\nlast_reviewed: 2015-06-18\n"
        "review_by: 2016-06-18\nstatus: superseded\nsuperseded_by: /referral\nsources: []\n---\n\nOld words.\n"
    )
    (content / "overdue.md").write_text(
        "---\ntitle: An overdue page\nsummary: Not reviewed in time.\nowner: Prevent lead\nlast_reviewed: 2020-01-01\n"
        'review_by: 2021-01-01\nsources: []\n---\n\n/// myth\n"A myth."\n///\n\n/// details | More\nwords\n///\n'
    )
    port = free_port()
    with empty_database(folder / "instance") as database_url:
        environment = {
            **os.environ,
            "KB_DATABASE_URL": database_url,
            "KB_INSTANCE_DIR": str(folder / "instance"),
            "KB_CONTENT_DIR": str(content),
            "KB_INDEX_DIR": str(folder / "search_index"),
            "KB_BASE_URL": f"http://127.0.0.1:{port}",
        }
        running = Site(f"http://127.0.0.1:{port}", content, environment)
        running.flask("prepare")
        with serve(running, port):
            yield running


@contextmanager
def serve(site: Site, port: int) -> Iterator[Site]:
    """Serve the site as gunicorn does for a council, with two processes."""
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with subprocess.Popen(
        [*command, "--worker-class", "gthread", "--threads", "4"], cwd=ROOT, env=site.environment
    ) as server:
        try:
            wait_for(f"{site.url}/healthz")
            yield site
        finally:
            server.terminate()


def sign_in(page: Page, email: str) -> None:
    """Fill in the sign-in page that is shown."""
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


@contextmanager
def accounts_of(site: Site) -> Iterator[Register]:
    """The accounts of a site that is being served."""
    settings = read_settings(site.environment)
    database = Database(settings.database_url)
    try:
        yield Register.of(settings, database)
    finally:
        database.dispose()


def create_person(
    site: Site, email: str, *, name: str, groups: Iterable[str] = (), roles: Iterable[str] = ()
) -> Person:
    """Make an account with the password of all who are made here."""
    profile = check_profile(email=email, name=name, groups=groups, roles=roles)
    with accounts_of(site) as accounts:
        return create_account(accounts, profile, password=PASSWORD, actor=SITE, now=utc_now())


def sign_in_with_role(site: Site, page: Page, *, name: str, role: str) -> Page:
    """Make somebody on the staff who has a role, and sign them in with the second factor that it asks for.

    The window gets their cookie without showing the pages of signing in, which other journeys go through.
    """
    email = f"{role}-{secrets.token_hex(4)}@example.gov.uk"
    create_person(site, email, name=name, groups=["staff"], roles=[role])
    set_up = send(page, "/login", {"email": email, "password": PASSWORD})
    done = send(page, set_up.url, {"code": pyotp.TOTP(shown_key(set_up.text())).now()})
    assert "recovery codes" in done.text()
    return page


def send(page: Page, url: str, fields: dict[str, str | float | bool]) -> APIResponse:
    """Send the form at an address as the window's browser does, but without showing anything."""
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.request.get(url).text())
    assert token, f"no form at {url}"
    return page.request.post(url, form={"csrf_token": token[1], **fields})


def first_link(text: str) -> str:
    """Return the address in what a command prints."""
    found = re.search(r"http://\S+", text)
    assert found
    return found[0]


def wait_for(url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urllib.request.urlopen(url):  # noqa: S310 - our own server
                return
        # Also when one that was killed a moment ago had taken the connection.
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
