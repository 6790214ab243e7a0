"""What a monitor is told."""

import shutil

from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.publishing.sharing import CLONING
from knowledge_base.settings import Settings
from tests.content_folder import ContentFolder
from tests.databases import only_on_sqlite


def test_a_site_with_everything_is_ready(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("index")

    assert anonymous.get("/healthz").get_json() == {"status": "ok"}
    answer = anonymous.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "ready": True,
        "content": "ok",
        "database": "ok",
        "search_index": "ok",
        "schedule": "does not run in this process",
        "disk": "ok",
    }


def test_a_site_without_pages_is_not_ready(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["content"] == "no pages"


def test_a_site_without_its_content_folder_is_not_ready(content: ContentFolder, anonymous: FlaskClient) -> None:
    shutil.rmtree(content.root)

    answer = anonymous.get("/readyz").get_json()

    assert answer["content"] == "cannot be read"
    assert answer["search_index"] == "cannot be used"


def test_a_site_that_shows_an_older_state_of_its_content_is_not_ready(
    content: ContentFolder, app: Flask, anonymous: FlaskClient
) -> None:
    content.page("index")
    library = app.extensions["library"]
    library.refresh()
    shutil.rmtree(content.root)
    library.refresh()

    answer = anonymous.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["content"] == "cannot be read, so an older state of it is shown"


def test_a_node_that_has_half_of_its_pages_is_not_ready(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("index")
    (content.root / CLONING).parent.mkdir()
    (content.root / CLONING).touch()

    answer = anonymous.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["content"] == "not all fetched yet from what nodes share"


@only_on_sqlite
def test_a_site_without_its_database_is_alive_but_not_ready(
    content: ContentFolder, settings: Settings, app: Flask, anonymous: FlaskClient
) -> None:
    content.page("index")
    app.extensions["database"].dispose()
    shutil.rmtree(settings.instance_dir)

    assert anonymous.get("/healthz").status_code == 200
    assert anonymous.get("/readyz").get_json()["database"] == "does not answer"
