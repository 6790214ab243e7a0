"""Whether it can be told who asks: without the database a cookie says nothing."""

from urllib.parse import urlsplit

from flask import g, has_request_context, request

UNKNOWN = "knowledge_base_reader_unknown"


def note_unknown_reader() -> None:
    """Note that this request's cookie names a session which cannot be looked up."""
    setattr(g, UNKNOWN, True)


def reader_is_unknown() -> bool:
    """Say whether somebody asks who may be signed in, so that only what is for everybody can be shown."""
    return has_request_context() and bool(g.get(UNKNOWN, False))


def came_from() -> tuple[str, str]:
    """Return the path and the query of the page of this site that the request comes from, or two empty texts."""
    try:
        found = urlsplit(request.referrer or "")
    except ValueError:
        # What a browser sends there can be anything.
        return "", ""
    return (found.path, found.query) if found.netloc == request.host else ("", "")
