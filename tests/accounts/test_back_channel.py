"""Logout tokens: which sessions they end, and which tokens are refused."""

import time
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from knowledge_base.settings import Settings
from tests.accounts.conftest import ComeIn, MakePerson, Post, Record, SettingsWith
from tests.sign_in_provider import EC_KEY, LOGOUT_EVENT, SignInProvider

ADDRESS = "/login/provider/back-channel"


@pytest.fixture
def settings(settings_with: SettingsWith) -> Settings:
    return settings_with()


@pytest.fixture
def server(app: Flask) -> FlaskClient:
    """The provider's own way to the site: without cookies."""
    return app.test_client()


@pytest.fixture
def desk_browser(provider: SignInProvider, come_in: ComeIn, browser: FlaskClient) -> FlaskClient:
    """Ada on her desk, in the provider's session `desk`."""
    provider.person["sid"] = "desk"
    come_in()
    return browser


@pytest.fixture
def phone(desk_browser: FlaskClient, provider: SignInProvider, come_in: ComeIn, app: Flask) -> FlaskClient:
    """Ada on her phone, in the provider's session `phone`."""
    phone = app.test_client()
    provider.person["sid"] = "phone"
    come_in(using=phone)
    return phone


def send(server: FlaskClient, token: str) -> TestResponse:
    return server.post(ADDRESS, data={"logout_token": token})


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_a_session_is_ended_by_its_name(
    desk_browser: FlaskClient, phone: FlaskClient, server: FlaskClient, provider: SignInProvider, record: Record
) -> None:
    answer = send(server, provider.logout_token(sid="desk"))

    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert (is_signed_in(desk_browser), is_signed_in(phone)) == (False, True)
    assert record()[-1] == (
        "The sign-in provider ended the session of Ada Byron on An unknown browser on an unknown system: "
        "signed out at the sign-in provider."
    )


def test_every_session_of_a_person_is_ended_by_their_name(
    desk_browser: FlaskClient, phone: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    answer = send(server, provider.logout_token(sub="ada-1"))

    assert answer.status_code == 200
    assert (is_signed_in(desk_browser), is_signed_in(phone)) == (False, False)


def test_a_session_is_ended_only_if_it_is_of_the_person_named_with_it(
    desk_browser: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    answer = send(server, provider.logout_token(sid="desk", sub="grace-1"))

    assert answer.status_code == 200
    assert is_signed_in(desk_browser)


def test_a_session_that_began_without_a_name_is_ended_by_its_person(
    come_in: ComeIn, browser: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    come_in()

    send(server, provider.logout_token(sid="later", sub="ada-1"))

    assert not is_signed_in(browser)


def test_a_session_goes_by_the_name_that_the_provider_gave_it_last(
    desk_browser: FlaskClient, server: FlaskClient, provider: SignInProvider, come_in: ComeIn
) -> None:
    provider.person["sid"] = "after confirming"
    come_in("/login/provider/confirm")

    send(server, provider.logout_token(sid="after confirming"))

    assert not is_signed_in(desk_browser)


def test_local_people_are_not_signed_out_by_the_provider(
    make_person: MakePerson, sign_in: Post, browser: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    make_person("ada-1@example.gov.uk")
    sign_in(browser, "ada-1@example.gov.uk")

    # The e-mail address of a local account, as a subject; and the name that their session does not have.
    send(server, provider.logout_token(sub="ada-1@example.gov.uk"))
    send(server, provider.logout_token(sub="", sid="x"))

    assert is_signed_in(browser)


def test_a_token_counts_once(
    desk_browser: FlaskClient, server: FlaskClient, provider: SignInProvider, come_in: ComeIn
) -> None:
    token = provider.logout_token(sub="ada-1")
    first = send(server, token)
    come_in()

    again = send(server, token)

    assert (first.status_code, again.status_code) == (200, 400)
    assert again.json == {"error": "invalid_request", "error_description": "it was used before"}
    assert again.headers["Cache-Control"] == "no-store"
    assert is_signed_in(desk_browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-site"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": None},
        {"exp": int(time.time()) - 120},
        {"iat": int(time.time()) + 1200},
        {"iat": int(time.time()) - 1200},
        {"iat": None},
        {"jti": None},
        {"jti": 7},
        {"nonce": "n"},
        {"nonce": ""},
        {"events": None},
        {"events": [LOGOUT_EVENT]},
        {"events": {LOGOUT_EVENT: True}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"sub": None, "sid": None},
        {"sub": ""},
        {"sub": ["ada-1"]},
    ],
    ids=str,
)
def test_a_token_that_does_not_check_out_ends_nothing(
    changes: dict[str, Any], desk_browser: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    answer = send(server, provider.logout_token(**{"sub": "ada-1", **changes}))

    assert answer.status_code == 400
    assert answer.json
    assert answer.json["error"] == "invalid_request"
    assert is_signed_in(desk_browser)


def test_a_token_that_the_provider_did_not_sign_ends_nothing(
    desk_browser: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    forger = SignInProvider(url=provider.url, key=RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"}))

    assert send(server, forger.logout_token(sub="ada-1")).status_code == 400
    assert send(server, provider.id_token(sub="ada-1", nonce="n")).status_code == 400
    assert send(server, "x").status_code == 400
    assert server.post(ADDRESS).status_code == 400
    assert server.get(f"{ADDRESS}?logout_token={provider.logout_token(sub='ada-1')}").status_code == 404
    assert is_signed_in(desk_browser)


@pytest.mark.parametrize(
    "header",
    [
        "[" * 5_000,
        '{"a":' * 2_000,
        '{"alg":"RS256","crit":7}',
        '{"alg":["RS256"]}',
        '{"alg":"RS256","kid":{}}',
        "[]",
        "7",
    ],
    ids=lambda header: str(header)[:20],
)
def test_a_token_of_an_odd_shape_is_refused_like_any_other(header: str, server: FlaskClient) -> None:
    parts = [urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, "{}", "x")]

    assert send(server, ".".join(parts)).status_code == 400


def test_a_logout_token_signs_nobody_in(provider: SignInProvider, come_in: ComeIn, browser: FlaskClient) -> None:
    provider.forge_token = lambda _token, _claims: provider.logout_token(sub="ada-1")

    assert come_in().status_code == 400
    assert not is_signed_in(browser)


def test_a_token_with_a_new_key_is_honoured(
    desk_browser: FlaskClient, server: FlaskClient, provider: SignInProvider
) -> None:
    provider.key = EC_KEY

    assert send(server, provider.logout_token(sub="ada-1")).status_code == 200
    assert not is_signed_in(desk_browser)


def test_refused_tokens_are_not_recorded(server: FlaskClient, provider: SignInProvider, record: Record) -> None:
    send(server, provider.logout_token(aud="x", sub="ada-1"))

    assert record() == []
