"""A site with a folder whose changes take two persons, and people who write and approve them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from knowledge_base.accounts.register import Register
from knowledge_base.approval.outlook import look_ahead
from knowledge_base.approval.queue import get_submission
from knowledge_base.approval.submission import Submission
from knowledge_base.publishing.changes import Change, Contributor, FileChange, new_name
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.people import contributor

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ARRIVAL = "uasc/arrival.md"
NewPerson = Callable[..., Contributor]


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    content.page("index", title="Home")
    content.page("referral/index")
    content.page("referral/share", "First line.\n\nSecond line.\n", title="Share your concern")
    content.page("staff/index", audience="staff", publishing="two-person")
    content.page("staff/rota", "The rota.\n")
    content.page("uasc/index", publishing="two-person")
    content.page("uasc/arrival", "First line.\n\nSecond line.\n\nThird line.\n")
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


@pytest.fixture
def new_person(accounts: Register) -> NewPerson:
    return lambda name, *roles, groups=(): contributor(accounts, name, groups=groups, roles=roles)


def change_of(
    store: ContentStore, old: str = "First line.", new: str = "My line.", *, path: str = ARRIVAL, note: str = "Say it"
) -> Change:
    base = store.files.read(path)
    assert base is not None
    assert old.encode() in base
    return Change(
        (FileChange(path, base.replace(old.encode(), new.encode()), base),), subject=path.removesuffix(".md"), note=note
    )


def again(change: Change) -> Change:
    return replace(change, name=new_name())


def seen_of(store: ContentStore, number: int) -> str:
    """Return the digest of what whoever looks at a submission now sees."""
    return look_ahead(store, get_submission(store, number).change).digest


def text_of(store: ContentStore, path: str = ARRIVAL) -> str:
    return (store.content / path).read_text()


def state_of(store: ContentStore, number: int) -> str:
    return get_submission(store, number).state.value


def submission(store: ContentStore, number: int) -> Submission:
    return get_submission(store, number)
