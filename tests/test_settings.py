"""Settings: where they come from, and the starts they refuse."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from knowledge_base.settings import ROOT, MailSettings, Settings, SettingsError, read_settings
from tests.conftest import MakeApp

SECRET = "x" * 32


def test_without_any_setting_the_site_is_the_folder_it_stands_in(tmp_path: Path) -> None:
    settings = read_settings({"KB_INSTANCE_DIR": str(tmp_path)})

    assert settings.content_dir == ROOT / "content"
    assert settings.index_dir == ROOT / "search_index"
    assert settings.database_url == f"sqlite:///{tmp_path}/knowledge_base.sqlite3"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.trusted_proxies == 0


@pytest.mark.parametrize("url", ["mysql://u:hidden@host/kb", "hidden", "postgresql://u:hidden@host", "sqlite://"])
def test_a_database_that_cannot_be_used_is_refused_without_showing_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="KB_DATABASE_URL: this is not an address such as") as refusal:
        read_settings({"KB_INSTANCE_DIR": str(tmp_path), "KB_DATABASE_URL": url})

    assert "hidden" not in str(refusal.value)


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


def test_old_secret_keys_are_read_and_not_shown(tmp_path: Path) -> None:
    given = {"KB_INSTANCE_DIR": str(tmp_path), "KB_OLD_SECRET_KEYS": f" {'a' * 32}  {'b' * 32} "}

    settings = read_settings(given)

    assert settings.old_secret_keys == ("a" * 32, "b" * 32)
    assert "a" * 32 not in repr(settings)


def test_cookie_that_an_old_secret_key_signed_stays_good(make_app: MakeApp, settings: Settings) -> None:
    before = make_app(settings).test_client()
    with before.session_transaction() as session:
        session["kept"] = "words"
    cookie = before.get_cookie("session", domain="localhost")
    assert cookie
    rotated = replace(settings, secret_key=SECRET, old_secret_keys=(settings.secret_key,))

    after = make_app(rotated).test_client()
    after.set_cookie("session", cookie.value)

    with after.session_transaction() as session:
        assert session["kept"] == "words"


def test_record_is_kept_for_two_years_unless_it_is_said_how_long(tmp_path: Path) -> None:
    environ = {"KB_INSTANCE_DIR": str(tmp_path)}

    assert read_settings(environ).audit_months == 24
    assert read_settings({**environ, "KB_AUDIT_MONTHS": "6"}).audit_months == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KB_OLD_SECRET_KEYS", "short"),
        ("KB_OLD_SECRET_KEYS", f"{'a' * 32} short"),
        ("KB_AUDIT_MONTHS", "0"),
        ("KB_AUDIT_MONTHS", "121"),
        ("KB_AUDIT_MONTHS", "two"),
        ("KB_BASE_URL", "guidance.example.gov.uk"),
        ("KB_BASE_URL", "ftp://guidance.example.gov.uk"),
        ("KB_TRUSTED_PROXIES", "many"),
        ("KB_TRUSTED_PROXIES", "-1"),
        ("KB_SESSION_HOURS", "0"),
        ("KB_SESSION_IDLE_MINUTES", "soon"),
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


def test_sessions_last_as_long_as_is_set(tmp_path: Path) -> None:
    environ = {"KB_INSTANCE_DIR": str(tmp_path), "KB_SESSION_IDLE_MINUTES": "20", "KB_SESSION_HOURS": "8"}

    settings = read_settings(environ)

    assert (settings.session_idle, settings.session_length) == (timedelta(minutes=20), timedelta(hours=8))


def test_mail_goes_out_only_where_a_server_is_named(tmp_path: Path) -> None:
    environ = {"KB_INSTANCE_DIR": str(tmp_path), "KB_MAIL_FROM": "guidance@example.gov.uk"}

    with_mail = read_settings({**environ, "KB_SMTP_HOST": "mail.example.gov.uk"}).mail

    assert read_settings(environ).mail is None
    assert with_mail == MailSettings("mail.example.gov.uk", 587, "starttls", "guidance@example.gov.uk")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"KB_MAIL_FROM": ""}, "KB_MAIL_FROM"),
        ({"KB_MAIL_FROM": "guidance"}, "KB_MAIL_FROM"),
        ({"KB_SMTP_PORT": "smtp"}, "KB_SMTP_PORT"),
        ({"KB_SMTP_SECURITY": "ssl"}, "KB_SMTP_SECURITY"),
        ({"KB_SMTP_SECURITY": "none", "KB_SMTP_USERNAME": "x", "KB_SMTP_PASSWORD": "y"}, "KB_SMTP_SECURITY"),
    ],
)
def test_mail_that_could_not_or_should_not_go_out_is_refused(
    tmp_path: Path, changed: dict[str, str], named: str
) -> None:
    environ = {"KB_INSTANCE_DIR": str(tmp_path), "KB_SMTP_HOST": "mail", "KB_MAIL_FROM": "a@example.gov.uk", **changed}

    with pytest.raises(SettingsError, match=named):
        read_settings(environ)
