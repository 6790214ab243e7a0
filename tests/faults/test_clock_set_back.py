"""The machine's clock is set back by two days while the site is served, and put right again."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from knowledge_base.accounts.links import invite
from knowledge_base.accounts.people import check_profile, create_account
from knowledge_base.accounts.register import Register
from knowledge_base.approval.submissions import submit
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from tests.conftest import PASSWORD
from tests.content_folder import ContentFolder
from tests.faults.conftest import EMAIL, Browser
from tests.faults.test_served_site import is_ready
from tests.mail_server import MailServer, running_mail_server
from tests.operations.conftest import Serve

DAYS = 2
# libfaketime moves the clock that only goes forward too, or has programs that sleep fail.
SHIM = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *now) {
    char text[32] = "0";
    int result = syscall(SYS_clock_gettime, id, now);
    const char *name = getenv("SECONDS_OFF");
    if (id == CLOCK_REALTIME && name) {
        int file = open(name, O_RDONLY | O_CLOEXEC);
        if (file >= 0 && read(file, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
        if (file >= 0) close(file);
    }
    return result;
}
"""
COMPILER = shutil.which("cc")

pytestmark = [pytest.mark.database, pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")]


@dataclass
class Clock:
    """The clock of the served site."""

    file: Path

    def set_back(self) -> None:
        self._write(-DAYS * 24 * 60 * 60)

    def put_right(self) -> None:
        self._write(0)

    def _write(self, seconds: int) -> None:
        new = self.file.with_name("new")
        new.write_text(str(seconds))
        new.replace(self.file)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def clock(
    content: ContentFolder, accounts: Register, serve: Serve, app: Flask, mail_server: MailServer, tmp_path: Path
) -> Clock:
    """Serve a site whose clock can be set."""
    content.page("share", "First words.\n", title="Share your concern")
    content.page("safe/index", title="Safe houses", audience="staff")
    profile = check_profile(email=EMAIL, name="Sam", groups=["staff"], roles=[])
    create_account(accounts, profile, password=PASSWORD, actor=SITE, now=utc_now())
    app.extensions["database"].dispose()
    found, shim = Clock(tmp_path / "clock"), tmp_path / "clock.so"
    found.put_right()
    command = [str(COMPILER), "-shared", "-fPIC", "-x", "c", "-o", str(shim), "-"]
    subprocess.run(command, input=SHIM, text=True, check=True)
    serve(
        LD_PRELOAD=str(shim),
        SECONDS_OFF=str(found.file),
        KB_SMTP_HOST=mail_server.settings.host,
        KB_SMTP_PORT=str(mail_server.settings.port),
        KB_SMTP_SECURITY="none",
        KB_MAIL_FROM="guidance@example.gov.uk",
    )
    return found


@pytest.fixture
def anonymous(clock: Clock, port: int) -> Browser:
    return Browser(f"http://127.0.0.1:{port}")


@pytest.fixture
def staff(clock: Clock, port: int) -> Browser:
    """Somebody who signed in before the clock was set back."""
    browser = Browser(f"http://127.0.0.1:{port}")
    assert browser.sign_in().status == 200
    assert "<h1" in browser.get("/safe").text
    assert "Safe houses" in browser.get("/safe").text
    return browser


def test_pages_are_read_and_people_sign_in_again(
    clock: Clock, anonymous: Browser, staff: Browser, content: ContentFolder
) -> None:
    clock.set_back()

    content.page("new", "Quite new words.\n")
    anonymous.until("/new", is_ready)
    read = [browser.get("/share").status for browser in (anonymous, staff)]
    found = anonymous.until("/search?q=quite", lambda answer: "/new" in answer.text)
    signed_out = staff.get("/safe").text
    signed_in = staff.sign_in()

    assert read == [200, 200]
    assert found.status == 200
    assert "<title>Sign in" in signed_out
    assert signed_in.status == 200
    assert "Safe houses" in staff.get("/safe").text
    clock.put_right()
    anonymous.until("/readyz", is_ready)
    assert anonymous.sign_in().status == 200


def test_no_link_is_good_for_longer(clock: Clock, anonymous: Browser, accounts: Register) -> None:
    profile = check_profile(email="kim@example.gov.uk", name="Kim", groups=["staff"], roles=[])
    link = f"/account/set-up/{invite(accounts, profile, actor=SITE, now=utc_now()).token}"
    good = anonymous.get(link)

    clock.set_back()
    refused = anonymous.get(link)
    made_meanwhile = invite(accounts, profile, actor=SITE, now=utc_now() - timedelta(days=DAYS)).token
    fresh = anonymous.get(f"/account/set-up/{made_meanwhile}")
    clock.put_right()
    out_of_date = anonymous.get(f"/account/set-up/{made_meanwhile}")

    assert [answer.status for answer in (good, fresh)] == [200, 200]
    assert "kim@example.gov.uk" in good.text
    assert "kim@example.gov.uk" not in refused.text
    assert "kim@example.gov.uk" in fresh.text
    assert "kim@example.gov.uk" not in out_of_date.text


def test_what_is_due_by_the_clock_is_published_once_and_told(
    clock: Clock, anonymous: Browser, app: Flask, jane: Contributor, mail_server: MailServer
) -> None:
    store = app.extensions["content_store"]
    base = store.files.read("share.md")
    words = base.replace(b"First words.", b"Other words.")
    change = Change((FileChange("share.md", words, base),), subject="share", note="Say it better")
    clock.set_back()
    by_the_clock = utc_now() - timedelta(days=DAYS)

    submit(store, change, by=jane, publish_at=by_the_clock + timedelta(seconds=2), now=by_the_clock)
    published = anonymous.until("/share", lambda answer: "Other words." in answer.text)
    letter = mail_server.next_letter()
    clock.put_right()
    anonymous.until("/readyz", is_ready)

    assert published.status == 200
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    assert "is live" in letter.get_content()
    assert mail_server.letters.empty()
    assert store.repository.git.text("rev-list", "--count", "HEAD", "--", "share.md") == "2"
