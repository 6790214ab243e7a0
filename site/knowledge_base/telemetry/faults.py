"""Say what an error is without repeating what somebody typed or who they are.

The text of an error often quotes what it is about: a password's owner, a search, a row of a table. So the text is kept
only where it is known to be about the program or the machine. The traceback shows the rest: code, never its values.
"""

import sqlite3
import traceback
from collections.abc import Iterator

# Their texts name what is in the code, such as a function that has no such argument.
ABOUT_THE_CODE = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError, TypeError)
# Errors of the site's own, whose texts are for people and hold nothing of theirs; and of templates.
KNOWN_PACKAGES = ("knowledge_base.", "jinja2.")
MOST_CAUSES = 10


def describe(error: BaseException) -> str:
    """Return the kind of an error, with its text where that is safe to keep."""
    kind = type(error).__name__
    text = _safe_text(error)
    return f"{kind}: {text}" if text else kind


def describe_with_trace(error: BaseException) -> str:
    """Return where an error came up, and the errors that it came from, the first one first."""
    return "\n".join(_trace(one) for one in reversed(list(_causes(error))))


def _safe_text(error: BaseException) -> str:
    if isinstance(original := getattr(error, "orig", None), BaseException):  # SQLAlchemy's, with statement and values
        return describe(original)
    if isinstance(code := getattr(error, "smtp_code", None), int):  # the server's text may name the recipient
        return str(code)
    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(diagnosis := getattr(getattr(error, "diag", None), "message_primary", None), str):
        # PostgreSQL's first line. What it quotes is in the detail, which this is not, but in errors of class 22.
        code = str(getattr(error, "sqlstate", ""))
        return code if code.startswith("22") else f"{code} {diagnosis}"
    is_known = isinstance(error, (*ABOUT_THE_CODE, sqlite3.Error)) or type(error).__module__.startswith(KNOWN_PACKAGES)
    return " ".join(str(error).split()) if is_known else ""


def _trace(error: BaseException) -> str:
    lines = "".join(traceback.format_tb(error.__traceback__))
    return f"{lines}{describe(error)}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
