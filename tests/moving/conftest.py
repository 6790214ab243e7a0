"""A small site whose pages lead to each other, and people who move them."""

from collections.abc import Callable

import pytest
from flask import Flask

from knowledge_base.moving.plans import Plans
from knowledge_base.pages.page import Page
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.pages.files_of_pages import png
from tests.publishing.conftest import sam

__all__ = ["sam"]

TELL = "open/tell.md"
MakePlans = Callable[[Contributor], Plans]


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    content.page("index", "See [how to tell](/open/tell).\n", title="Home")
    content.page("open/index")
    content.page("open/tell", "## When {#when}\n\nNow. ![A chart](/files/open/tell/chart.png)\n", title="Tell somebody")
    content.file("open/_files/tell/chart.png", png(2, 2))
    content.page("open/other", "See [when](/open/tell#when), `[x](/open/tell)`.\n\n[1]: /open/tell\n", title="Other")
    content.page("open/old", status="superseded", superseded_by="/open/tell")
    content.page("guides/index")
    content.page("guides/one", "See [tell](/open/tell) and [two](/guides/two).\n")
    content.page("guides/two", "See [one](/guides/one).\n")
    content.page("staff/index", audience="staff")
    content.page("staff/rota", "Secret words, then [tell](/open/tell#when).\n", title="Secret rota")
    content.file("_data/pinned.yml", "# First.\n- searches: [tell]\n  leads_to: /open/tell#when\n")
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


@pytest.fixture
def plans_of(store: ContentStore) -> MakePlans:
    return lambda who: Plans(store, store.library.edition(), who.viewer)


def page_at(store: ContentStore, url: str) -> Page:
    page = store.library.edition().page(url)
    assert page is not None
    return page


def text_of(store: ContentStore, path: str) -> str:
    return (store.content / path).read_text()
