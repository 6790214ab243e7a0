"""A page that is merged into another takes its files along, and nothing that anybody wrote meanwhile is lost."""

import re

import pytest
from flask.testing import FlaskClient

from knowledge_base.moving.carrying import carried_text
from knowledge_base.publishing.changes import Contributor, FileChange, new_name
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder
from tests.moving.conftest import MakePlans, page_at, text_of
from tests.pages.files_of_pages import png
from tests.publishing.conftest import NOW

NOTE = "One page is enough"
CHART = "/files/open/tell/chart.png"


def merge(
    store: ContentStore, plans_of: MakePlans, who: Contributor, url: str, into: str, text: str | None = None
) -> None:
    """Merge a page into another, whose text ends as the form proposes unless there is another."""
    page, other = page_at(store, url), page_at(store, into)
    base = store.files.read(f"{other.path}.md") or b""
    end = carried_text(store.library.edition(), page, other) if text is None else text
    file = FileChange(f"{other.path}.md", base + f"\n{end}\n".encode(), base)
    publish(store, plans_of(who).merge(page, other, file=file, note=NOTE, name=new_name()), by=who, now=NOW)


def test_its_files_come_along_and_what_uses_them_leads_there(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    content.page("guides/one", f"See [the chart]({CHART}).\n")
    store.library.refresh()

    merge(store, plans_of, jane, "/open/tell", "/guides/two")

    assert "![A chart](/files/guides/two/chart.png)" in text_of(store, "guides/two.md")
    assert "[the chart](/files/guides/two/chart.png)" in text_of(store, "guides/one.md")
    assert client.get("/files/guides/two/chart.png").status_code == 200
    assert client.get(CHART).location == "/files/guides/two/chart.png"
    assert not (store.content / "open" / "_files" / "tell").exists()


def test_a_file_does_not_take_the_place_of_another_of_its_name(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, client: FlaskClient, content: ContentFolder
) -> None:
    content.file("guides/_files/two/chart.png", png(9, 9))
    content.page("guides/two", "![Theirs](/files/guides/two/chart.png)\n")
    content.page("guides/one", f"[Ours]({CHART}), [theirs](/files/guides/two/chart.png).\n")
    store.library.refresh()
    theirs, ours = client.get("/files/guides/two/chart.png").data, client.get(CHART).data

    merge(store, plans_of, jane, "/open/tell", "/guides/two")

    assert client.get("/files/guides/two/chart.png").data == theirs
    assert client.get("/files/guides/two/chart-2.png").data == ours
    assert "![A chart](/files/guides/two/chart-2.png)" in text_of(store, "guides/two.md")
    assert "[Ours](/files/guides/two/chart-2.png), [theirs](/files/guides/two/chart.png)" in text_of(
        store, "guides/one.md"
    )


def test_the_same_file_is_not_there_twice(
    store: ContentStore, plans_of: MakePlans, jane: Contributor, content: ContentFolder
) -> None:
    content.file("guides/_files/two/flow.png", png(2, 2))
    content.page("guides/two", "![Flow](/files/guides/two/flow.png)\n")
    store.library.refresh()

    merge(store, plans_of, jane, "/open/tell", "/guides/two")

    assert "![A chart](/files/guides/two/flow.png)" in text_of(store, "guides/two.md")
    assert [one.name for one in (store.content / "guides" / "_files" / "two").iterdir()] == ["flow.png"]


def test_a_file_that_the_text_does_not_use_gets_no_new_readers(
    store: ContentStore, plans_of: MakePlans, pat: Contributor, content: ContentFolder, client: FlaskClient
) -> None:
    content.file("staff/_files/rota/secret.csv", "a,b\n")
    content.file("open/_files/other/form.csv", "a,b\n")
    store.library.refresh()

    merge(store, plans_of, pat, "/staff/rota", "/open/other", text="Nothing of it.")
    merge(store, plans_of, pat, "/open/other", "/guides/two", text="Nothing of it.")

    assert client.get("/files/open/other/secret.csv").status_code == 404
    assert not (store.content / "open" / "_files" / "other").exists()
    assert client.get("/files/guides/two/form.csv").status_code == 200


@pytest.mark.parametrize("changed", ["guides/one", "guides/two"])
def test_what_somebody_writes_meanwhile_into_either_page_is_not_lost(
    store: ContentStore, signed_in: SignedIn, content: ContentFolder, changed: str
) -> None:
    editor = signed_in(roles=["editor"])
    page = editor.get("/merge/guides/two?into=/guides/one").text
    base = re.search(r'name="base"[^>]* value="([0-9a-f]{64})"', page)
    assert base
    content.page(changed, "Written meanwhile.\n")
    store.library.refresh()
    fields = {"note": NOTE, "text": "Mine.", "into": "/guides/one", "base": base[1]}

    answer = fill_in(editor, "/merge/guides/two?into=/guides/one", fields, to="/merge/guides/two")

    assert answer.status_code == 422
    assert "Somebody changed one of the two pages meanwhile" in answer.text
    assert "Written meanwhile." in text_of(store, f"{changed}.md")
