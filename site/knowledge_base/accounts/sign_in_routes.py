"""The pages of signing in with a password, of a forgotten password, and of signing out."""

from flask import Blueprint, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, public, real_viewer
from knowledge_base.accounts import forgotten, sign_in
from knowledge_base.accounts.destination import HOME, safe_destination
from knowledge_base.accounts.errors import SignInRefusedError, TooManyAttemptsError
from knowledge_base.accounts.guards import accounts, address, arrival, end_session, settings, take_step
from knowledge_base.accounts.sign_in_forms import ForgottenForm, SignInForm
from knowledge_base.db import utc_now

STALE = "Enter a password again: this page had been open for too long, or your browser does not keep cookies"
# Single sign-on puts a function here: it ends the session, and sends whoever came through it on to the provider.
HOOK = "sign_out_with_provider"

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/login")
@public
def show() -> ResponseReturnValue:
    """Show the sign-in page, or go on where the person is signed in already."""
    form = SignInForm(next=request.args.get("next"))
    if current_viewer().is_signed_in:
        return redirect(safe_destination(form.next.data))
    return _sign_in_page(form)


@blueprint.post("/login")
@public
def submit() -> ResponseReturnValue:
    """Look at the password, then let the person in or ask for the second factor."""
    form = SignInForm(next=request.args.get("next"))
    if not form.validate():
        return _sign_in_page(form), 401
    said = sign_in.Credentials(form.email.data or "", form.password.data or "")
    try:
        return take_step(sign_in.sign_in(accounts(), said, arrival(form.next.data), now=utc_now()))
    except SignInRefusedError as error:
        form.email.errors = [str(error)]
        return _sign_in_page(form), 401
    except TooManyAttemptsError as error:
        form.email.errors = [str(error)]
        return _sign_in_page(form), 429, {"Retry-After": str(error.seconds)}


@blueprint.post("/logout")
@public
def sign_out() -> ResponseReturnValue:
    """End the session, also for a copy of its cookie, and go to the home page, or on to the sign-in provider."""
    if real_viewer().is_signed_in and (hook := current_app.extensions.get(HOOK)):
        answer: ResponseReturnValue = hook()
        return answer
    end_session()
    return redirect(HOME)


@blueprint.get("/login/forgotten")
@public
def show_forgotten() -> ResponseReturnValue:
    """Ask for the e-mail address of somebody who forgot their password, or say whom to ask."""
    _stop_without_local_accounts()
    return _forgotten_page(ForgottenForm())


@blueprint.post("/login/forgotten")
@public
def submit_forgotten() -> ResponseReturnValue:
    """Send a link to the address if it has an account, and say the same whether it has."""
    _stop_without_local_accounts()
    form = ForgottenForm()
    if settings().mail is None or not form.validate():
        return _forgotten_page(form), 422
    try:
        forgotten.ask_for_link(accounts(), settings(), form.email.data or "", address=address(), now=utc_now())
    except TooManyAttemptsError as error:
        form.email.errors = [str(error)]
        return _forgotten_page(form), 429, {"Retry-After": str(error.seconds)}
    return render_template("accounts/forgotten_sent.html", email=form.email.data)


def explain_stale() -> ResponseReturnValue:
    """Give the sign-in form back that came without a good token."""
    form = SignInForm(next=request.args.get("next"))
    form.password.errors = [STALE]
    return _sign_in_page(form), 400


def _stop_without_local_accounts() -> None:
    if not settings().local_accounts:
        abort(404)


def _sign_in_page(form: SignInForm) -> str:
    return render_template("accounts/sign_in.html", form=form)


def _forgotten_page(form: ForgottenForm) -> str:
    return render_template("accounts/forgotten.html", form=form, mail_is_configured=settings().mail is not None)
