"""The provider as the site talks to it: down, slow, refusing, wrongly set up; and what is kept of what it says."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from threading import Event

import pytest
from flask.testing import FlaskClient

from knowledge_base.accounts import provider_http
from knowledge_base.accounts.people import list_accounts
from knowledge_base.accounts.provider import Provider
from knowledge_base.accounts.provider_errors import KeyUnknownError, ProviderUnavailableError
from knowledge_base.accounts.provider_keys import read_keys, read_signed
from knowledge_base.accounts.provider_metadata import read_metadata
from knowledge_base.accounts.register import Register
from knowledge_base.settings import Settings
from tests.accounts.conftest import ComeIn, Record, SettingsWith, go_to_provider
from tests.sign_in_provider import EC_KEY, RSA_KEY, Claims, SignInProvider

DISCOVERY = "/.well-known/openid-configuration"
ENTRA = "https://login.microsoftonline.com"
TENANT = "9122040d-6c67-4c5b-b112-36a304b66dad"
METADATA = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "jwks_uri": "https://id.example/jwks",
}


class Clock:
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def settings(settings_with: SettingsWith) -> Settings:
    return settings_with()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def talking(settings: Settings, clock: Clock) -> Provider:
    """The provider as the site talks to it."""
    assert settings.single_sign_on
    return Provider(settings.single_sign_on, base_url=settings.base_url, clock=clock)


@pytest.fixture
def mute() -> Iterator[str]:
    """An address where somebody listens and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_what_the_provider_says_of_itself_is_kept_for_an_hour(
    provider: SignInProvider, talking: Provider, clock: Clock
) -> None:
    talking.metadata()
    clock.seconds = 3599
    talking.metadata()
    before = provider.times_asked(DISCOVERY)
    clock.seconds = 3601

    talking.metadata()

    assert (before, provider.times_asked(DISCOVERY)) == (1, 2)


def test_while_one_waits_for_a_slow_provider_others_do_with_what_is_known(
    provider: SignInProvider, talking: Provider
) -> None:
    talking.metadata()
    is_asked, may_answer = Event(), Event()

    def answer_late() -> bytes:
        is_asked.set()
        may_answer.wait(10)
        return b"{}"

    provider.instead[DISCOVERY] = answer_late
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(talking.metadata, at_most_old=-1)
        is_asked.wait(10)
        at_once = talking.metadata(at_most_old=-1)
        may_answer.set()

    assert at_once.issuer == provider.url
    assert isinstance(slow.exception(), ProviderUnavailableError)


def test_a_provider_that_went_down_is_noticed_before_anybody_is_sent_there(
    provider: SignInProvider, browser: FlaskClient, app_clock: Clock, record: Record
) -> None:
    browser.get("/login/provider")
    provider.failing.add(DISCOVERY)
    app_clock.seconds = 10

    answer = browser.get("/login/provider?next=/referral")

    assert answer.status_code == 503
    assert "You cannot sign in with Council ID just now" in answer.text
    assert "999" in answer.text
    assert record()[-1].endswith("was refused: the provider gave an answer that cannot be used.")


@pytest.fixture
def app_clock(browser: FlaskClient, clock: Clock) -> Clock:
    """The clock of the application’s own provider."""
    desk = browser.application.extensions["single_sign_on"]
    desk.provider._clock = clock
    return clock


def test_a_provider_that_is_down_is_left_alone_for_a_moment_and_then_asked_again(
    provider: SignInProvider, talking: Provider, clock: Clock
) -> None:
    provider.failing.add(DISCOVERY)
    for _ in range(3):
        with pytest.raises(ProviderUnavailableError):
            talking.metadata()
    while_down = provider.times_asked(DISCOVERY)
    provider.failing.clear()
    clock.seconds = 3

    metadata = talking.metadata()

    assert while_down == 1
    assert metadata.issuer == provider.url


def test_a_provider_that_does_not_answer_is_not_waited_for(
    mute: str, settings_with: SettingsWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_http, "TIMEOUT", (0.2, 0.2))
    found = settings_with(KB_OIDC_ISSUER=mute).single_sign_on
    assert found

    with pytest.raises(ProviderUnavailableError, match="did not answer"):
        Provider(found, base_url="http://localhost").metadata()


