"""A line of the log for each request, and its time for the measurements.

It names the route and not the address: that may hold what somebody searches for, or a link that lets them in.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

from knowledge_base.telemetry import measures
from knowledge_base.telemetry.log_lines import FIELDS, current_request

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("knowledge_base.requests")

HEADER = "X-Request-Id"
WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}", re.ASCII)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
ROUTE = "knowledge_base.route"
NO_ROUTE = "none"
FAILED = 500


def set_up_request_log(app: Flask) -> None:
    """Let RequestLog know the route, whatever becomes of the request, and error pages the reference to give."""

    @app.before_request
    def note_route() -> None:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule

    def log_failure(exc_info: Any) -> None:  # noqa: ANN401 - as Flask calls it
        # Flask itself would name the address.
        app.logger.error("%s %s failed.", request.method, request.environ.get(ROUTE, NO_ROUTE), exc_info=exc_info)

    def add_reference() -> dict[str, str]:
        return {"request_reference": current_request.get() or ""}

    app.log_exception = log_failure  # type: ignore[method-assign]
    app.context_processor(add_reference)


class RequestLog:
    """Gives each request an id, which is in every line about it and in the answer, and logs it once it is answered."""

    def __init__(self, application: "WSGIApplication", *, slow_milliseconds: int, proxies_are_trusted: bool) -> None:
        self._application = application
        self._slow = slow_milliseconds
        self._proxies_are_trusted = proxies_are_trusted

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:  # noqa: D102
        started = time.perf_counter()
        request_id = self._id(environ)
        current_request.set(request_id)
        answered = FAILED

        def start(status: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None) -> Any:  # noqa: ANN401 - as WSGI has it
            nonlocal answered
            answered = int(status[:3])
            return start_response(status, [*headers, (HEADER, request_id)], *([exc_info] if exc_info else []))

        def end() -> None:
            self._note(environ, answered, time.perf_counter() - started)
            current_request.set(None)

        try:
            body = self._application(environ, start)
        except BaseException:
            end()
            raise
        return _until_closed(body, environ, end)

    def _id(self, environ: "WSGIEnvironment") -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._proxies_are_trusted else ""
        return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(8)

    def _note(self, environ: "WSGIEnvironment", status: int, seconds: float) -> None:
        route, asked = environ.get(ROUTE, NO_ROUTE), environ.get("REQUEST_METHOD", "")
        method = asked if asked in METHODS else "other"
        milliseconds = round(seconds * 1000, 1)
        is_slow = milliseconds >= self._slow
        fields = {"route": route, "method": method, "status": status, "milliseconds": milliseconds}
        logger.log(
            logging.WARNING if is_slow else logging.INFO,
            "%s %s %s in %s ms%s",
            *(method, route, status, milliseconds, ", which is slow" if is_slow else ""),
            extra={FIELDS: fields},
        )
        measures.count_request(route=route, method=method, status=status, seconds=seconds)
        if is_slow:
            measures.count_slow_request(route)


def _until_closed(body: Iterable[bytes], environ: "WSGIEnvironment", end: Callable[[], None]) -> Iterable[bytes]:
    """Return the body, and have `end` called after it was sent."""
    wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(wrapper, type) and isinstance(body, wrapper):
        # The kernel sends it, as long as gunicorn sees that it is a file.
        end()
        return body
    return ClosingIterator(body, end)
