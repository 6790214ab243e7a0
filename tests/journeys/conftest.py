"""A running site, served by gunicorn over a copy of the shipped content, and a real browser to use it with."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from knowledge_base.settings import ROOT
from tests.databases import empty_database

PASSWORD = "three random words"
SECONDS_TO_START = 60
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
    folder = tmp_path_factory.mktemp("site")
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


@pytest.fixture(scope="session")
def member_of_staff(site: Site) -> str:
    """The e-mail address of somebody on the staff."""
    email = "duty.worker@example.gov.uk"
    site.flask(
        "users", "create", email, "--name", "Duty Worker", "--group", "staff", "--password-stdin", stdin=PASSWORD
    )
    return email


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("KB_TEST_CHROMIUM") or shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def sign_in_with_role(site: Site, page: Page, *, name: str, role: str) -> Page:
    """Make somebody on the staff who has a role, and sign them in with the second factor that it asks for."""
    email = f"{role}-{secrets.token_hex(4)}@example.gov.uk"
    options = ["--name", name, "--group", "staff", "--role", role, "--password-stdin"]
    site.flask("users", "create", email, *options, stdin=PASSWORD)
    page.goto("/login")
    sign_in(page, email)
    key = page.locator(".kb-secret").inner_text().replace(" ", "")
    page.get_by_label("6-digit code").fill(pyotp.TOTP(key).now())
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("recovery codes")
    return page


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
