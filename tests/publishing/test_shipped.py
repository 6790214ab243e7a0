from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from knowledge_base.audit.events import SITE
from knowledge_base.publishing import sync_commands
from knowledge_base.publishing.shipped import (
    Choice,
    ShippedError,
    State,
    begin_content,
    offers,
    settle,
)
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import read_settings
from tests.conftest import MakeApp
from tests.content_folder import AUDIENCES, ContentFolder
from tests.publishing.conftest import BODY, NOW, SHARE, git
from tests.repository.conftest import run_git

Replace = Callable[[Path, str, str], None]


@pytest.fixture
def shipped(tmp_path: Path) -> ContentFolder:
    """What comes with a release."""
    folder = ContentFolder(tmp_path / "shipped")
    folder.file("_data/audiences.yml", AUDIENCES)
    folder.page("index", title="Home")
    folder.page("referral/index")
    folder.page("referral/share", BODY)
    folder.page("referral/old", BODY)
    return folder


@pytest.fixture
def council(shipped: ContentFolder, tmp_path: Path, database_url: str, make_app: MakeApp) -> Flask:
    """A council's site, begun with the shipped pages."""
    begin_content(shipped.root, tmp_path / "own")
    settings = read_settings(
        {
            "KB_DATABASE_URL": database_url,
            "KB_INSTANCE_DIR": str(tmp_path / "instance"),
            "KB_CONTENT_DIR": str(tmp_path / "own"),
            "KB_INDEX_DIR": str(tmp_path / "search_index"),
        }
    )
    return make_app(settings)


@pytest.fixture
def store(council: Flask) -> ContentStore:
    found: ContentStore = council.extensions["content_store"]
    return found


def replace(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def states(store: ContentStore, shipped: ContentFolder) -> dict[str, State]:
    return {offer.path: offer.state for offer in offers(store, shipped.root)}


def test_the_shipped_pages_become_a_repository(store: ContentStore, shipped: ContentFolder) -> None:
    assert (store.content / SHARE).read_bytes() == (shipped.root / SHARE).read_bytes()
    assert git(store, "status", "--porcelain") == ""
    assert git(store, "log", "--format=%s") == "Begin with the pages that are shipped"
    assert states(store, shipped) == {}


def test_a_folder_that_holds_something_is_left_alone(shipped: ContentFolder, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()

    with pytest.raises(ShippedError, match="not empty"):
        begin_content(shipped.root, tmp_path / "full")


def test_each_page_says_what_the_release_means_for_it(store: ContentStore, shipped: ContentFolder) -> None:
    replace(shipped.root, SHARE, "First line.", "The release's line.")
    replace(store.content, SHARE, "Third line.", "The council's line.")
    replace(shipped.root, "referral/index.md", "Some words.", "The release's words.")
    replace(store.content, "referral/index.md", "Some words.", "The council's words.")
    replace(shipped.root, "index.md", "Some words.", "Other words.")
    shipped.page("referral/new", BODY)
    (shipped.root / "referral" / "old.md").unlink()

    assert states(store, shipped) == {
        "index.md": State.CHANGED,
        "referral/index.md": State.CONFLICT,
        "referral/new.md": State.NEW,
        "referral/old.md": State.REMOVED,
        SHARE: State.MERGES,
    }


def test_what_merges_is_brought_in_and_offered_no_more(store: ContentStore, shipped: ContentFolder) -> None:
    replace(shipped.root, SHARE, "First line.", "The release's line.")
    replace(store.content, SHARE, "Third line.", "The council's line.")
    (shipped.root / "referral" / "old.md").unlink()

    changed = settle(store, shipped.root, {SHARE: Choice.MERGE, "referral/old.md": Choice.MERGE}, actor=SITE, now=NOW)

    text = (store.content / SHARE).read_text()
    assert set(changed) == {SHARE, "referral/old.md"}
    assert "The release's line." in text
    assert "The council's line." in text
    assert not (store.content / "referral" / "old.md").exists()
    assert states(store, shipped) == {}
    assert git(store, "status", "--porcelain") == ""


def test_what_is_not_chosen_is_offered_again_with_what_the_next_release_changes(
    store: ContentStore, shipped: ContentFolder
) -> None:
    replace(shipped.root, SHARE, "First line.", "The release's line.")
    replace(shipped.root, "index.md", "Some words.", "Other words.")
    settle(store, shipped.root, {"index.md": Choice.MERGE}, actor=SITE, now=NOW)
    replace(shipped.root, "index.md", "Other words.", "Better words.")

    assert states(store, shipped) == {SHARE: State.CHANGED, "index.md": State.CHANGED}


@pytest.mark.parametrize(
    ("choice", "words"), [(Choice.KEEP, "The council's line."), (Choice.TAKE, "The release's line.")]
)
def test_a_conflict_is_settled_by_choosing_one(
    store: ContentStore, shipped: ContentFolder, choice: Choice, words: str
) -> None:
    replace(shipped.root, SHARE, "First line.", "The release's line.")
    replace(store.content, SHARE, "First line.", "The council's line.")

    with pytest.raises(ShippedError, match="same place"):
        settle(store, shipped.root, {SHARE: Choice.MERGE}, actor=SITE, now=NOW)
    settle(store, shipped.root, {SHARE: choice}, actor=SITE, now=NOW)

    assert words in (store.content / SHARE).read_text()
    assert states(store, shipped) == {}


def test_a_page_that_would_be_left_out_is_not_brought_in(store: ContentStore, shipped: ContentFolder) -> None:
    shipped.page("staff/index", audience="governors")
    head = store.repository.head()

    with pytest.raises(ShippedError, match="lose a page"):
        settle(store, shipped.root, {"staff/index.md": Choice.MERGE}, actor=SITE, now=NOW)

    assert store.repository.head() == head
    assert not (store.content / "staff").exists()


def test_content_that_was_not_begun_so_is_refused(store: ContentStore, shipped: ContentFolder, tmp_path: Path) -> None:
    run_git(store.content, "commit", "-q", "--amend", "-m", "Begin.\n\nShipped-content: yes\n\nNot a trailer.")

    with pytest.raises(ShippedError, match="content init"):
        offers(store, shipped.root)


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["content", *map(str, arguments)])


def test_the_commands(
    council: Flask, store: ContentStore, shipped: ContentFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_commands, "SHIPPED_CONTENT", shipped.root)
    assert "5 files are in" in run(council, "init", tmp_path / "another").output
    assert run(council, "init", tmp_path / "another").exit_code == 1
    assert "changed nothing" in run(council, "upgrade").output
    replace(shipped.root, SHARE, "First line.", "The release's line.")
    replace(store.content, SHARE, "First line.", "The council's line.")
    replace(shipped.root, "index.md", "Some words.", "Other words.")

    listed = run(council, "upgrade", "--diff").output
    assert "index.md: changed" in listed
    assert "+Other words." in listed
    assert "+The release's line." in listed
    applied = run(council, "upgrade", "--apply")
    assert applied.exit_code == 3
    assert "Changed index.md" in applied.output
    assert run(council, "upgrade", "--keep").exit_code == 2
    assert run(council, "upgrade", "--keep", "about.md").exit_code == 2
    assert run(council, "upgrade", "--keep", SHARE).exit_code == 0
    assert "changed nothing" in run(council, "upgrade").output
