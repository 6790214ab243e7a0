"""A small site that is published to, and people who do."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author
from tests.content_folder import ContentFolder
from tests.people import contributor

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHARE = "referral/share.md"
BODY = "First line.\n\nSecond line.\n\nThird line.\n"


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    """A site of an open folder, one for staff, and one whose changes take two persons."""
    content.page("index", title="Home")
    content.page("referral/index", "See [how to share](/referral/share#when).\n")
    content.page("referral/share", f"## When {{#when}}\n\n{BODY}", title="Share your concern")
    content.page("staff/index", audience="staff")
    content.page("staff/rota", audience="staff")
    content.page("uasc/index", publishing="two-person")
    content.page("uasc/arrival", BODY)
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


@pytest.fixture
def sam(accounts: Register) -> Contributor:
    """A member of staff without a role."""
    return contributor(accounts, "sam", groups=("staff",), roles=())


NOBODY = Contributor(Viewer(), Author("Nobody", ""), Actor.of(Viewer()))


def change_of(store: ContentStore, path: str, old: str, new: str, *, note: str = "Say it better") -> Change:
    """Return a change of some words of a file as it is on the disk now."""
    base = store.files.read(path)
    assert base is not None
    assert old.encode() in base
    files = (FileChange(path, base.replace(old.encode(), new.encode()), base),)
    return Change(files, subject=path.removesuffix(".md"), note=note)


def git(store: ContentStore, *arguments: str) -> str:
    return store.repository.git.text(*arguments)
