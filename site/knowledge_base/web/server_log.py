"""What gunicorn has to say, with the rest of the log, and without the addresses and requests that it would name."""

from typing import Any

from gunicorn.glogging import Logger

from knowledge_base.telemetry import measures

REFUSED = "Invalid request from ip="
FAILED = "Error handling request"


class ServerLog(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines on to the log of the process. RequestLog writes those about requests."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's configuration
        """Take part in the log as set_up_log left it. gunicorn calls this at the start and at each reload."""
        self.cfg = cfg
        self.loglevel = self.LOG_LEVELS[cfg.loglevel]
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True
        self._access_log_enabled = False

    def warning(self, msg: str, *args: Any, **named: Any) -> None:  # noqa: ANN401 - as gunicorn calls it
        """Log a warning. One about a request quotes it, and says whose it was."""
        if msg.startswith(REFUSED):
            measures.count_malformed_request()
            super().warning("A request was refused that is no HTTP, or beyond a limit.")
        else:
            super().warning(msg, *args, **named)

    def exception(self, msg: str, *args: Any, **named: Any) -> None:  # noqa: ANN401 - as gunicorn calls it
        """Log an error with its trace. One about a request would name its address."""
        if msg.startswith(FAILED):
            super().exception("A request could not be answered.")
        else:
            super().exception(msg, *args, **named)
