import errno
import os
from pathlib import Path

import pytest

from knowledge_base.repository.working_files import LOST_AND_FOUND, WorkingFiles
from tests.unprivileged import Unprivileged, unprivileged

__all__ = ["unprivileged"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "referral").mkdir()
    (tmp_path / "referral" / "share.md").write_bytes(b"old")
    return tmp_path


def put(folder: Path, path: str, content: bytes | None, *, expected: bytes | None) -> bool:
    with WorkingFiles(folder).staged({path: content}) as staged:
        return staged[path].put_in_place(expected=expected)


def names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_a_file_is_replaced_and_nothing_else_is_left(folder: Path) -> None:
    assert put(folder, "referral/share.md", b"new", expected=b"old")

    assert (folder / "referral" / "share.md").read_bytes() == b"new"
    assert names(folder) == ["referral/share.md"]


def test_a_new_file_gets_its_folders(folder: Path) -> None:
    assert put(folder, "uasc/procedures/meet.md", b"new", expected=None)

    assert (folder / "uasc" / "procedures" / "meet.md").read_bytes() == b"new"


def test_a_file_that_somebody_has_saved_meanwhile_stays_theirs(folder: Path) -> None:
    assert not put(folder, "referral/share.md", b"new", expected=b"older")
    assert not put(folder, "referral/share.md", b"new", expected=None)
    assert not put(folder, "referral/share.md", None, expected=b"older")
    assert not put(folder, "referral/gone.md", b"new", expected=b"old")

    assert (folder / "referral" / "share.md").read_bytes() == b"old"
    assert names(folder) == ["referral/share.md"]


def test_a_removed_file_takes_its_empty_folders_with_it(folder: Path) -> None:
    assert put(folder, "referral/share.md", None, expected=b"old")

    assert list(folder.iterdir()) == []
    assert put(folder, "referral/share.md", None, expected=None)


def test_what_is_staged_and_not_put_in_place_is_removed(folder: Path) -> None:
    with WorkingFiles(folder).staged({"referral/share.md": b"new"}):
        pass

    assert (folder / "referral" / "share.md").read_bytes() == b"old"
    assert names(folder) == ["referral/share.md"]


def test_without_room_on_the_disk_nothing_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        put(folder, "referral/share.md", b"new", expected=b"old")

    assert (folder / "referral" / "share.md").read_bytes() == b"old"
    assert names(folder) == ["referral/share.md"]


def test_a_link_is_not_followed(folder: Path) -> None:
    (folder / "secret").write_text("secret")
    (folder / "link.md").symlink_to(folder / "secret")

    with pytest.raises(OSError, match="Too many levels"):
        WorkingFiles(folder).read("link.md")


def test_what_a_killed_process_left_is_removed(folder: Path) -> None:
    (folder / "referral" / ".unfinished-0123").write_text("half")

    WorkingFiles(folder).remove_unfinished()

    assert names(folder) == ["referral/share.md"]


def test_hidden_files_are_no_content(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("x")
    (folder / "referral" / ".swap").write_text("x")

    assert list(WorkingFiles(folder).paths()) == ["referral/share.md"]


@pytest.mark.parametrize("reason", [errno.EPERM, errno.EOPNOTSUPP])
def test_where_a_file_can_have_no_second_name_it_is_replaced_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(reason, "No link")

    (folder / "old.md").write_text("Old.\n")
    (folder / "gone.md").write_text("Gone.\n")
    (folder / "theirs.md").write_text("Theirs.\n")
    monkeypatch.setattr(os, "link", refuse)

    assert put(folder, "old.md", b"New.\n", expected=b"Old.\n")
    assert put(folder, "gone.md", None, expected=b"Gone.\n")
    assert put(folder, "made.md", b"Made.\n", expected=None)
    assert not put(folder, "theirs.md", b"Mine.\n", expected=b"Before.\n")
    assert not put(folder, "made.md", b"Again.\n", expected=None)

    assert (folder / "old.md").read_text() == "New.\n"
    assert (folder / "made.md").read_text() == "Made.\n"
    assert (folder / "theirs.md").read_text() == "Theirs.\n"
    assert {"gone.md"}.isdisjoint(names(folder))
    assert not [name for name in names(folder) if "unfinished" in name]


def test_a_file_that_a_group_may_write_stays_so(folder: Path) -> None:
    share = folder / "referral" / "share.md"
    share.chmod(0o664)

    put(folder, "referral/share.md", b"new", expected=b"old")

    assert share.read_bytes() == b"new"
    assert share.stat().st_mode & 0o777 == 0o664


def test_what_stands_in_a_folder_that_cannot_be_read_is_not_taken_for_gone(
    folder: Path, unprivileged: Unprivileged
) -> None:
    (folder / "index.md").write_bytes(b"words")
    (folder / "referral").chmod(0)

    with unprivileged(), pytest.raises(PermissionError):
        list(WorkingFiles(folder).paths())
    (folder / "referral").chmod(0o755)

    assert list(WorkingFiles(folder).paths()) == ["index.md", "referral/share.md"]


def test_what_a_disk_has_at_its_top_is_passed_over(folder: Path, unprivileged: Unprivileged) -> None:
    for place in (folder, folder / "referral"):
        (place / LOST_AND_FOUND).mkdir()
        (place / LOST_AND_FOUND / "file").touch()
    (folder / LOST_AND_FOUND).chmod(0)

    with unprivileged():
        found = list(WorkingFiles(folder).paths())

    assert found == [f"referral/{LOST_AND_FOUND}/file", "referral/share.md"]
