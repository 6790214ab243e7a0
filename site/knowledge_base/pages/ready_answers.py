"""Answer with a page that is kept before Flask looks at the request, for whoever asks for nothing but that page.

What Flask does around a page that is kept costs more than all else about it (docs/decisions/0010).
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from knowledge_base.pages.kept_pages import KeptPage, KeptPages
from knowledge_base.web.request_log import ROUTE

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In the environ of a request: in which state its answer is the page that is kept for everybody.
STATE = "knowledge_base.kept_in_state"
# Who asks with one of these may be somebody, or may get something else than the page.
TELLING = frozenset(
    {
        *(
            "HTTP_COOKIE",
            "HTTP_AUTHORIZATION",
            "HTTP_RANGE",
            "HTTP_IF_RANGE",
            "CONTENT_LENGTH",
            "HTTP_TRANSFER_ENCODING",
        ),
        *("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"),
    }
)
OK = "200 OK"


class ReadyAnswers:
    """Notes with which headers a kept page was sent, and sends it with the same ones as long as its state holds.

    `state` tells the state of all that pages show, and may raise OSError. Only pages that everybody may read are kept,
    and who may is part of the content that the state names.
    """

    def __init__(
        self, application: "WSGIApplication", kept: KeptPages[KeptPage], state: Callable[[], tuple[Hashable, ...]]
    ) -> None:
        self._application = application
        self._kept = kept
        self._state = state

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:  # noqa: D102
        if not _asks_for_a_page_alone(environ):
            return self._application(environ, start_response)
        page = self._find(environ["PATH_INFO"])
        if page is None or not page.headers:
            return self._answered(environ, start_response)
        environ[ROUTE] = page.route
        start_response(OK, list(page.headers))
        return [page.html]

    def _find(self, path: str) -> KeptPage | None:
        try:
            return self._kept.find(path, self._state())
        except OSError:
            # The site says what is wrong.
            return None

    def _answered(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None) -> Any:  # noqa: ANN401 - as WSGI has it
            state = environ.get(STATE)
            is_for_one = any(name.lower() == "set-cookie" for name, _ in headers)
            if state is not None and status == OK and not is_for_one:
                self._note(environ, state, tuple(headers))
            return start_response(status, headers, *([exc_info] if exc_info else []))

        return self._application(environ, start)

    def _note(
        self, environ: "WSGIEnvironment", state: tuple[Hashable, ...], headers: tuple[tuple[str, str], ...]
    ) -> None:
        path = environ["PATH_INFO"]
        if page := self._kept.find(path, state):
            self._kept.keep(path, replace(page, headers=headers, route=environ.get(ROUTE, "")), state)


def _asks_for_a_page_alone(environ: "WSGIEnvironment") -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("QUERY_STRING")
        and not environ.get("SCRIPT_NAME")
        and TELLING.isdisjoint(environ)
        # A search that led to the page is counted.
        and "?" not in environ.get("HTTP_REFERER", "")
    )
