"""Data files that people change, and how they do it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder
from tests.editing.conftest import fields_of

COUNCIL = """# The council's own.
threshold:
  label: Number of children
  value: "44"
  audience: open
  origin: Thurrock
  as_of: 2024-02
  confirmed:
inbox:
  label: Secret inbox
  value: secret words
  audience: staff
  origin: Thurrock
# Not known yet.
limit:
  label: Time limit
  value:
  audience: open
  origin: Thurrock
"""
PINS = "# First.\n- searches: [tell]\n  leads_to: /page\n- searches: [covert]\n  leads_to: /page\n  audience: staff\n"
NOTE = "Bring it up to date"


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    content.page("index", title="Home")
    content.page("page", "There are {{ council.threshold }}.\n")
    content.file("_data/council.yml", COUNCIL)
    content.file("_data/pinned.yml", PINS)
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


@pytest.fixture
def editor(store: ContentStore, signed_in: SignedIn) -> FlaskClient:
    """An editor who reads what everybody may read."""
    return signed_in(roles=["editor"])


@pytest.fixture
def other(store: ContentStore, signed_in: SignedIn) -> FlaskClient:
    """A publisher who is in every audience."""
    return signed_in("members", "staff", "leads", roles=["publisher"])


def live(store: ContentStore, name: str = "council.yml") -> str:
    return (store.files.read(f"_data/{name}") or b"").decode()


def send(browser: FlaskClient, url: str, **changes: str) -> TestResponse:
    """Open a page, change some fields of its form and send it."""
    answer = browser.get(url)
    assert answer.status_code == 200, answer.text
    return browser.post(url, data={**fields_of(answer.text), **changes})


def change(browser: FlaskClient, entry: str, **fields: str) -> TestResponse:
    """Change fields of an entry, and save it to the draft."""
    return send(browser, f"/data/{entry}", **{f"field-{name}": value for name, value in fields.items()})


def draft_page(browser: FlaskClient, file: str, page: str) -> str:
    """Return the address of a page of the draft of a file."""
    link = re.search(r"/drafts/\d+/", browser.get(f"/data/{file}").text)
    assert link
    return f"{link[0]}{page}"


def publish(browser: FlaskClient, file: str, **fields: str) -> TestResponse:
    """Publish the draft of a file."""
    return send(browser, draft_page(browser, file, "publish"), **{"note": NOTE, "read_warnings": "y", **fields})
