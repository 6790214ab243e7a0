"""The settings of single sign-on: what is read, and what is too unsafe to start with."""

from pathlib import Path

import pytest

from knowledge_base.environment import is_safe_to_reach
from knowledge_base.settings import Settings, SettingsError, read_settings

GOOD = {
    "KB_BASE_URL": "https://guidance.example.gov.uk",
    "KB_OIDC_ISSUER": "https://id.example/",
    "KB_OIDC_CLIENT_ID": "site",
    "KB_OIDC_CLIENT_SECRET": "hidden words",
}


def read(tmp_path: Path, **changes: str) -> Settings:
    return read_settings({"KB_INSTANCE_DIR": str(tmp_path / "instance"), **GOOD, **changes})


def test_single_sign_on_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, KB_OIDC_CLAIM="roles", KB_OIDC_NAME="Council ID", KB_LOCAL_ACCOUNTS="off")

    found = settings.single_sign_on
    assert found
    assert (found.issuer, found.claim, found.scopes, found.name) == (
        "https://id.example",
        "roles",
        "openid profile email",
        "Council ID",
    )
    assert not settings.local_accounts
    assert "hidden words" not in repr(settings)


def test_without_an_issuer_there_is_none_and_local_accounts_are_on(tmp_path: Path) -> None:
    settings = read(tmp_path, KB_OIDC_ISSUER="")

    assert settings.single_sign_on is None
    assert settings.local_accounts


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"KB_OIDC_ISSUER": "http://id.example"}, "KB_OIDC_ISSUER"),
        ({"KB_OIDC_ISSUER": "id.example"}, "KB_OIDC_ISSUER"),
        ({"KB_OIDC_ISSUER": "https://login.microsoftonline.com/common/v2.0"}, "KB_OIDC_ISSUER"),
        ({"KB_OIDC_ISSUER": "https://login.microsoftonline.com/organizations/v2.0"}, "KB_OIDC_ISSUER"),
        ({"KB_OIDC_ISSUER": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "KB_OIDC_ISSUER"),
        ({"KB_OIDC_CLIENT_ID": ""}, "KB_OIDC_CLIENT_ID"),
        ({"KB_OIDC_CLIENT_SECRET": ""}, "KB_OIDC_CLIENT_SECRET"),
        ({"KB_OIDC_SCOPES": "profile email"}, "KB_OIDC_SCOPES"),
        ({"KB_BASE_URL": "http://guidance.example.gov.uk"}, "KB_BASE_URL"),
        ({"KB_LOCAL_ACCOUNTS": "no"}, "KB_LOCAL_ACCOUNTS"),
        ({"KB_LOCAL_ACCOUNTS": "off", "KB_OIDC_ISSUER": ""}, "KB_LOCAL_ACCOUNTS"),
    ],
)
def test_what_is_unsafe_or_half_set_stops_the_start(tmp_path: Path, change: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        read(tmp_path, **change)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://id.example", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost:9000", True),
        ("http://[::1]:9000", True),
        ("http://id.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://", False),
        ("ftp://localhost", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_what_nobody_can_read_on_the_way_is_safe(url: str, is_safe: bool) -> None:  # noqa: FBT001
    assert is_safe_to_reach(url) is is_safe
