"""A small site whose pages have a history, and people who read it."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.events import Actor
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author
from tests.content_folder import ContentFolder

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHARE = "referral/share.md"
PAT = Contributor(
    Viewer(None, "Pat Doe", frozenset({"members", "staff", "leads"}), frozenset({"publisher", "admin"})),
    Author("Pat Doe", "pat@example.gov.uk"),
    Actor.system("Pat Doe"),
)


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    content.page("index", title="Home")
    content.page("referral/index")
    content.page("referral/share", "First words.\n\nSecond words.\n", title="Share your concern")
    content.page("staff/index", audience="staff")
    content.page("staff/rota", "The rota.\n")
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


def replace_in(
    store: ContentStore, old: str, new: str, *, path: str = SHARE, note: str = "Say it better", is_minor: bool = False
) -> str:
    """Publish a change of some words of a file. Returns the commit."""
    base = store.files.read(path)
    assert base is not None
    assert old.encode() in base
    files = (FileChange(path, base.replace(old.encode(), new.encode()), base),)
    return publish_files(store, *files, note=note, is_minor=is_minor)


def publish_files(store: ContentStore, *files: FileChange, note: str, is_minor: bool = False) -> str:
    change = Change(files, subject=(files[0].page or files[0].path), note=note, is_minor=is_minor)
    return publish(store, change, by=PAT, now=NOW).revision


def by_hand(store: ContentStore, message: str, *, at: str = "", author: str = "Jo Bloggs") -> str:
    """Commit what stands in the folder, as a person at a terminal does. Returns the commit."""
    git = store.repository.git
    git.run("add", "-A", ".")
    who = {f"GIT_{kind}_{what}": value for kind in ("AUTHOR", "COMMITTER") for what, value in _who(author, at).items()}
    git.run("commit", "-q", "-m", message, environment=who)
    store.library.refresh()
    return git.text("rev-parse", "HEAD")


def _who(author: str, at: str) -> dict[str, str]:
    return {"NAME": author, "EMAIL": "jo@example.gov.uk", **({"DATE": at} if at else {})}
