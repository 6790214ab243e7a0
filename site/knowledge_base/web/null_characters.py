"""Refuse the character that ends a text in C: no person types it, and PostgreSQL stores no text that has it."""

from flask import abort, request

NULL = "\0"


def refuse_null_characters() -> None:
    """Answer that there is no such page, or that the request is no good."""
    if NULL in request.path:
        abort(404)
    for values in (request.args, request.form):
        if any(NULL in text for key, texts in values.lists() for text in (key, *texts)):
            abort(400)
