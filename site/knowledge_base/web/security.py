"""Headers that every response carries, and what may be kept of it."""

import secrets

from flask import Flask, Response, g, request

# What is not named here is allowed nothing: frames, plug-ins, workers, media, manifests. A form leads to this site
# alone, also with single sign-on: a page with a link leads on to the provider.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of a file that belongs to a page. Opened by itself it may do nothing at all, whatever a browser takes it for.
POLICY_OF_FILES = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
# All that browsers of today would let a page ask for. Pages of this site ask for none of it.
FEATURES = (
    *("accelerometer", "autoplay", "camera", "clipboard-read", "clipboard-write", "display-capture"),
    *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get"),
    *("idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment"),
    *("picture-in-picture", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial"),
    *("storage-access", "usb", "window-management", "xr-spatial-tracking"),
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STYLE_NONCE = "knowledge_base_style_nonce"
ONE_YEAR = 365 * 24 * 60 * 60
HEADERS_BEHIND_TLS = HEADERS | {
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; upgrade-insecure-requests",
    # Neither for the hosts below this one, nor for ever: both are for the council to decide for its whole domain.
    "Strict-Transport-Security": f"max-age={ONE_YEAR}",
}
KEPT_FOR_EVERYBODY = "static"
# With which a browser asks whether what it has still holds.
CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"})


def style_nonce() -> str:
    """Return a word, new for each answer, with which a script of this page may add style sheets of its own.

    CodeMirror does so. Only a page that is never stored may have it: else somebody could learn the word.
    """
    if STYLE_NONCE not in g:
        setattr(g, STYLE_NONCE, secrets.token_urlsafe(16))
    return str(getattr(g, STYLE_NONCE))


def set_up_headers(app: Flask, *, behind_tls: bool) -> None:
    """Add the headers to every response of the application, and say what may be kept of it."""
    # With this prefix a browser takes the cookie from nobody but this host, and over TLS only.
    app.config["SESSION_COOKIE_NAME"] = "__Host-session" if behind_tls else "session"
    headers = HEADERS_BEHIND_TLS if behind_tls else HEADERS

    @app.after_request
    def add_headers(response: Response) -> Response:
        is_file = response.headers.get("Content-Security-Policy") == POLICY_OF_FILES
        response.headers.update(headers)
        if is_file:
            response.headers["Content-Security-Policy"] = POLICY_OF_FILES
        elif STYLE_NONCE in g:
            policy = response.headers["Content-Security-Policy"]
            allowed = f"style-src 'self' 'nonce-{style_nonce()}'"
            response.headers["Content-Security-Policy"] = policy.replace("style-src 'self'", allowed)
        if _is_asset(response):
            return response
        if _may_be_for_one_reader(app.config["SESSION_COOKIE_NAME"]):
            # Not even the browser's own "back" shows it again once the reader has signed out.
            response.headers["Cache-Control"] = "no-store"
        elif "Cache-Control" not in response.headers:
            response = _for_everybody(response)
        return response


def _is_asset(response: Response) -> bool:
    return request.endpoint == KEPT_FOR_EVERYBODY and "Cache-Control" in response.headers


def _may_be_for_one_reader(cookie: str) -> bool:
    """Say whether the answer may hold something that not everybody may see.

    Without the cookie nobody is signed in. Whoever has it may be: when something failed, nobody can say.
    """
    return cookie in request.cookies


def _for_everybody(response: Response) -> Response:
    """Let a browser keep an anonymous answer, but ask each time whether it still holds."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    if request.method in {"GET", "HEAD"} and response.status_code == 200 and not response.is_streamed:  # noqa: PLR2004
        response.add_etag()
        if not CONDITIONS.isdisjoint(request.environ):
            response.make_conditional(request)
    return response
