"""The way to the sign-in provider and back, and the pages for when it leads nowhere."""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import public, real_viewer, signed_in
from knowledge_base.accounts import single_sign_on
from knowledge_base.accounts.destination import safe_destination
from knowledge_base.accounts.guards import arrival, current_session, let_in
from knowledge_base.accounts.provider_errors import (
    NotShownAgainError,
    PersonDisabledError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SingleSignOnError,
    StaleAnswerError,
)
from knowledge_base.accounts.provider_sessions import hint_of_session
from knowledge_base.accounts.single_sign_on import Answer, Confirmed, Desk
from knowledge_base.accounts.single_sign_on_guards import (
    LEAVING,
    desk,
    held_states,
    hold_state,
    let_go_of_state,
    present,
    set_up_single_sign_on,
)
from knowledge_base.db import utc_now

# Which page explains what, and with which status. What is not named here did not check out.
EXPLAINED = {
    ProviderUnavailableError: ("unavailable", 503),
    ProviderRefusedError: ("refused", 403),
    PersonDisabledError: ("disabled", 403),
    NotShownAgainError: ("unproven", 400),
    StaleAnswerError: ("stale", 400),
}

blueprint = Blueprint("single_sign_on", __name__)


@blueprint.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Set single sign-on up with the application that these pages are put into."""
    set_up_single_sign_on(state.app)


@blueprint.get("/login/provider")
@public
def start() -> ResponseReturnValue:
    """Send somebody to the provider to sign in. It is a link, since browsers let no form lead to another site."""
    destination = safe_destination(request.args.get("next"))
    if real_viewer().is_signed_in:
        return redirect(destination)
    departure = single_sign_on.set_out(_desk(), arrival(destination), now=utc_now())
    hold_state(departure.state)
    return redirect(departure.url)


@blueprint.get("/login/provider/confirm")
@signed_in
def start_to_confirm() -> ResponseReturnValue:
    """Send somebody who is signed in to the provider, to show once more who they are."""
    current = current_session()
    if current.person.is_local:
        abort(404)
    coming = arrival(request.args.get("next"))
    departure = single_sign_on.set_out(_desk(), coming, session_id=current.session_id, now=utc_now())
    hold_state(departure.state)
    return redirect(departure.url)


@blueprint.get("/login/provider/callback")
@public
def come_back() -> ResponseReturnValue:
    """Take what the browser brings from the provider, and go on to the page that was wanted."""
    answer = Answer(
        state=request.args.get("state", ""),
        code=request.args.get("code", ""),
        error=request.args.get("error", ""),
        issuer=request.args.get("iss", ""),
        held=held_states(),
    )
    let_go_of_state(answer.state)
    outcome = single_sign_on.arrive(_desk(), answer, arrival(), present=present(), now=utc_now())
    if isinstance(outcome, Confirmed):
        return redirect(safe_destination(outcome.destination))
    let_in(outcome.signed_in.token)
    destination = safe_destination(outcome.signed_in.destination)
    if outcome.groups_unread:
        return redirect(url_for("accounts.single_sign_on.show_groups_unread", next=destination))
    return redirect(destination)


@blueprint.get("/login/provider/no-groups")
@signed_in
def show_groups_unread() -> ResponseReturnValue:
    """Say that the provider did not tell the groups, and what is to be done about it."""
    return render_template(
        "accounts/groups_unread.html", destination=safe_destination(request.args.get("next")), claim=_claim()
    )


@blueprint.get("/login/signed-out")
@public
def show_signed_out() -> ResponseReturnValue:
    """Say that somebody has signed out, and lead them on to sign out at the provider if that is yet to be done."""
    return render_template("accounts/signed_out.html", url=_way_out())


@blueprint.errorhandler(SingleSignOnError)
def explain(error: SingleSignOnError) -> ResponseReturnValue:
    """Say that nobody was signed in, and what to do. Why exactly stands in the record."""
    what, status = EXPLAINED.get(type(error), ("unverified", 400))
    return render_template("accounts/provider_trouble.html", what=what, is_signed_in=real_viewer().is_signed_in), status


def _desk() -> Desk:
    found = desk()
    if found is None:
        abort(404)
    return found


def _claim() -> str:
    return _desk().provider.settings.claim


def _way_out() -> str:
    found, session_id = desk(), session.pop(LEAVING, None)
    if found is None or session_id is None:
        return ""
    try:
        return found.provider.end_session_url(id_token=hint_of_session(found.register, session_id))
    except ProviderUnavailableError:
        # Signing out here has been done, which is what was asked of this site.
        return ""
