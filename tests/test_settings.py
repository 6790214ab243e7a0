"""Settings: where they come from, and the starts they refuse."""

import stat
from pathlib import Path

import pytest

from knowledge_base.settings import ROOT, SettingsError, read_settings

SECRET = "x" * 32


def test_without_any_setting_the_site_is_the_folder_it_stands_in(tmp_path: Path) -> None:
    settings = read_settings({"KB_INSTANCE_DIR": str(tmp_path)})

    assert settings.content_dir == ROOT / "content"
    assert settings.index_dir == ROOT / "search_index"
    assert settings.database_url == f"sqlite:///{tmp_path}/knowledge_base.sqlite3"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.trusted_proxies == 0


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    environ = {"KB_INSTANCE_DIR": str(tmp_path / "instance")}

    first, second = read_settings(environ), read_settings(environ)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secret_key"]


def test_two_sites_have_different_secrets(tmp_path: Path) -> None:
    one, other = (read_settings({"KB_INSTANCE_DIR": str(tmp_path / name)}) for name in ("one", "other"))

    assert one.secret_key != other.secret_key


def test_the_secret_can_be_given(tmp_path: Path) -> None:
    settings = read_settings({"KB_INSTANCE_DIR": str(tmp_path), "KB_SECRET_KEY": SECRET})

    assert settings.secret_key == SECRET
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_weak_secret_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SettingsError, match="KB_SECRET_KEY"):
        read_settings({"KB_INSTANCE_DIR": str(tmp_path), "KB_SECRET_KEY": secret})


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    read_settings({"KB_INSTANCE_DIR": str(tmp_path)})
    (tmp_path / "secret_key").chmod(0o644)

    with pytest.raises(SettingsError, match="chmod 600"):
        read_settings({"KB_INSTANCE_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KB_BASE_URL", "guidance.example.gov.uk"),
        ("KB_BASE_URL", "ftp://guidance.example.gov.uk"),
        ("KB_TRUSTED_PROXIES", "many"),
        ("KB_TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({"KB_INSTANCE_DIR": str(tmp_path), name: value})


def test_an_instance_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="KB_INSTANCE_DIR"):
        read_settings({"KB_INSTANCE_DIR": str(tmp_path / "file" / "instance")})


def test_tls_is_known_from_the_address(tmp_path: Path) -> None:
    environ = {"KB_INSTANCE_DIR": str(tmp_path), "KB_BASE_URL": "https://guidance.example.gov.uk/"}

    assert read_settings(environ).behind_tls
    assert read_settings(environ).base_url == "https://guidance.example.gov.uk"
