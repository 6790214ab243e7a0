"""Single sign-on as the rest of the site meets it: set up with the application, hooked into confirming and leaving."""

from typing import Any

from flask import current_app, redirect, render_template, request, session, url_for
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from flask_login import current_user

from knowledge_base.access.guards import real_viewer
from knowledge_base.accounts import confirm_routes, sign_in_routes
from knowledge_base.accounts.claims_table import read_table
from knowledge_base.accounts.destination import HOME
from knowledge_base.accounts.guards import current_session, end_session
from knowledge_base.accounts.provider import Provider
from knowledge_base.accounts.single_sign_on import Desk, Present
from knowledge_base.settings import Settings

DESK = "single_sign_on"
# The states of the requests that this browser took to the provider: one for each tab, the newest last.
STATES, MOST_STATES = "provider_states", 5
# The session that has just been signed out here, and is yet to be at the provider.
LEAVING = "provider_leaving"
SIGN_IN_PAGE = "/login"


def set_up_single_sign_on(app: App) -> None:
    """Let people sign in with the provider that the settings name, if they name one. Raises SettingsError."""
    settings = _settings_of(app)
    app.context_processor(_what_the_sign_in_page_offers)
    if settings.single_sign_on is None:
        return
    provider = Provider(settings.single_sign_on, base_url=settings.base_url)
    table = read_table(settings.single_sign_on.groups)
    app.extensions[DESK] = Desk(app.extensions["accounts"], provider, table)
    app.extensions[confirm_routes.HOOK] = _offer_to_confirm
    app.extensions[sign_in_routes.HOOK] = _sign_out


def desk() -> Desk | None:
    """Return what single sign-on works with, or None where there is none."""
    found: Desk | None = current_app.extensions.get(DESK)
    return found


def present() -> Present | None:
    """Return the session of the browser that asks, if it has one."""
    if not real_viewer().is_signed_in:
        return None
    return Present(current_session().session_id, current_user.get_id())


def hold_state(state: str) -> None:
    """Have the browser keep the state of a request, so that it alone can bring the answer."""
    session[STATES] = [*held_states(), state][-MOST_STATES:]


def held_states() -> list[str]:
    """Return the states of the requests that this browser took to the provider."""
    return list(session.get(STATES, []))


def let_go_of_state(state: str) -> None:
    """Forget a request that has been answered."""
    session[STATES] = [one for one in held_states() if one != state]


def _offer_to_confirm(destination: str) -> ResponseReturnValue:
    # A page, and not a redirect: browsers do not let a form that was sent here lead to another site.
    return render_template("accounts/confirm_with_provider.html", destination=destination)


def _sign_out() -> ResponseReturnValue:
    current = current_session()
    end_session()
    if current.person.is_local:
        return redirect(HOME)
    session[LEAVING] = current.session_id
    return redirect(url_for("accounts.single_sign_on.show_signed_out"), 303)


def _what_the_sign_in_page_offers() -> dict[str, Any]:
    """Say whether the sign-in page has a button for the provider, and whether it asks for a password.

    Where local accounts are off it does not ask, unless its address says `?local=1`: for an administrator with a
    password, when the provider is down.
    """
    settings = _settings_of(current_app)
    is_asked_for = request.path != SIGN_IN_PAGE or request.method == "POST" or "local" in request.args
    return {
        "sign_in_provider": settings.single_sign_on.name if settings.single_sign_on else "",
        "asks_for_password": settings.local_accounts or is_asked_for,
        "local_accounts": settings.local_accounts,
    }


def _settings_of(app: App) -> Settings:
    settings: Settings = app.extensions["settings"]
    return settings
