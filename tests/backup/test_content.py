"""The content and its history, whatever the repository is that holds them."""

import subprocess
from pathlib import Path

import pytest
from flask import Flask

from knowledge_base.backup.content import note_content, restored_content, top_of, write_bundle
from knowledge_base.backup.errors import ArchiveFaultError, PlaceNotEmptyError
from knowledge_base.backup.manifest import ContentPart
from tests.backup.conftest import tree_of
from tests.content_folder import ContentFolder

GIT = ("git", "-c", "user.name=Jo", "-c", "user.email=jo@example.gov.uk", "-c", "protocol.file.allow=always")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def note(_places: list[Path]) -> None:
    """Keep no note of what is being put in place."""


def new_repository(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=trunk")
    return folder


def kept(content: Path, folder: Path) -> ContentPart:
    """Keep the content in a folder."""
    (folder / "content").mkdir(parents=True)
    part, _ = note_content(content, folder)
    if part.revision:
        with (folder / "content" / "history.bundle").open("xb") as file:
            write_bundle(content, part, file)
    return part


def brought_back(content: Path, to: Path, tmp_path: Path) -> ContentPart:
    """Keep the content and put it somewhere else."""
    part = kept(content, tmp_path / "kept")
    with restored_content(top_of(to, part), part, tmp_path / "kept", note=note):
        pass
    return part


def test_history_and_files_come_back_with_the_names_of_their_commits(tmp_path: Path) -> None:
    source, target = new_repository(tmp_path / "source"), tmp_path / "target"
    for number in range(3):
        (source / "page.md").write_text(f"Version {number}.\n")
        commit(source, f"Version {number}")

    part = brought_back(source, target, tmp_path)

    assert git(target, "log", "--format=%H %s") == git(source, "log", "--format=%H %s")
    assert git(target, "status", "--porcelain") == ""
    assert git(target, "symbolic-ref", "HEAD") == "refs/heads/trunk"
    assert (target / "page.md").read_text() == "Version 2.\n"
    assert part.changed == {}


def test_a_repository_with_long_names_of_commits_comes_back(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    git(source, "init", "--quiet", "--object-format=sha256")
    (source / "page.md").write_text("Words.\n")
    revision = commit(source, "Begin")

    brought_back(source, target, tmp_path)

    assert len(revision) == 64
    assert git(target, "rev-parse", "HEAD") == revision
    assert git(target, "fsck") == ""


def test_what_was_changed_by_hand_comes_back_as_it_stood(tmp_path: Path) -> None:
    source, target = new_repository(tmp_path / "source"), tmp_path / "target"
    for name in ("kept.md", "changed.md", "gone.md", "folder/gone.md"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("As committed.\n")
    commit(source, "Begin")
    (source / "changed.md").write_text("By hand.\r\n")
    (source / "gone.md").unlink()
    (source / "folder/gone.md").unlink()
    (source / "folder/new ünïcode.md").write_bytes(b"\xff\x00")

    part = brought_back(source, target, tmp_path)

    assert tree_of(target) == tree_of(source)
    assert git(target, "status", "--porcelain") == git(source, "status", "--porcelain")
    assert sorted(part.changed) == ["changed.md", "folder/new ünïcode.md"]
    assert part.removed == ("folder/gone.md", "gone.md")


def test_content_without_a_history_comes_back_without_one(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "folder").mkdir(parents=True)
    (source / "folder" / "page.md").write_text("Words.\n")

    part = brought_back(source, target, tmp_path)

    assert part.revision is None
    assert tree_of(target) == tree_of(source)
    assert not (target / ".git").exists()


def test_a_folder_of_a_larger_repository_comes_back_alone_with_all_its_history(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    (source / "site" / "content").mkdir(parents=True)
    (source / "code.py").write_text("print()\n")
    (source / "site" / "content" / "page.md").write_text("Words.\n")
    first = commit(source, "Begin")
    (source / "code.py").write_text("print(1)\n")
    commit(source, "Code")
    target = tmp_path / "target" / "site" / "content"
    target.mkdir(parents=True)

    brought_back(source / "site" / "content", target, tmp_path)

    top = tmp_path / "target"
    assert tree_of(top) == {"site/content/page.md": b"Words.\n"}
    assert git(target, "rev-parse", "--show-prefix") == "site/content/"
    assert git(top, "status", "--porcelain") == ""
    assert git(target, "log", "--format=%H", "--", "page.md") == first
    assert git(top, "show", "HEAD:code.py") == "print(1)"


def test_such_a_folder_goes_only_where_its_name_is_the_same(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    (source / "content").mkdir()
    (source / "content" / "page.md").write_text("Words.\n")
    commit(source, "Begin")
    part = kept(source / "content", tmp_path / "kept")

    with pytest.raises(PlaceNotEmptyError, match=r"set KB_CONTENT_DIR to a path that ends with /content"):
        top_of(tmp_path / "target" / "pages", part)


def test_a_history_that_is_cut_off_comes_back_cut_off(tmp_path: Path) -> None:
    whole, source = new_repository(tmp_path / "whole"), tmp_path / "source"
    for number in range(3):
        (whole / "page.md").write_text(f"Version {number}.\n")
        commit(whole, f"Version {number}")
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{whole}", str(source))

    brought_back(source, tmp_path / "target", tmp_path)

    assert git(tmp_path / "target", "log", "--format=%s") == "Version 2\nVersion 1"
    assert git(tmp_path / "target", "fsck") == ""


def test_other_branches_and_a_half_done_rebase_do_not_matter(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    (source / "page.md").write_text("Words.\n")
    revision = commit(source, "Begin")
    git(source, "checkout", "--quiet", "-b", "secret-plans")
    (source / "page.md").write_text("Plans.\n")
    secret = commit(source, "Plans")
    git(source, "checkout", "--quiet", "--detach", revision)

    part = brought_back(source, tmp_path / "target", tmp_path)

    assert git(tmp_path / "target", "rev-parse", "HEAD") == revision
    assert part.branch == "main"
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path / "target", "cat-file", "-e", secret)


def test_files_come_back_byte_for_byte_whatever_attributes_say(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    (source / "page.md").write_text("Words.\n")
    commit(source, "Begin")
    (source / ".gitattributes").write_text("*.md text eol=crlf\n")
    git(source, "add", ".gitattributes")
    git(source, "commit", "--quiet", "--message", "Attributes")

    brought_back(source, tmp_path / "target", tmp_path)

    assert (tmp_path / "target" / "page.md").read_bytes() == b"Words.\n"


def test_a_remote_is_noted_without_its_password(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    (source / "page.md").write_text("Words.\n")
    commit(source, "Begin")
    git(source, "remote", "add", "origin", "https://jo:hunter2@git.example.gov.uk/pages.git")

    part = kept(source, tmp_path / "kept")

    assert part.remotes == {"origin": "https://git.example.gov.uk/pages.git"}


def test_a_link_in_the_history_leads_nothing_out_of_the_content(tmp_path: Path) -> None:
    source, outside = new_repository(tmp_path / "source"), tmp_path / "outside"
    outside.mkdir()
    (source / "folder").symlink_to(outside)
    commit(source, "A link")
    part = kept(source, tmp_path / "kept")
    (tmp_path / "kept" / "content" / "1").write_text("Evil.\n")
    hostile = part.model_copy(update={"changed": {"folder/x.md": "content/1"}})

    with (
        pytest.raises(ArchiveFaultError, match="leads out of the content"),
        restored_content(tmp_path / "target", hostile, tmp_path / "kept", note=note),
    ):
        pass

    assert list(outside.iterdir()) == []
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("name", ["file.md", "folder/file.md", ".hidden", ".git/config"])
def test_a_folder_with_anything_in_it_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    (target / name).parent.mkdir(parents=True)
    (target / name).write_text("Mine.\n")
    part = ContentPart(revision=None, branch="main", prefix="", shallow=(), changed={}, removed=(), remotes={})

    with pytest.raises(PlaceNotEmptyError, match="is not empty"):
        top_of(target, part)

    assert (target / name).read_text() == "Mine.\n"


def test_what_fails_after_it_takes_away_what_was_put_there_and_no_more(tmp_path: Path) -> None:
    source, target = new_repository(tmp_path / "source"), tmp_path / "target"
    (source / "page.md").write_text("Words.\n")
    commit(source, "Begin")
    part = kept(source, tmp_path / "kept")
    target.mkdir()

    def fail() -> None:
        (target / "theirs.md").write_text("Theirs.\n")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), restored_content(target, part, tmp_path / "kept", note=note):
        fail()

    assert [path.name for path in target.iterdir()] == ["theirs.md"]


def test_a_bundle_that_is_damaged_is_refused(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    (source / "page.md").write_text("Words.\n" * 100)
    commit(source, "Begin")
    part = kept(source, tmp_path / "kept")
    bundle = tmp_path / "kept" / "content" / "history.bundle"
    bundle.write_bytes(bundle.read_bytes()[:-30])

    with (
        pytest.raises(ArchiveFaultError, match="The content's history in it cannot be used"),
        restored_content(tmp_path / "target", part, tmp_path / "kept", note=note),
    ):
        pass


def test_files_whose_names_nothing_can_be_done_with_are_named(content: ContentFolder, tmp_path: Path) -> None:
    content.file("two\nlines.md", "x")
    content.file("good.md", "x")
    (tmp_path / "kept" / "content").mkdir(parents=True)

    part, left_out = note_content(content.root, tmp_path / "kept")

    assert left_out == ("two\nlines.md",)
    assert "good.md" in part.changed


def test_noting_changes_nothing_in_the_repository(app: Flask, content: ContentFolder, tmp_path: Path) -> None:
    content.page("index")
    head = app.extensions["content_store"].repository.head()
    content.page("index", "By hand.\n")
    before = git(content.root, "status", "--porcelain")

    part = kept(content.root, tmp_path / "kept")

    assert git(content.root, "rev-parse", "HEAD") == head == part.revision
    assert git(content.root, "status", "--porcelain") == before
    assert git(content.root, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
