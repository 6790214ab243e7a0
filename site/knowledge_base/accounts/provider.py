"""The sign-in provider as this site talks to it: OpenID Connect, with what it says of itself kept for a while."""

import logging
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.jwk import Key

from knowledge_base.accounts.provider_errors import AnswerRefusedError, KeyUnknownError, ProviderUnavailableError
from knowledge_base.accounts.provider_http import TIMEOUT, bound, get
from knowledge_base.accounts.provider_keys import read_keys, read_signed
from knowledge_base.accounts.provider_metadata import BASIC, Metadata, read_metadata
from knowledge_base.settings import SingleSignOnSettings

logger = logging.getLogger(__name__)

KEPT_FOR = 3600.0
# Whoever is sent to a provider that is down sees the browser's own error, so it is asked just before.
JUST_NOW = 2.0
# A token that anybody may send must not make this site ask the provider for keys without end.
REFRESHES, REFRESHES_WITHIN = 5, 60.0
# What reading an answer raises that is no JSON, is nested without end, or has something of an odd kind in it.
NOT_JSON = (ValueError, TypeError, OverflowError, RecursionError)
CALLBACK, AFTER_SIGN_OUT = "/login/provider/callback", "/login/signed-out"


@dataclass(frozen=True)
class Question:
    """What a browser takes to the provider. `once_more` has the person show again who they are."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    once_more: bool = False


@dataclass(frozen=True)
class Redeemed:
    """What the provider gave for a code."""

    id_token: str = field(repr=False)
    session: OAuth2Session = field(repr=False)


class Provider:
    """The provider that the settings name. One for each process; safe to share between threads."""

    def __init__(
        self, settings: SingleSignOnSettings, *, base_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self._base_url = base_url
        self._clock = clock
        self._lock = Lock()
        self._metadata: tuple[Metadata, float] | None = None
        self._keys: tuple[tuple[Key, ...], float] | None = None
        self._failed_at: float | None = None
        self._refreshed_at: list[float] = []

    def metadata(self, *, at_most_old: float = KEPT_FOR) -> Metadata:
        """Return what the provider says of itself. Raises ProviderUnavailableError."""
        # While one asks, others do with what is known: a slow provider must not hold up everybody, readers included.
        fallback = self._known_metadata(KEPT_FOR)
        if not self._lock.acquire(blocking=fallback is None) and fallback:
            return fallback
        try:
            return self._known_metadata(at_most_old) or self._ask_for_metadata()
        finally:
            self._lock.release()

    def authorization_url(self, question: Question) -> str:
        """Return where to send the browser. Raises ProviderUnavailableError also when it is down just now."""
        metadata = self.metadata(at_most_old=JUST_NOW)
        extra = {"prompt": "login", "max_age": "0"} if question.once_more else {}
        url, _state = self._client(metadata).create_authorization_url(
            metadata.authorization_endpoint,
            state=question.state,
            code_verifier=question.verifier,
            nonce=question.nonce,
            **extra,
        )
        return str(url)

    def redeem(self, code: str, *, verifier: str) -> Redeemed:
        """Return what the provider gives for the code. Raises ProviderUnavailableError or AnswerRefusedError."""
        metadata = self.metadata()
        client = self._client(metadata)
        try:
            token = client.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                redirect_uri=client.redirect_uri,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            logger.warning("The sign-in provider did not redeem a code: %s", type(error).__name__)
            message = "the provider did not answer"
            raise ProviderUnavailableError(message) from error
        except (AuthlibBaseError, *NOT_JSON) as error:
            # `invalid_client` and the like are for whoever set this up; what came with it may hold a token.
            logger.warning("The sign-in provider refused a code: %.60r", getattr(error, "error", type(error).__name__))
            message = "the provider did not accept the code"
            raise AnswerRefusedError(message) from error
        if not isinstance(token.get("id_token"), str):
            message = "the provider sent no ID token"
            raise AnswerRefusedError(message)
        return Redeemed(token["id_token"], client)

    def user_info(self, redeemed: Redeemed) -> dict[str, Any]:
        """Return what the provider tells of the person besides the token. Raises ProviderUnavailableError."""
        url = self.metadata().userinfo_endpoint
        return _read(lambda: redeemed.session.get(url, allow_redirects=False), url) if url else {}

    def read_token(self, token: str, *, is_asked_for: bool) -> dict[str, Any]:
        """Return the claims of a token that the provider signed, whose other claims are still to be checked.

        Keys are fetched anew when none fits: the provider may have changed them. For a token that was not asked for,
        which anybody may have sent, only now and then. Raises AnswerRefusedError or ProviderUnavailableError.
        """
        algorithms = self.metadata().algorithms
        keys, fetched_now = self._known_keys()
        try:
            return read_signed(token, keys, algorithms=algorithms)
        except KeyUnknownError:
            if fetched_now or not (is_asked_for or self._may_refresh()):
                raise
        return read_signed(token, self._fetch_keys(), algorithms=algorithms)

    def end_session_url(self, *, id_token: str) -> str:
        """Return where to send the browser to sign out there too, or nothing. Raises ProviderUnavailableError."""
        endpoint = self.metadata().end_session_endpoint
        if not endpoint:
            return ""
        query = {"client_id": self.settings.client_id, "post_logout_redirect_uri": self._base_url + AFTER_SIGN_OUT}
        hint = {"id_token_hint": id_token} if id_token else {}
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode({**query, **hint})}"

    def _client(self, metadata: Metadata) -> OAuth2Session:
        client = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            token_endpoint_auth_method=metadata.secret_goes,
            scope=self.settings.scopes,
            redirect_uri=self._base_url + CALLBACK,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
            leeway=0,
        )
        client.register_client_auth_method((BASIC, _encode_basic))
        bound(client)
        return client

    def _known_metadata(self, at_most_old: float) -> Metadata | None:
        known = self._metadata
        return known[0] if known and self._clock() - known[1] <= at_most_old else None

    def _ask_for_metadata(self) -> Metadata:
        """Ask the provider what it says of itself. Called with the lock held."""
        document = self._fetch(f"{self.settings.issuer}/.well-known/openid-configuration")
        try:
            metadata = read_metadata(document, issuer=self.settings.issuer)
        except ProviderUnavailableError as error:
            logger.error("Single sign-on does not work: %s", error.reason)  # noqa: TRY400 - the reason says it all
            self._failed_at = self._clock()
            raise
        self._metadata = (metadata, self._clock())
        return metadata

    def _known_keys(self) -> tuple[tuple[Key, ...], bool]:
        known = self._keys
        if known and self._clock() - known[1] <= KEPT_FOR:
            return known[0], False
        return self._fetch_keys(), True

    def _fetch_keys(self) -> tuple[Key, ...]:
        url = self.metadata().jwks_uri
        with self._lock:
            keys = read_keys(self._fetch(url))
            self._keys = (keys, self._clock())
            return keys

    def _fetch(self, url: str) -> dict[str, Any]:
        """Return what stands at the address. Called with the lock held, so that people ask one at a time.

        After a failure nobody asks for a moment: else they would wait one after the other for a provider that is down.
        """
        if self._failed_at is not None and self._clock() - self._failed_at <= JUST_NOW:
            message = "the provider did not answer a moment ago"
            raise ProviderUnavailableError(message)
        try:
            document = _read(lambda: get(url), url)
        except ProviderUnavailableError:
            self._failed_at = self._clock()
            raise
        self._failed_at = None
        return document

    def _may_refresh(self) -> bool:
        with self._lock:
            now = self._clock()
            self._refreshed_at = [at for at in self._refreshed_at if now - at < REFRESHES_WITHIN]
            if len(self._refreshed_at) >= REFRESHES:
                return False
            self._refreshed_at.append(now)
            return True


def _read(ask: Callable[[], requests.Response], url: str) -> dict[str, Any]:
    try:
        answer = ask()
        document = answer.json() if answer.status_code == requests.codes.ok else None
    except (requests.RequestException, AuthlibBaseError, *NOT_JSON) as error:
        logger.warning("The sign-in provider does not answer at %s: %s", url, type(error).__name__)
        message = "the provider did not answer"
        raise ProviderUnavailableError(message) from error
    if not isinstance(document, dict):
        logger.warning("The sign-in provider answers with status %s at %s", answer.status_code, url)
        message = "the provider gave an answer that cannot be used"
        raise ProviderUnavailableError(message)
    return document


def _encode_basic(
    client: OAuth2Session,
    _method: str,
    uri: str,
    headers: Mapping[str, str],
    body: str,
) -> tuple[str, dict[str, str], str]:
    """Put the client's name and secret into the header as RFC 6749 section 2.3.1 says, which authlib leaves out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    return uri, {**headers, "Authorization": f"Basic {b64encode(pair.encode()).decode()}"}, body
