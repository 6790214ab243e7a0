"""What is refused: answers that are forged, changed, replayed or for somebody else. They sign nobody in."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from knowledge_base.accounts.people import list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.settings import Settings
from tests.accounts.conftest import ComeIn, Record, SettingsWith, go_to_provider
from tests.sign_in_provider import CLIENT_ID, CLIENT_SECRET, EC_KEY, RSA_KEY, Claims, SignInProvider

ANOTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})
MINUTES = 60


@pytest.fixture
def settings(settings_with: SettingsWith) -> Settings:
    return settings_with()


def changed(**changes: object) -> Callable[[Claims], None]:
    """Return what changes the claims so. A claim that is changed to None is left out."""

    def change(claims: Claims) -> None:
        claims.update(changes)
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    return change


def shifted(name: str, minutes: float) -> Callable[[Claims], None]:
    return lambda claims: claims.update({name: int(time.time() + minutes * MINUTES)})


FORGERIES: dict[str, tuple[Callable[[Claims], None], str]] = {
    "another issuer": (changed(iss="https://evil.example"), "it is by another issuer"),
    "an issuer that begins alike": (lambda claims: claims.update(iss=claims["iss"] + "/"), "it is by another issuer"),
    "no issuer": (changed(iss=None), "it is by another issuer"),
    "another audience": (changed(aud="another-site"), "it is for another site"),
    "an audience that contains ours": (changed(aud=f"{CLIENT_ID}-2"), "it is for another site"),
    "no audience": (changed(aud=None), "it is for another site"),
    "several audiences and nobody it was given to": (changed(aud=[CLIENT_ID, "x"]), "it was given to another site"),
    "given to another site": (changed(aud=[CLIENT_ID, "x"], azp="x"), "it was given to another site"),
    "for us, given to another site": (changed(azp="x"), "it was given to another site"),
    "expired": (shifted("exp", -2), "it has expired"),
    "no end": (changed(exp=None), "it does not say when it was made and how long it is good"),
    "an end in words": (changed(exp="tomorrow"), "it does not say when it was made and how long it is good"),
    "an end beyond time": (changed(exp=1e300), "it does not say when it was made and how long it is good"),
    "made in the future": (shifted("iat", 2), "it is not good yet"),
    "good from later on": (shifted("nbf", 2), "it is not good yet"),
    "made before it was asked for": (shifted("iat", -2), "it was made before it was asked for"),
    "no time of making": (changed(iat=None), "it does not say when it was made and how long it is good"),
    "another nonce": (changed(nonce="another"), "it answers another request"),
    "no nonce": (changed(nonce=None), "it answers another request"),
    "a nonce that is no text": (changed(nonce=[1]), "it answers another request"),
    "nobody": (changed(sub=None), "it names nobody"),
    "an empty name": (changed(sub=""), "it names somebody, or a session, in a way that cannot be kept"),
    "a name that is no text": (changed(sub=7), "it names somebody, or a session, in a way that cannot be kept"),
    "a name too long": (changed(sub="a" * 256), "it names somebody, or a session, in a way that cannot be kept"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_token_with_claims_that_do_not_fit_lets_nobody_in(
    name: str, provider: SignInProvider, come_in: ComeIn, browser: FlaskClient, accounts: Register, record: Record
) -> None:
    provider.forge, reason = FORGERIES[name]

    answer = come_in()

    assert answer.status_code == 400
    assert "Signing in did not work" in answer.text
    assert reason not in answer.text
    assert browser.get("/account").status_code == 303
    assert list_accounts(accounts) == []
    assert record() == [f"Someone not signed in tried to sign in through single sign-on and was refused: {reason}."]


def unsigned(_token: str, claims: Claims) -> str:
    return jwt.encode({"alg": "none"}, claims, OctKey.import_key("x"), algorithms=["none"])


def signed_with_secret(_token: str, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), algorithms=["HS256"])


def signed_with_public_key(_token: str, claims: Claims) -> str:
    secret = OctKey.import_key(RSA_KEY.as_pem(private=False).replace(b"-----BEGIN PUBLIC KEY-----", b"x"))
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret, algorithms=["HS256"])


def changed_after_signing(token: str, claims: Claims) -> str:
    head, _body, signature = token.split(".")
    body = jwt.encode({"alg": "RS256"}, {**claims, "groups": ["g-staff"]}, ANOTHER_KEY).split(".")[1]
    return f"{head}.{body}.{signature}"


NOT_ALLOWED = "it is signed in a way that is not allowed"
UNKNOWN_KEY = "the signature is not by a key of the provider"
SIGNATURES: dict[str, tuple[Callable[[str, Claims], str], str]] = {
    "not signed": (unsigned, NOT_ALLOWED),
    "signed with the secret": (signed_with_secret, NOT_ALLOWED),
    "signed with the public key as a secret": (signed_with_public_key, NOT_ALLOWED),
    "signed with another key of the same name": (
        lambda _token, claims: SignInProvider().sign(claims, key=ANOTHER_KEY),
        UNKNOWN_KEY,
    ),
    "changed after signing": (changed_after_signing, UNKNOWN_KEY),
    "without its signature": (lambda token, _claims: token.rpartition(".")[0] + ".", UNKNOWN_KEY),
    "no token": (lambda _token, _claims: "eyJ.no.token", "it is not a signed token"),
    "nothing": (lambda _token, _claims: "", "it is not a signed token"),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", SIGNATURES)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    name: str, provider: SignInProvider, come_in: ComeIn, accounts: Register, record: Record
) -> None:
    provider.forge_token, reason = SIGNATURES[name]

    answer = come_in()

    assert answer.status_code == 400
    assert list_accounts(accounts) == []
    assert record()[-1].endswith(f"was refused: {reason}.")


@pytest.mark.parametrize("change", [shifted("iat", 0.9), shifted("exp", -0.9)], ids=["fast", "slow"])
def test_a_clock_that_is_a_little_off_is_forgiven(
    change: Callable[[Claims], None], provider: SignInProvider, come_in: ComeIn
) -> None:
    provider.forge = change

    assert come_in().status_code == 302


def test_a_token_for_several_sites_that_was_given_to_this_one_is_good(
    provider: SignInProvider, come_in: ComeIn
) -> None:
    provider.forge = changed(aud=["another-site", CLIENT_ID], azp=CLIENT_ID)

    assert come_in().status_code == 302


def test_an_answer_counts_once(browser: FlaskClient, app: Flask, come_in: ComeIn) -> None:
    back = go_to_provider(browser)
    kept = browser.get_cookie("session")
    assert kept
    first = browser.get(back)
    # The cookie from before, with the same state in it.
    replayed = app.test_client()
    replayed.set_cookie("session", kept.value)

    second = replayed.get(back)

    assert (first.status_code, second.status_code) == (302, 400)
    assert "Signing in was not finished" in second.text
    assert replayed.get("/account").status_code == 303


def test_an_answer_counts_only_in_the_browser_that_asked(browser: FlaskClient, app: Flask, record: Record) -> None:
    back = go_to_provider(browser)
    another = app.test_client()
    another.get("/login/provider")

    refused = another.get(back)

    assert refused.status_code == 400
    assert another.get("/account").status_code == 303
    assert record()[-1].endswith("the answer belongs to no sign-in that was begun in this browser.")
    assert browser.get(back).status_code == 302


@pytest.mark.parametrize("query", ["", "?state=", "?code=x", "?state=x&code=y"])
def test_an_answer_to_nothing_is_refused(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/login/provider/callback{query}").status_code == 400


def test_an_answer_without_a_code_is_refused(provider: SignInProvider, come_in: ComeIn) -> None:
    provider.answer = {"code": ""}

    assert come_in().status_code == 400


def test_a_code_of_another_sign_in_is_refused(browser: FlaskClient, app: Flask, record: Record) -> None:
    stolen = urlsplit(go_to_provider(app.test_client())).query.partition("&")[0]
    back = go_to_provider(browser)

    answer = browser.get(f"{back.partition('?')[0]}?{stolen}&{back.partition('&')[2]}")

    # What the code was asked for with, the other browser holds.
    assert stolen.startswith("code=")
    assert answer.status_code == 400
    assert record()[-1].endswith("the provider did not accept the code.")


@pytest.mark.parametrize("issuer", ["https://evil.example", ""])
def test_an_answer_by_another_provider_is_refused_before_its_code_is_used(
    issuer: str, provider: SignInProvider, come_in: ComeIn
) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    provider.answer = {"iss": issuer}

    answer = come_in()

    assert answer.status_code == 400
    assert provider.times_asked("/token") == 0


def test_two_tabs_can_sign_in_at_once(browser: FlaskClient) -> None:
    first, second = go_to_provider(browser), go_to_provider(browser)

    assert browser.get(first).status_code == 302
    assert browser.get(second).status_code == 400
    assert browser.get("/account").status_code == 200


def test_the_request_asks_for_what_the_standard_wants(provider: SignInProvider, come_in: ComeIn) -> None:
    come_in()

    asked = next(values for path, values in provider.asked if path == "/authorize")
    assert asked["scope"] == "openid profile email"
    assert asked["redirect_uri"] == "http://localhost/login/provider/callback"
    assert len(asked["code_challenge"]) == 43
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert "max_age" not in asked


def test_a_key_that_is_new_is_fetched_and_known_ones_are_not_fetched_again(
    provider: SignInProvider, come_in: ComeIn, app: Flask
) -> None:
    come_in()
    come_in(using=app.test_client())
    before = provider.times_asked("/jwks")
    provider.key = EC_KEY

    answer = come_in(using=app.test_client())

    assert answer.status_code == 302
    assert (before, provider.times_asked("/jwks")) == (1, 2)


def test_a_key_that_was_withdrawn_is_good_no_more_once_keys_are_fetched(
    provider: SignInProvider, come_in: ComeIn, app: Flask
) -> None:
    come_in()
    provider.key = EC_KEY
    come_in(using=app.test_client())
    provider.forge_token = lambda _token, claims: provider.sign(claims, key=RSA_KEY)

    assert come_in(using=app.test_client()).status_code == 400