@pytest.mark.parametrize(
    "said",
    [b"[" * 100_000, b"7", b"[]", b"\x00", b"null", b'{"issuer": {}}', b'{"a": ' * 50_000],
    ids=lambda b: str(b[:9]),
)
def test_a_provider_that_says_nothing_sensible_of_itself_is_out_of_order(
    said: bytes, provider: SignInProvider, browser: FlaskClient
) -> None:
    provider.instead[DISCOVERY] = lambda: said

    assert browser.get("/login/provider").status_code == 503


@pytest.mark.parametrize(
    "said",
    [b"[" * 100_000, b"7", b"[]", b"<html>", b'{"expires_in": [1], "id_token": "x"}', b'{"expires_in": 1e400}', b"{}"],
    ids=lambda b: str(b[:9]),
)
def test_a_provider_that_gives_nothing_sensible_for_a_code_lets_nobody_in(
    said: bytes, provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.instead["/token"] = lambda: said

    answer = come_in()

    assert answer.status_code == 400
    assert list_accounts(accounts) == []


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_an_answer_without_end_is_not_read_to_its_end(path: str, provider: SignInProvider, come_in: ComeIn) -> None:
    provider.instead[path] = lambda: repeat(b" " * 10_000)

    assert come_in().status_code == 503


def test_an_answer_that_trickles_is_not_waited_for(
    provider: SignInProvider, talking: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_http, "LONGEST_ANSWER", 0.0)
    # Longer than what is read at once.
    provider.metadata = {"padding": "x" * 100_000}

    with pytest.raises(ProviderUnavailableError, match="did not answer"):
        talking.metadata()


def test_a_provider_that_cannot_be_used_is_left_alone_for_a_moment_too(
    provider: SignInProvider, talking: Provider
) -> None:
    provider.metadata = {"issuer": "https://evil.example"}
    for _ in range(3):
        with pytest.raises(ProviderUnavailableError):
            talking.metadata()

    assert provider.times_asked(DISCOVERY) == 1


def test_nobody_there_at_all_is_a_provider_that_is_down(settings_with: SettingsWith) -> None:
    found = settings_with(KB_OIDC_ISSUER="http://127.0.0.1:9").single_sign_on
    assert found

    with pytest.raises(ProviderUnavailableError):
        Provider(found, base_url="http://localhost").metadata()


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_a_provider_that_fails_on_the_way_gives_the_same_page_and_nobody_an_account(
    path: str, provider: SignInProvider, come_in: ComeIn, accounts: Register
) -> None:
    provider.failing.add(path)

    answer = come_in()

    assert answer.status_code == 503
    assert list_accounts(accounts) == []


@pytest.mark.parametrize("error", ["access_denied", "login_required", "invalid_scope"])
def test_a_refusal_by_the_provider_is_told_of(
    error: str, provider: SignInProvider, come_in: ComeIn, record: Record
) -> None:
    provider.answer = {"code": "", "error": error, "error_description": "<b>secret words</b>"}

    answer = come_in()

    assert answer.status_code == 403
    assert "Council ID did not let you in" in answer.text
    assert "secret words" not in answer.text
    assert record()[-1].endswith("was refused: the provider, or the person there, said no.")


def test_a_refusal_without_state_is_told_of_too(browser: FlaskClient) -> None:
    assert browser.get("/login/provider/callback?error=access_denied").status_code == 403


def test_a_refusal_ends_the_sign_in(provider: SignInProvider, browser: FlaskClient) -> None:
    provider.answer = {"error": "access_denied"}
    back = go_to_provider(browser)
    browser.get(back)

    assert browser.get(back.replace("error=access_denied", "")).status_code == 400


def test_a_provider_that_says_that_it_is_out_of_order_is_believed(provider: SignInProvider, come_in: ComeIn) -> None:
    provider.answer = {"code": "", "error": "temporarily_unavailable"}

    assert come_in().status_code == 503


def test_refusals_are_recorded_only_so_often_from_one_address(browser: FlaskClient, record: Record) -> None:
    for _ in range(105):
        browser.get("/login/provider/callback?state=x&code=y")

    assert len(record()) == 100


def test_a_wrong_secret_is_said_in_the_log_and_not_on_the_page(
    settings_with: SettingsWith, caplog: pytest.LogCaptureFixture, provider: SignInProvider
) -> None:
    found = settings_with(KB_OIDC_CLIENT_SECRET="wrong").single_sign_on
    assert found

    with pytest.raises(Exception, match="did not accept the code"):
        Provider(found, base_url="http://localhost").redeem("code", verifier="v")

    assert "invalid_client" in caplog.text
    assert "wrong" not in caplog.text


def test_the_secret_goes_into_the_body_where_the_provider_takes_it_only_there() -> None:
    metadata = read_metadata(
        METADATA | {"token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"]},
        issuer="https://id.example",
    )

    assert metadata.secret_goes == "client_secret_post"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"issuer": "https://evil.example"}, "another name"),
        ({"issuer": None}, "another name"),
        ({"token_endpoint": "http://id.example/token"}, "token_endpoint"),
        ({"jwks_uri": None}, "jwks_uri"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"end_session_endpoint": "http://id.example/out"}, "end_session_endpoint"),
        ({"id_token_signing_alg_values_supported": ["none", "HS256"]}, "signs in no way"),
        # Doors of this machine, which a provider elsewhere would have the site knock at.
        ({"token_endpoint": "http://127.0.0.1:6379/"}, "token_endpoint"),
        ({"jwks_uri": "http://localhost/jwks"}, "jwks_uri"),
        ({"issuer": f"{ENTRA}/{{tenantid}}/v2.0"}, "another name"),
    ],
)
def test_a_provider_that_cannot_be_trusted_is_not_used(change: Claims, reason: str) -> None:
    with pytest.raises(ProviderUnavailableError, match=reason):
        read_metadata(METADATA | change, issuer="https://id.example")


