"""The pages of accounts, each kind in a module of its own: here they are put together, with what they share."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from knowledge_base.accounts import (
    account_routes,
    back_channel_routes,
    confirm_routes,
    link_routes,
    people_routes,
    second_factor_routes,
    second_step_routes,
    sign_in_routes,
    single_sign_on_routes,
    view_as_routes,
)
from knowledge_base.accounts.errors import LinkRefusedError, NoSuchSessionError, SignInOverError
from knowledge_base.accounts.guards import set_up_sign_in
from knowledge_base.accounts.sign_in_forms import SignInForm
from knowledge_base.accounts.view_as_guards import set_up_view_as

__all__ = ["blueprint", "set_up_sign_in", "set_up_view_as"]

OUT_OF_DATE: Mapping[str, Callable[..., ResponseReturnValue]] = {
    "accounts.sign_in.submit": sign_in_routes.explain_stale,
    "accounts.links.submit": link_routes.explain_stale,
}

blueprint = Blueprint("accounts", __name__)
for pages in (
    *(sign_in_routes, second_step_routes, link_routes),
    *(account_routes, confirm_routes, second_factor_routes, view_as_routes),
    *(people_routes, single_sign_on_routes, back_channel_routes),
):
    blueprint.register_blueprint(pages.blueprint)


@blueprint.errorhandler(LinkRefusedError)
def explain_refused_link(_error: LinkRefusedError) -> ResponseReturnValue:
    """Say what to do about a link that does not work, whatever the reason."""
    return render_template("accounts/link_refused.html"), 404


@blueprint.errorhandler(SignInOverError)
def start_again(error: SignInOverError) -> ResponseReturnValue:
    """Have somebody sign in anew whose sign-in took too long."""
    form = SignInForm()
    form.email.errors = [str(error)]
    return render_template("accounts/sign_in.html", form=form), 401


@blueprint.errorhandler(NoSuchSessionError)
def show_what_is_left(_error: NoSuchSessionError) -> ResponseReturnValue:
    """Show the browsers that are still signed in, after one that is not."""
    return redirect(url_for("accounts.own.show"))


@blueprint.errorhandler(CSRFError)
def explain_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """Give a form back that came without a good token, with all but what is secret still in it."""
    explain = OUT_OF_DATE.get(request.endpoint or "")
    if explain is not None:
        try:
            return explain(**(request.view_args or {}))
        except LinkRefusedError as error:
            return explain_refused_link(error)
    is_sign_out = request.endpoint == "accounts.sign_in.sign_out"
    return render_template("accounts/sign_out_again.html" if is_sign_out else "accounts/stale_form.html"), 400


@blueprint.after_request
def forbid_storing(response: Response) -> Response:
    """Keep these pages out of every cache: they hold tokens and codes, and who somebody is."""
    response.headers["Cache-Control"] = "no-store"
    return response
