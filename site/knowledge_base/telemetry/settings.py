"""Read from the environment what operators are to see, and where."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from knowledge_base.environment import SettingsError, read_at_least_one, read_count

SLOW_MILLISECONDS = 1000
HIGHEST_PORT = 65_535


class LogFormat(Enum):
    """How a line of the log is written: for people, or for programs."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class TelemetrySettings:
    """How the log is written, from how many milliseconds on a request is slow, and the port of the measurements."""

    log_format: LogFormat = LogFormat.TEXT
    slow_milliseconds: int = SLOW_MILLISECONDS
    metrics_port: int | None = None


def read_telemetry_settings(environ: Mapping[str, str]) -> TelemetrySettings:
    """Build the settings from `KB_*` variables. Raises SettingsError."""
    return TelemetrySettings(
        log_format=_log_format(environ),
        slow_milliseconds=read_at_least_one(environ, "KB_SLOW_MILLISECONDS", default=SLOW_MILLISECONDS),
        metrics_port=_metrics_port(environ),
    )


def _log_format(environ: Mapping[str, str]) -> LogFormat:
    """Return the format that was asked for; else text for a terminal, and JSON for what collects it."""
    given = environ.get("KB_LOG_FORMAT")
    if not given:
        return LogFormat.TEXT if sys.stderr.isatty() else LogFormat.JSON
    try:
        return LogFormat(given)
    except ValueError:
        message = f"KB_LOG_FORMAT: {given!r} is neither text nor json."
        raise SettingsError(message) from None


def _metrics_port(environ: Mapping[str, str]) -> int | None:
    if not environ.get("KB_METRICS_PORT"):
        return None
    port = read_count(environ, "KB_METRICS_PORT")
    if not 0 < port <= HIGHEST_PORT:
        message = f"KB_METRICS_PORT: {port} is not a port. Choose one, such as 9100."
        raise SettingsError(message)
    return port
