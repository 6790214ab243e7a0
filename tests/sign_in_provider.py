"""An OpenID Connect provider for tests: a real HTTP server that signs real tokens, and can be told to misbehave."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CLIENT_ID, CLIENT_SECRET = "knowledge-base", "a secret of + the client's own"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
RSA_KEY = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256", "use": "sig"})
EC_KEY = ECKey.generate_key("P-256", {"kid": "second", "alg": "ES256", "use": "sig"})

Claims = dict[str, Any]


@dataclass
class SignInProvider:
    """Whoever comes is signed in as `person`. Everything it says can be changed before it says it."""

    url: str = ""
    key: Key = field(default_factory=lambda: RSA_KEY)
    person: Claims = field(default_factory=lambda: {"sub": "ada-1", "name": "Ada Byron", "email": "ada@example.gov.uk"})
    user_info: Claims = field(default_factory=dict)
    metadata: Claims = field(default_factory=dict)
    # What is done to the claims of an ID token, and to the token itself, before they are handed out.
    forge: Callable[[Claims], object] = lambda _claims: None
    forge_token: Callable[[str, Claims], str] = lambda token, _claims: token
    # What the browser brings back besides what belongs there.
    answer: dict[str, str] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    # What stands at a path in the place of what belongs there.
    instead: dict[str, Callable[[], bytes | Iterable[bytes]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request (WSGI)."""
        request = Request(environ)
        self.asked.append((request.path, request.values.to_dict()))
        if request.path in self.failing:
            return Response("out of order", 500)(environ, start_response)
        if request.path in self.instead:
            return Response(self.instead[request.path](), 200, mimetype="application/json")(environ, start_response)
        doors: dict[str, Callable[[Request], Response]] = {
            "/.well-known/openid-configuration": self._show_metadata,
            "/jwks": self._show_keys,
            "/authorize": self._authorize,
            "/token": self._give_token,
            "/userinfo": self._show_person,
            "/end-session": self._end_session,
        }
        answer = doors[request.path](request) if request.path in doors else Response(status=404)
        return answer(environ, start_response)

    def times_asked(self, path: str) -> int:
        return [asked for asked, _values in self.asked].count(path)

    def id_token(self, **changes: object) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.person, **changes}
        self.forge(claims)
        return self.forge_token(self.sign(claims), claims)

    def logout_token(self, **changes: object) -> str:
        """Return a logout token. A claim that is changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": token_urlsafe(8),
            "events": {LOGOUT_EVENT: {}},
            **changes,
        }
        return self.sign({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")

    def sign(self, claims: Claims, *, key: Key | None = None, typ: str = "JWT") -> str:
        signer = key or self.key
        algorithm = str(signer.get("alg"))
        header = {"alg": algorithm, "kid": signer.kid or "", "typ": typ}
        return jwt.encode(header, claims, signer, algorithms=[algorithm])

    def _show_metadata(self, _request: Request) -> Response:
        return answer_json(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "end_session_endpoint": f"{self.url}/end-session",
                "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256"],
                **self.metadata,
            }
        )

    def _show_keys(self, _request: Request) -> Response:
        return answer_json({"keys": [self.key.as_dict(private=False)]})

    def _show_person(self, _request: Request) -> Response:
        return answer_json({"sub": self.person["sub"], **self.user_info})

    def _end_session(self, request: Request) -> Response:
        return Response(status=302, headers={"Location": request.args["post_logout_redirect_uri"]})

    def _authorize(self, request: Request) -> Response:
        asked = request.args.to_dict()
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]} | self.answer
        given = {name: value for name, value in back.items() if value}
        return Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(given)}"})

    def _give_token(self, request: Request) -> Response:
        given = request.form.to_dict()
        kind, _, pair = request.headers.get("Authorization", "").partition(" ")
        client = [unquote_plus(part) for part in b64decode(pair).decode().split(":")] if kind == "Basic" else []
        if client != [CLIENT_ID, CLIENT_SECRET]:
            return answer_json({"error": "invalid_client"}, 401)
        asked = self.codes.pop(given["code"], {})
        challenge = urlsafe_b64encode(sha256(given["code_verifier"].encode()).digest()).decode().rstrip("=")
        if challenge != asked.get("code_challenge") or given["redirect_uri"] != asked["redirect_uri"]:
            return answer_json({"error": "invalid_grant"}, 400)
        shown = {"auth_time": int(time.time())} if asked.get("max_age") else {}
        token = self.id_token(nonce=asked["nonce"], **shown)
        return answer_json({"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token})


def answer_json(content: Claims, status: int = 200) -> Response:
    return Response(json.dumps(content), status, mimetype="application/json")


@contextmanager
def serve_provider(provider: SignInProvider) -> Iterator[SignInProvider]:
    """Serve it on a free port of this machine."""
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
