"""Answer Prometheus on a port of its own, which only this machine reaches.

gunicorn's master opens the port, and each worker answers there in a thread of its own: whichever takes the question
adds up what all have counted. So there is an answer as long as there is any worker.
"""

import logging
import socket
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
WAITING = 16


class _Handler(WSGIRequestHandler):
    # Whoever connects and says nothing must not be waited for.
    timeout = 5

    def log_message(self, *_args: Any) -> None:  # noqa: ANN401 - as http.server calls it
        """Log nothing: there is a question each few seconds."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:  # noqa: ANN401 - as socketserver calls it
        """Log a fault as all others are."""
        logger.exception("The measurements could not be given.")  # noqa: LOG004 - socketserver calls this within one


def open_port(port: int) -> socket.socket:
    """Open the port. Raises OSError where that cannot be done."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(WAITING)
        # Of the workers that notice a question only one gets it.
        listener.setblocking(False)  # noqa: FBT003 - as the socket has it
    except OSError:
        listener.close()
        raise
    return listener


def answer(listener: socket.socket, collectors: Iterable[Collector]) -> WSGIServer:
    """Begin to answer `/metrics`, in a thread that ends with the process or when the server is shut down.

    Shut it down before its port is closed: the thread would ask for what is no longer there, without a pause.
    """
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    server = _Server(listener.getsockname(), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()
    server.setup_environ()
    server.set_app(_logging_faults(make_wsgi_app(registry)))
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _logging_faults(app: "WSGIApplication") -> "WSGIApplication":
    """Log a fault in measuring as all others are: wsgiref would print it as it is."""

    def answer_or_log(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except Exception:
            logger.exception("The measurements could not be given.")
            start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [b"The measurements could not be given: the log says why.\n"]

    return answer_or_log
