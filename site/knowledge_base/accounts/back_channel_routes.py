"""Where the sign-in provider says, server to server, that somebody has signed out there."""

from flask import Blueprint, abort, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import public
from knowledge_base.accounts import back_channel
from knowledge_base.accounts.guards import accounts
from knowledge_base.accounts.provider_errors import LogoutRefusedError
from knowledge_base.accounts.single_sign_on_guards import desk
from knowledge_base.db import utc_now

blueprint = Blueprint("back_channel", __name__)


@blueprint.record_once
def let_it_in_without_form(state: BlueprintSetupState) -> None:
    """Ask for no token of a form: no browser comes here, no cookie counts, and the logout token is signed."""
    state.app.extensions["csrf"].exempt(sign_out)


@blueprint.post("/login/provider/back-channel")
@public
def sign_out() -> ResponseReturnValue:
    """End the sessions that the logout token names. The headers and the JSON are the standard's."""
    found = desk()
    if found is None:
        abort(404)
    try:
        back_channel.sign_out_by_token(accounts(), found.provider, request.form.get("logout_token", ""), now=utc_now())
    except LogoutRefusedError as error:
        current_app.logger.warning("A logout token was refused: %s", error)
        return jsonify({"error": "invalid_request", "error_description": str(error)}), 400
    return "", 200
