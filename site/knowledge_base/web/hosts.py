"""Only requests that were sent to the site's own name are answered.

Else a page could be had under any name that somebody makes lead here, with whatever a cache or a browser then believes.
Werkzeug's check of trusted hosts knows no IPv6 addresses and no capital letters, and comes after the first look at the
database; this one comes before everything.
"""

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from knowledge_base.web.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{0,5})?", re.IGNORECASE | re.ASCII)
REFUSAL = (
    "This site does not answer to that name. Use the address that you were given.\n"
    "If anyone is in immediate danger, call 999.\n\n"
    "Whoever runs the site: KB_BASE_URL says its address, and KB_TRUSTED_HOSTS its other names.\n"
)


class HostCheck:
    """Answers requests for the site's own names, and refuses the others without repeating what they asked for."""

    def __init__(self, application: "WSGIApplication", names: Collection[str]) -> None:
        self._application = application
        self._names = frozenset(name.lower() for name in names)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:  # noqa: D102
        if self._is_answered(environ.get("HTTP_HOST"), environ.get("SERVER_PROTOCOL", "")):
            return self._application(environ, start_response)
        refusal = Response(REFUSAL, 400, mimetype="text/plain")
        refusal.headers.update(HEADERS | {"Cache-Control": "no-store"})
        return refusal(environ, start_response)

    def _is_answered(self, host: str | None, protocol: str) -> bool:
        if host is None:
            # So ask some health checks. Later versions of HTTP insist on a name.
            return protocol == "HTTP/1.0"
        found = HOST.fullmatch(host)
        return found is not None and found[1].lower() in self._names
