"""The content folder is not there: what can be read is read, everything else says so."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import Settings
from tests.conftest import MakeApp, SignedIn
from tests.content_folder import ContentFolder
from tests.publishing.conftest import NOW, SHARE, change_of, store

__all__ = ["store"]


@pytest.fixture
def editor(signed_in: SignedIn, store: ContentStore) -> FlaskClient:
    """An editor, who has read a page."""
    browser = signed_in(roles=["editor"])
    assert store.files.read(SHARE)
    assert "/edit/referral/share" in browser.get("/referral/share").text
    return browser


@pytest.fixture
def away(content: ContentFolder, editor: FlaskClient) -> Path:
    """Where the content is, until the test brings it back."""
    place = content.root.with_name("away")
    content.root.rename(place)
    return place


def test_pages_are_read_and_nothing_can_be_changed(
    editor: FlaskClient, app: Flask, away: Path, content: ContentFolder
) -> None:
    app.extensions["library"].refresh()

    read, begun = editor.get("/referral/share"), editor.get("/edit/referral/share")

    assert (read.status_code, "/edit/referral/share" in read.text) == (200, False)
    assert (begun.status_code, "cannot read or write its files" in begun.text) == (503, True)
    away.rename(content.root)
    assert editor.get("/edit/referral/share").status_code == 200


@pytest.mark.parametrize("has_been_read", [False, True])
def test_nothing_is_published(
    store: ContentStore,
    jane: Contributor,
    content: ContentFolder,
    settings: Settings,
    make_app: MakeApp,
    *,
    has_been_read: bool,
) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")
    asked = store if has_been_read else make_app(settings).extensions["content_store"]
    away = content.root.with_name("away")
    content.root.rename(away)

    with pytest.raises(PublishingBusyError, match="nothing was published"):
        publish(asked, change, by=jane, now=NOW)

    away.rename(content.root)
    assert publish(asked, change, by=jane, now=NOW).is_new


@pytest.mark.parametrize("command", ["content check", "search query share"])
@pytest.mark.usefixtures("away")
def test_a_command_says_so_in_one_line(app: Flask, command: str) -> None:
    app.extensions["library"]._edition = None

    ended = app.test_cli_runner().invoke(args=command.split())

    assert ended.exit_code == 1
    assert ended.stderr.startswith("Error: Files cannot be read or written: No such file or directory (")
    assert ended.stderr.count("\n") == 1
