"""Some of the content folder cannot be read: what was there is shown, and nothing of it is taken for gone."""

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from knowledge_base.publishing.bringing_in import keep_what_was_changed_by_hand
from knowledge_base.publishing.changes import Contributor
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import ROOT
from tests.content_folder import ContentFolder
from tests.faults.conftest import Browser, Site
from tests.faults.test_served_site import is_not_ready, is_ready
from tests.operations.conftest import Serve
from tests.pages.files_of_pages import jpeg
from tests.publishing.conftest import NOW, SHARE, change_of, git, store
from tests.unprivileged import HEEDING_MODES, commands_heed_modes, heeding_modes

__all__ = ["store"]


@contextmanager
def unreadable(place: Path) -> Iterator[None]:
    mode = place.stat().st_mode
    place.chmod(0)
    try:
        yield
    finally:
        place.chmod(mode)


@pytest.fixture
def referral(content: ContentFolder) -> Path:
    """A folder that is there from the start."""
    content.page("referral/index")
    return content.page("referral/share", "The words of the folder.\n").parent


@commands_heed_modes
@pytest.mark.parametrize("name", ["", "share.md"])
def test_pages_are_shown_as_they_were_until_it_can_be_read(
    referral: Path, site: Site, content: ContentFolder, name: str
) -> None:
    with unreadable(referral / name):
        said = site.anonymous.until("/readyz", is_not_ready).text
        content.page("new")
        pages = [browser.get("/referral/share") for browser in (site.anonymous, site.staff) for _ in range(4)]
        found = site.anonymous.get("/search?q=words")
        new = site.anonymous.get("/new")

    site.anonymous.until("/readyz", is_ready)
    assert "cannot be read in part (referral/), so an older state of it is shown" in said
    assert [(page.status, "The words of the folder." in page.text) for page in pages] == [(200, True)] * 8
    assert (found.status, "/referral/share" in found.text) == (200, True)
    assert new.status == 404
    assert site.anonymous.until("/new", is_ready).status == 200


@commands_heed_modes
def test_a_start_says_what_cannot_be_read_and_shows_it_to_nobody(
    referral: Path, environment: dict[str, str], port: int, serve: Serve, tmp_path: Path
) -> None:
    reader = Browser(f"http://127.0.0.1:{port}")

    with unreadable(referral):
        serve()
        home, page = reader.get("/"), reader.get("/referral/share")
        said = reader.get("/readyz")
        checked = run_check(environment)

    assert "<title>Home" in home.text
    assert ("<title>Sign in" in page.text, "The words of the folder." in page.text) == (True, False)
    assert (said.status, "what stands there is shown to nobody" in said.text) == (503, True)
    assert "referral/: the folder cannot be read: Permission denied" in (tmp_path / "log").read_text()
    assert checked.returncode == 1
    assert "referral/: error: left out: the folder cannot be read: Permission denied" in checked.stdout
    reader.until("/readyz", is_ready)
    reader.until("/referral/share", lambda answer: "The words of the folder." in answer.text)


def run_check(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [*HEEDING_MODES, sys.executable, "-m", "flask", "--app", "wsgi", "content", "check"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_file_that_cannot_be_read_is_there_again_later(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("share", "The map: ![Map](map.jpeg)\n")
    picture = content.file("_files/share/map.jpeg", jpeg(3, 2))
    assert anonymous.get("/files/share/map.jpeg").status_code == 200

    with unreadable(picture), heeding_modes():
        refused = anonymous.get("/files/share/map.jpeg")

    assert refused.status_code == 503
    assert anonymous.get("/files/share/map.jpeg").status_code == 200


def test_nothing_of_it_is_taken_for_deleted_by_hand(store: ContentStore) -> None:
    head = store.repository.head()

    with unreadable(store.content / "referral"), heeding_modes(), pytest.raises(PermissionError):
        keep_what_was_changed_by_hand(store)

    assert store.repository.head() == head
    assert git(store, "status", "--porcelain") == ""


def test_a_history_is_not_begun_with_a_part_of_the_content(store: ContentStore) -> None:
    shutil.rmtree(store.content / ".git")
    begun = dataclasses.replace(store)

    with unreadable(store.content / "referral"), heeding_modes(), pytest.raises(PublishingBusyError) as refused:
        begun.repository.head()

    assert str(refused.value) == "The content's files cannot be read, so nothing can be published: Permission denied."
    assert SHARE in begun.repository.paths_in("HEAD")


def test_nothing_is_published_that_nobody_could_see(store: ContentStore, jane: Contributor) -> None:
    change = change_of(store, SHARE, "First line.", "My line.")

    with unreadable(store.content / "uasc"), heeding_modes(), pytest.raises(PublishingBusyError, match="in its log"):
        publish(store, change, by=jane, now=NOW)

    assert "My line." not in (store.content / SHARE).read_text()
    assert publish(store, change, by=jane, now=NOW).is_new
