"""Who holds the browser: its session, letting it in and out, and asking again before sensitive changes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user
from govuk_frontend_wtf.main import WTFormsHelpers
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from knowledge_base.access.guards import real_viewer
from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.access.view_as import End
from knowledge_base.accounts import sessions
from knowledge_base.accounts.browsers import describe_browser
from knowledge_base.accounts.destination import HOME, safe_destination
from knowledge_base.accounts.reauthentication import is_recent
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import Arrival, NextStep, SignedIn, give_up
from knowledge_base.accounts.sessions import CurrentSession
from knowledge_base.accounts.view_as_guards import stop_viewing
from knowledge_base.db import utc_now
from knowledge_base.settings import Settings
from knowledge_base.web.readers import came_from, note_unknown_reader

View = TypeVar("View", bound=Callable[..., Any])

WAITING = "waiting_sign_in"
ACCOUNT_PAGE = "/account"


class SignedInUser(UserMixin):  # type: ignore[misc]
    """A signed-in person as Flask-Login wants to have them: known by the session's token, not by the account."""

    def __init__(self, *, token: str, current: CurrentSession) -> None:
        self.current = current
        self._token = token

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the signed cookie."""
        return self._token

    @property
    def viewer(self) -> Viewer:
        """The person as the access rules see them."""
        return self.current.person.viewer


class SomebodyUnknown(AnonymousUserMixin):  # type: ignore[misc]
    """Whoever is not signed in, as Flask-Login wants to have them."""

    viewer = ANONYMOUS


def set_up_sign_in(app: Flask) -> None:
    """Let the application know who asks: whoever holds the token of a session that is still going."""
    settings: Settings = app.extensions["settings"]
    app.extensions["accounts"] = Register.of(settings, app.extensions["database"])
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=settings.behind_tls
    )
    manager = LoginManager(app, add_context_processor=False)
    # A phone's address changes as it moves. What ends a session is its row in the database.
    manager.session_protection = None
    manager.anonymous_user = SomebodyUnknown
    WTFormsHelpers(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load_user(token: str) -> SignedInUser | None:
        try:
            current = sessions.find_session(accounts(), token, now=utc_now())
        except SQLAlchemyError as error:
            app.logger.warning("Nobody can say who is signed in: %s", type(error).__name__)
            note_unknown_reader()
            return None
        return SignedInUser(token=token, current=current) if current else None


def recently_authenticated(view: View) -> View:
    """Let the view run only for people who showed within 15 minutes who they are: others are asked, and come back.

    It stands above the declaration of who may use the route. What was posted is not sent again: the person comes back
    to the page that they posted from.
    """

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:  # noqa: ANN401 - whatever the view takes and gives
        if is_recent(current_session(), now=utc_now()):
            return view(*args, **values)
        return redirect(url_for("accounts.confirm.show", next=_page_of_request()), 303)

    return guarded  # type: ignore[return-value]


def accounts() -> Register:
    """Return the register of the application that runs."""
    register: Register = current_app.extensions["accounts"]
    return register


def settings() -> Settings:
    """Return the settings of the application that runs."""
    found: Settings = current_app.extensions["settings"]
    return found


def site_name() -> str:
    """Return what the layout calls the site."""
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    return str(context.get("site_name", ""))


def current_session() -> CurrentSession:
    """Return the session of the person who asks, or stop and have them sign in."""
    if not real_viewer().is_signed_in:
        abort(401)
    current: CurrentSession = current_user.current
    return current


def arrival(destination: str | None = None) -> Arrival:
    """Return how the browser of this request comes."""
    return Arrival(
        address=address(),
        browser=describe_browser(request.user_agent.string),
        destination=safe_destination(destination),
    )


def address() -> str:
    """Return the network address of this request."""
    return request.remote_addr or "unknown"


def take_step(step: NextStep) -> ResponseReturnValue:
    """Go on with signing in: to the page that was wanted, or to what is still asked for."""
    if isinstance(step, SignedIn):
        let_in(step.token)
        return redirect(safe_destination(step.destination))
    end_session()
    session[WAITING] = step.token
    return redirect(url_for(f"accounts.second_step.show_{'set_up' if step.must_set_up else 'code'}"))


def let_in(token: str) -> None:
    """Make this browser the one of the session. The cookie's content goes, so that nothing planted before counts."""
    end_session()
    current = sessions.find_session(accounts(), token, now=utc_now())
    if current is None:
        abort(401)
    login_user(SignedInUser(token=token, current=current))


def end_session() -> None:
    """End what this browser has of a session or of signing in, and forget what its cookie holds."""
    stop_viewing(End.SIGNED_OUT)
    if real_viewer().is_signed_in:
        sessions.sign_out(accounts(), current_user.get_id(), now=utc_now())
    if waiting := session.get(WAITING):
        give_up(accounts(), str(waiting))
    session.clear()
    # A page that this request still shows needs the token of the new session: Flask-WTF has kept the old one's.
    g.pop(current_app.config["WTF_CSRF_FIELD_NAME"], None)


def _page_of_request() -> str:
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    if _has_page_of_its_own():
        return request.path
    path, _ = came_from()
    page = safe_destination(path) if path else HOME
    return ACCOUNT_PAGE if page == HOME else page


def _has_page_of_its_own() -> bool:
    """Say whether the address has a page too, of the same kind: any address at all may be one of the content's."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint = str(adapter.match(request.path, method="GET")[0]) if adapter else ""
    except HTTPException:
        return False
    return bool(request.blueprint) and endpoint.rpartition(".")[0] == request.blueprint