@pytest.mark.parametrize("odd", [7, "RS256", {"RS256": 1}, None])
def test_a_list_that_is_none_counts_as_left_out(odd: object) -> None:
    names = ("id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported")

    metadata = read_metadata(METADATA | dict.fromkeys(names, odd), issuer="https://id.example")

    assert (metadata.algorithms, metadata.secret_goes) == (("RS256",), "client_secret_basic")


def test_only_ways_of_signing_with_a_key_pair_are_accepted() -> None:
    offered = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256"]}

    assert read_metadata(METADATA | offered, issuer="https://id.example").algorithms == ("RS256", "ES256")


def test_the_gap_for_the_tenant_that_entra_id_leaves_is_filled_with_the_councils() -> None:
    document = METADATA | {"issuer": f"{ENTRA}/{{tenantid}}/v2.0"}

    metadata = read_metadata(document, issuer=f"{ENTRA}/{TENANT}/v2.0")

    assert (metadata.issuer, metadata.tenant) == (f"{ENTRA}/{TENANT}/v2.0", TENANT)


@pytest.mark.parametrize("alias", ["common", "organizations", "consumers"])
def test_a_name_for_any_tenant_fills_no_gap(alias: str) -> None:
    document = METADATA | {"issuer": f"{ENTRA}/{{tenantid}}/v2.0"}

    with pytest.raises(ProviderUnavailableError):
        read_metadata(document, issuer=f"{ENTRA}/{alias}/v2.0")


def test_a_slash_at_the_end_of_the_issuer_makes_no_difference_to_finding_it() -> None:
    metadata = read_metadata(METADATA | {"issuer": "https://id.example/"}, issuer="https://id.example")

    assert metadata.issuer == "https://id.example/"


def test_tokens_that_nobody_asked_for_make_the_site_fetch_keys_only_now_and_then(
    provider: SignInProvider, talking: Provider, clock: Clock
) -> None:
    talking.read_token(provider.id_token(), is_asked_for=True)
    foreign = SignInProvider(key=EC_KEY).id_token()
    for _ in range(20):
        with pytest.raises(KeyUnknownError):
            talking.read_token(foreign, is_asked_for=False)
    fetched = provider.times_asked("/jwks")
    clock.seconds = 61

    with pytest.raises(KeyUnknownError):
        talking.read_token(foreign, is_asked_for=False)

    assert (fetched, provider.times_asked("/jwks")) == (6, 7)


def test_keys_that_are_for_something_else_or_shared_verify_nothing(provider: SignInProvider, talking: Provider) -> None:
    public = RSA_KEY.as_dict(private=False)
    odd = [{**public, "use": "enc"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "first"}, {"kty": "new"}, {"kty": "RSA"}, 7]
    keys = {"keys": odd}

    with pytest.raises(KeyUnknownError):
        read_signed(provider.id_token(), read_keys(keys), algorithms=("RS256",))
