"""One line on stderr for each thing that happened: JSON for programs, text for people, the same in both.

No line holds a name, an e-mail address, a network address, or what somebody typed. Whoever logs sees to that; errors
are described here (`faults.py`), however they come.
"""

import json
import logging
import re
import sys
from abc import ABC, abstractmethod
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from knowledge_base.telemetry.faults import describe, describe_with_trace
from knowledge_base.telemetry.settings import LogFormat

# The id of the request that is being answered, for every line that comes up meanwhile.
current_request: ContextVar[str | None] = ContextVar("knowledge_base_request", default=None)
# What a line says besides its message: `logger.info(..., extra={FIELDS: {...}})`.
FIELDS = "knowledge_base_fields"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
OWN = "knowledge_base"


class LineFormatter(logging.Formatter, ABC):
    """Writes a record as one line. Subclasses say how."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            "process": record.process,
        }
        if request := current_request.get():
            line["request"] = request
        line |= getattr(record, FIELDS, {})
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe_with_trace(record.exc_info[1])
        return self.written(line)

    @abstractmethod
    def written(self, line: dict[str, Any]) -> str:
        """Return the line's parts as one text."""


class JsonFormatter(LineFormatter):
    """Writes a line as JSON."""

    def written(self, line: dict[str, Any]) -> str:
        """Return one object on one line."""
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(LineFormatter):
    """Writes a line for people. Only the trace of an error is on lines of its own."""

    def written(self, line: dict[str, Any]) -> str:
        """Return what happened, then which request it belongs to."""
        request = f" ({line['request']})" if "request" in line else ""
        head = f"{line['time'][:19]} {line['level']} {line['logger']}: {CONTROL.sub(' ', line['message'])}{request}"
        return f"{head}\n{line['error']}" if "error" in line else head


FORMATTERS = {LogFormat.JSON: JsonFormatter, LogFormat.TEXT: TextFormatter}


def set_up_log(log_format: LogFormat) -> None:
    """Write all that is logged in this process, by whatever package, to stderr in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATTERS[log_format]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.INFO)
    # A line that cannot be written, because the disk is full or nobody reads, must not make a second one.
    logging.raiseExceptions = False


def _message(record: logging.LogRecord) -> str:
    args = record.args
    if isinstance(args, tuple):
        args = tuple(describe(one) if isinstance(one, BaseException) else one for one in args)
    try:
        return str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError):
        return str(record.msg)
