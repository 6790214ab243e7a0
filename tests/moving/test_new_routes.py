import shutil

import pytest
from flask.testing import FlaskClient

from knowledge_base.db import london_today
from knowledge_base.moving.page_templates import list_templates, new_text
from knowledge_base.pages.front_matter import parse, split
from knowledge_base.pages.reading import page_file_of
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import ROOT
from tests.conftest import SignedIn, fill_in

NEW = {"template": "procedure", "title": 'Ring: "now"', "summary": "What to do.", "address": "/guides/ring"}


@pytest.fixture
def editor(store: ContentStore, signed_in: SignedIn) -> FlaskClient:
    shutil.copytree(ROOT / "content" / "_templates", store.content / "_templates")
    return signed_in(roles=["editor"])


def test_every_shipped_template_makes_a_page_without_a_fault(editor: FlaskClient, store: ContentStore) -> None:
    templates = list_templates(store)

    assert {one.name for one in templates} == {"folder", "guidance", "procedure", "terms"}
    for one in templates:
        text = new_text(one, title='A "title": here', summary="It's \\ a summary.", today=london_today())
        assert not page_file_of("guides/new", text.encode()).faults
        meta = parse(split(text)[0], audiences={"open"})
        assert (meta.title, meta.summary) == ('A "title": here', "It's \\ a summary.")
        assert meta.last_reviewed == london_today()


def test_templates_are_no_pages(editor: FlaskClient, store: ContentStore) -> None:
    assert not store.library.refresh().faults
    assert editor.get("/_templates/guidance").status_code == 404


def test_a_new_page_begins_as_a_draft(editor: FlaskClient) -> None:
    answer = fill_in(editor, "/edit/new", NEW)

    assert (answer.status_code, answer.location) == (303, "/edit/guides/ring")
    assert "Do the first thing" in editor.get(answer.location).text
    assert editor.get("/guides/ring").status_code == 404


def test_a_new_folder_begins_with_its_own_page(editor: FlaskClient) -> None:
    answer = fill_in(editor, "/edit/new", {**NEW, "template": "folder", "address": "/guides/more"})

    assert answer.location == "/edit/guides/more/index"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("address", "/open/other", "There cannot be a new page"),
        ("address", "/new", "could not be edited"),
        ("address", "/edit/share", "belong to the program"),
        ("address", "/staff/new", "There is no folder /staff yet"),
        ("template", "nothing", "Not a valid choice"),
        ("title", "", "Type the title"),
    ],
)
def test_what_cannot_be_is_said(editor: FlaskClient, field: str, value: str, words: str) -> None:
    answer = fill_in(editor, "/edit/new", {**NEW, field: value})

    assert answer.status_code == 422
    assert words in answer.text
