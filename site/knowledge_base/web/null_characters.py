"""Refuse the character that ends a text in C: no person types it, and PostgreSQL stores no text that has it."""

from flask import abort, request

NULL = "\0"
# What says that a request has a body.
BODY = frozenset({"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"})


def refuse_null_characters() -> None:
    """Answer that there is no such page, or that the request is no good."""
    if NULL in request.path:
        abort(404)
    # Most requests have neither, and looking for them takes as long as sending a page that is kept.
    sent = [request.args] if request.query_string else []
    if not BODY.isdisjoint(request.environ):
        sent.append(request.form)
    for values in sent:
        if any(NULL in text for key, texts in values.lists() for text in (key, *texts)):
            abort(400)
