"""A small site that is edited, and people who do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.models import Account
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.sessions import Start, start_session
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BODY = "First line.\n\nSecond line.\n\nThird line.\n"
SOURCES = """
paper:
  title: A paper
  publisher: The council
  date: 2026-05-01
  status: current
"""
STAFF_PART = "\n/// staff-only\n\nThe duty phone is in the drawer.\n\n///\n"


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    """A site of an open folder, one for staff, and one whose changes take two persons."""
    content.file("_data/sources.yml", SOURCES)
    content.page("index", title="Home", sources=["paper"])
    content.page("referral/index", "See [how to share](/referral/share#when).\n", sources=["paper"])
    content.page("referral/share", f"## When {{#when}}\n\n{BODY}", title="Share your concern", sources=["paper"])
    content.page("referral/mixed", f"For all.\n{STAFF_PART}", sources=["paper"])
    content.page("staff/index", audience="staff", sources=["paper"])
    content.page("staff/rota", "See [how to share](/referral/share#when).\n", audience="staff", sources=["paper"])
    content.page("uasc/index", publishing="two-person", sources=["paper"])
    content.page("uasc/arrival", BODY, sources=["paper"])
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


def browser_of(app: Flask, accounts: Register, person: Contributor) -> FlaskClient:
    """Return a browser in which a person has signed in, without the waiting."""
    with accounts.database.write() as session:
        account = session.get_one(Account, person.viewer.account_id)
        token = start_session(session, accounts, account, start=Start(with_second_factor=True), now=utc_now())
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = token
    return browser


@pytest.fixture
def janes(app: Flask, accounts: Register, jane: Contributor, store: ContentStore) -> FlaskClient:
    """Jane's browser."""
    return browser_of(app, accounts, jane)


@pytest.fixture
def pats(app: Flask, accounts: Register, pat: Contributor, store: ContentStore) -> FlaskClient:
    """Pat's browser."""
    return browser_of(app, accounts, pat)


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the one form of a page's main part, nothing being changed."""
    main = page[page.index("<main") :]
    form = re.search(r'<form[^>]* method="post".*?</form>', main, re.DOTALL)
    assert form, main
    html = form[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value, kind = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value", "type"))
        if name and not (kind and kind[1] in {"checkbox", "radio"} and " checked" not in tag):
            fields[unescape(name[1])] = unescape(value[1]) if value else ""
    for tag, text in re.findall(r"<textarea([^>]*)>(.*?)</textarea>", html, re.DOTALL):
        name = re.search(r'name="([^"]*)"', tag)
        assert name
        fields[name[1]] = unescape(text.removeprefix("\r\n").removeprefix("\n"))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options) or re.search(r'value="([^"]*)"', options)
        assert chosen
        fields[name] = unescape(chosen[1])
    return fields


def send(browser: FlaskClient, url: str, *, to: str | None = None, **changes: str) -> TestResponse:
    """Open a page, change some fields of its form and send it."""
    answer = browser.get(url)
    assert answer.status_code == 200, answer.text
    return browser.post(to or url, data={**fields_of(answer.text), **changes})


def save(browser: FlaskClient, page: str, changes: Mapping[str, str], **more: str) -> TestResponse:
    """Change fields of a page in the editor and save the draft. Names are without the form's prefix."""
    prefixed = {f"kb-{name}": value for name, value in changes.items()}
    return send(browser, f"/edit/{page}", to=f"/edit/{page}/save", **prefixed, **more)
