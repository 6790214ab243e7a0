"""Default deny: a route that does not say who may use it is refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import abort, current_app, g, request
from flask_login import current_user

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.web.readers import reader_is_unknown

View = TypeVar("View", bound=Callable[..., Any])
Rule = Callable[[Viewer], bool]

DECLARATION = "knowledge_base_access"
VIEWED_AS = "knowledge_base_viewed_as"
STAND_IN = "knowledge_base_stand_in"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def public(view: View) -> View:
    """Declare that anyone may use the route. What it shows may still depend on who asks."""
    return _declared(view, lambda _viewer: True)


def signed_in(view: View) -> View:
    """Declare that the route is for signed-in people. Others are sent to the sign-in page.

    It is about the person's own account, so it stays theirs while they view the site as another reader.
    """
    return _declared(view, lambda viewer: viewer.real.is_signed_in)


def requires(role: str, *other_roles: str) -> Callable[[View], View]:
    """Declare that the route is for people who have the role, or one of the others. It is hidden from everyone else.

    Those who are not signed in are sent to the sign-in page, so that an address tells nothing of who may use it.
    """
    allowed = frozenset({role, *other_roles})

    def declare(view: View) -> View:
        return _declared(view, lambda viewer: viewer.is_signed_in and not allowed.isdisjoint(viewer.roles))

    return declare


def current_viewer() -> Viewer:
    """Return for whom the answer is made: the person who asks or, while they view as another reader, that reader."""
    reader: Viewer | None = g.get(VIEWED_AS)
    return reader or real_viewer()


def real_viewer() -> Viewer:
    """Return who really asks, as Flask-Login knows them, whomever they view the site as."""
    found: Viewer = g.get(STAND_IN) or getattr(current_user, "viewer", ANONYMOUS)
    return found


def view_as(reader: Viewer | None) -> None:
    """Make the answer to this request for another reader than the person who asks, or for that person again."""
    setattr(g, VIEWED_AS, reader)


@contextmanager
def standing_in(stand_in: Viewer, *, token: str) -> Iterator[None]:
    """Have all that asks meanwhile who this is be told of somebody made up, whose forms have this token.

    What is made then, to be kept for others, can have nothing of the person who really asks. The stand-in has their
    rights at most.
    """
    # Where Flask-WTF keeps the token of the request.
    field = current_app.config["WTF_CSRF_FIELD_NAME"]
    own = g.pop(field, None)
    setattr(g, STAND_IN, stand_in)
    setattr(g, field, token)
    try:
        yield
    finally:
        g.pop(STAND_IN)
        g.pop(field)
        if own is not None:
            setattr(g, field, own)


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Return what the route's view declares, or None for an undeclared one."""
    return getattr(view, DECLARATION, None)


def refuse_undeclared_or_forbidden() -> None:
    """Stop a request, before its view runs, that the view's declaration does not allow."""
    if request.endpoint is None:
        return
    rule = rule_of(current_app.view_functions[request.endpoint])
    if rule is None:
        current_app.logger.error("Refused %s: its view does not declare who may use it.", request.endpoint)
        abort(403)
    viewer = current_viewer()
    if reader_is_unknown() and (request.method not in READING or not rule(viewer)):
        abort(503)
    if not rule(viewer):
        abort(404 if viewer.is_signed_in else 401)


def _declared(view: View, rule: Rule) -> View:
    setattr(view, DECLARATION, rule)
    return view
