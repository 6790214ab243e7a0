"""Default deny: a route that does not say who may use it is refused."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, request
from flask_login import current_user

from knowledge_base.access.policy import ANONYMOUS, Viewer

View = TypeVar("View", bound=Callable[..., Any])
Rule = Callable[[Viewer], bool]

DECLARATION = "knowledge_base_access"


def public(view: View) -> View:
    """Declare that anyone may use the route. What it shows may still depend on who asks."""
    return _declared(view, lambda _viewer: True)


def signed_in(view: View) -> View:
    """Declare that the route is for signed-in people. Others are sent to the sign-in page."""
    return _declared(view, lambda viewer: viewer.is_signed_in)


def current_viewer() -> Viewer:
    """Return who asks, as Flask-Login knows them."""
    return getattr(current_user, "viewer", ANONYMOUS)


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
    if not rule(viewer):
        abort(404 if viewer.is_signed_in else 401)


def _declared(view: View, rule: Rule) -> View:
    setattr(view, DECLARATION, rule)
    return view
