"""Headers that every response carries, and what may be kept of it."""

from collections.abc import Callable

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
ONE_YEAR = 365 * 24 * 60 * 60


def set_up_headers(app: Flask, *, is_signed_in: Callable[[], bool], behind_tls: bool) -> None:
    """Add the headers to every response of the application."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if behind_tls:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
        if "Cache-Control" not in response.headers:
            response = _for_one_reader(response) if is_signed_in() else _for_everyone(response)
        return response


def _for_one_reader(response: Response) -> Response:
    """Keep what a signed-in person gets out of every cache, the browser's own "back" included."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _for_everyone(response: Response) -> Response:
    """Let a browser keep an anonymous answer, but ask each time whether it still holds."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    if request.method in {"GET", "HEAD"} and response.status_code == 200 and not response.is_streamed:  # noqa: PLR2004
        response.add_etag()
        response.make_conditional(request)
    return response
