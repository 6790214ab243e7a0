"""Whatever file somebody offers as a backup: what is not one is refused, and nothing of it lands anywhere."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from knowledge_base.backup.archive import SMALL
from tests.backup.conftest import (
    Members,
    Place,
    manifest_of,
    members_of,
    tree_of,
    with_manifest,
    write_members,
)

Run = Callable[..., Result]
Change = Callable[[dict[str, Any]], None]


def entry_of(name: str, kind: bytes = tarfile.REGTYPE, *, to: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, to
    return entry


def set_at(*keys: str | int, value: object) -> Change:
    """Return what changes one value of a manifest."""

    def change(manifest: dict[str, Any]) -> None:
        place: Any = manifest
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


def assert_refused(place: Place, path: Path, words: str) -> None:
    """Check that a file is neither found good nor restored, and that the place is as empty as before."""
    for command in ("verify", "restore"):
        result = place.run("backup", command, path)

        assert result.exit_code == 1, result.output
        assert words in result.output
        assert "Traceback" not in result.output
        assert isinstance(result.exception, SystemExit)
    assert not place.settings.content_dir.exists()
    assert [path.name for path in place.settings.instance_dir.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive", gzip.compress(b""), gzip.compress(b"no tar" * 1000), b"\x1f\x8b" + b"\0" * 100],
    ids=["empty", "text", "nothing packed", "no tar packed", "broken"],
)
def test_a_file_that_is_no_archive_is_refused(place: Place, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "no-backup.tar.gz"
    path.write_bytes(data)

    assert_refused(place, path, "is cut short or damaged, or is no backup of the site")


def test_a_missing_file_is_named(place: Place, tmp_path: Path) -> None:
    assert_refused(place, tmp_path / "none.tar.gz", "none.tar.gz cannot be unpacked: No such file or directory.")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_an_archive_that_is_cut_short_is_refused(archive: Path, place: Place, part: float) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * part)])

    assert_refused(place, archive, "is cut short or damaged")


def test_every_byte_that_is_changed_is_found(archive: Path, run: Run) -> None:
    content = archive.read_bytes()
    for place in range(20, len(content), len(content) // 12):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])

        result = run("backup", "verify", archive)

        assert result.exit_code == 1, f"byte {place}"
        assert isinstance(result.exception, SystemExit)


def test_a_member_that_was_changed_is_named(archive: Path, place: Place) -> None:
    members = [
        (entry, content.replace(b"Jane", b"Joan") + b"\n" if entry.name == "database/audit_events.jsonl" else content)
        for entry, content in members_of(archive)
    ]
    path = write_members(archive.with_name("changed.tar.gz"), members)

    assert_refused(place, path, "database/audit_events.jsonl has another size than the manifest says")


def test_a_member_of_the_same_size_is_told_by_its_hash(archive: Path, place: Place) -> None:
    members = [
        (entry, content.replace(b"record.began", b"record.begun") if entry.name.endswith("events.jsonl") else content)
        for entry, content in members_of(archive)
    ]

    path = write_members(archive.with_name("changed.tar.gz"), members)

    assert_refused(place, path, "database/audit_events.jsonl is not as it was when the backup was made")


@pytest.mark.parametrize(
    "stranger",
    [
        entry_of("../outside"),
        entry_of("/tmp/outside"),  # noqa: S108 - it is never written
        entry_of("content/history.bundle", tarfile.SYMTYPE, to="/etc/passwd"),
        entry_of("content/history.bundle", tarfile.LNKTYPE, to="/etc/passwd"),
        entry_of("content/history.bundle", tarfile.CHRTYPE),
        entry_of("content/history.bundle", tarfile.FIFOTYPE),
        entry_of("content/history.bundle", tarfile.DIRTYPE),
    ],
    ids=lambda entry: f"{entry.name} {entry.type!r}",
)
def test_what_leads_elsewhere_or_is_no_file_is_not_unpacked(
    archive: Path, place: Place, stranger: tarfile.TarInfo
) -> None:
    members = [(stranger, b"") if entry.name == "content/history.bundle" else (entry, content)
               for entry, content in members_of(archive)]  # fmt: skip

    assert_refused(place, write_members(archive.with_name("hostile.tar.gz"), members), "there is something else")


def test_what_comes_after_the_last_file_is_refused(archive: Path, place: Place) -> None:
    members: Members = [*members_of(archive), (entry_of("content/extra"), b"more")]

    assert_refused(place, write_members(archive.with_name("more.tar.gz"), members), "something after its last file")


def test_endless_zeros_after_the_last_file_are_not_read(archive: Path, place: Place) -> None:
    with gzip.open(archive) as file:
        plain = file.read()
    archive.write_bytes(gzip.compress(plain + bytes(5_000_000)))

    assert_refused(place, archive, "something after its last file")


def test_a_bomb_is_refused_before_it_goes_off(archive: Path, place: Place) -> None:
    def swell(manifest: dict[str, Any]) -> None:
        manifest["members"][0]["size"] = SMALL + 1

    assert_refused(place, with_manifest(archive, swell), "which cannot be in a file of")


def test_a_header_of_endless_length_is_not_read(tmp_path: Path, place: Place) -> None:
    path = tmp_path / "long.tar.gz"
    manifest, pax = entry_of("manifest.json"), entry_of("long", tarfile.XHDTYPE)
    manifest.size = pax.size = 2**40
    for entry, words in ((manifest, "manifest.json is too large"), (pax, "there is something else")):
        path.write_bytes(gzip.compress(entry.tobuf(tarfile.GNU_FORMAT) + bytes(10_000)))

        assert_refused(place, path, words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_at("format", value=2), "It has format 2, and this version of the site reads up to 1: install a newer one"),
        (set_at("schema_name", value="9999"), "Its database has schema 9999, and this version of the site goes no"),
        (set_at("schema_name", value="base"), "Its database has schema base"),
        (set_at("content", "prefix", value="../"), "fault at content.prefix"),
        (set_at("content", "prefix", value="/etc/"), "fault at content.prefix"),
        (set_at("content", "changed", value={"../x.md": "content/1"}), "fault at content.changed"),
        (set_at("content", "changed", value={".git/config": "content/1"}), "fault at content.changed"),
        (set_at("content", "changed", value={"x.md": "/etc/passwd"}), "fault at content.changed"),
        (set_at("content", "changed", value={"x.md": "content/none"}), "The file x.md of the content cannot be put"),
        (set_at("content", "removed", value=["../../x"]), "fault at content.removed"),
        (set_at("content", "branch", value="--upload-pack=x"), "fault at content.branch"),
        (set_at("content", "revision", value="1" * 40), "The history in it is not the one that the manifest names"),
        (set_at("members", 0, "name", value="../x"), "fault at members.0.name"),
        (set_at("members", 1, "name", value="content/history.bundle"), "Its manifest names a file twice"),
        (set_at("members", 0, "size", value=-1), "fault at members.0.size"),
        (set_at("members", 0, "surprise", value=1), "fault at members.0.surprise"),
        (set_at("tables", 0, "name", value="x; DROP TABLE accounts"), "fault at tables.0.name"),
        (set_at("tables", 0, "name", value="sqlite_master"), "Its tables are not those of its schema"),
        (set_at("tables", 0, "rows", value=77), "has not the 77 rows that the manifest says"),
    ],
)
def test_a_manifest_that_lies_is_refused(archive: Path, place: Place, change: Change, words: str) -> None:
    place = Place(place.settings)
    path = with_manifest(archive, change)

    verified = place.run("backup", "verify", path)
    restored = place.run("backup", "restore", "--lost-secret-key", path)

    for result in (verified, restored):
        assert result.exit_code == 1, result.output
        assert words in result.output
        assert isinstance(result.exception, SystemExit)
    assert not place.settings.content_dir.exists()


@pytest.mark.parametrize("text", [b"[" * 100_000, b"null", b"\xff", b"[1]", b"{}"])
def test_a_manifest_that_is_none_is_refused(archive: Path, place: Place, text: bytes) -> None:
    (entry, _), *others = members_of(archive)

    assert_refused(place, write_members(archive.with_name("none.tar.gz"), [(entry, text), *others]), "Its manifest")


def test_an_archive_is_a_tar_that_any_tool_opens(archive: Path) -> None:
    names = [entry.name for entry, _ in members_of(archive)]

    assert names[:2] == ["manifest.json", "manifest.seal"]
    assert "content/history.bundle" in names
    assert names[2:] == [member["name"] for member in manifest_of(archive)["members"]]
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as tar:
        assert json.load(tar.extractfile("manifest.json") or io.BytesIO())["format"] == 1


def test_nothing_of_a_refused_archive_is_left_anywhere(archive: Path, place: Place, tmp_path: Path) -> None:
    path = with_manifest(archive, set_at("tables", 0, "rows", value=77))
    before = tree_of(tmp_path)

    place.run("backup", "verify", path)

    after = {name: content for name, content in tree_of(tmp_path).items() if name not in before}
    assert [name for name in after if "sqlite3" not in name and not name.endswith((".lock", "secret_key"))] == []
