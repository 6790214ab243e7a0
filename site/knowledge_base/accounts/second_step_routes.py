"""The pages between the password and the session: a code, a recovery code, or setting up the second factor first."""

from flask import Blueprint, Response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import public
from knowledge_base.accounts import notices, second_step
from knowledge_base.accounts.destination import safe_destination
from knowledge_base.accounts.errors import (
    AccountsError,
    CodeRefusedError,
    CodeUsedError,
    KeyLostError,
    RecoveryCodeRefusedError,
    TooManyAttemptsError,
)
from knowledge_base.accounts.guards import WAITING, accounts, arrival, let_in, settings, site_name, take_step
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.second_factor import OfferedKey
from knowledge_base.accounts.second_step import SignedIn, Waiting
from knowledge_base.accounts.sign_in_forms import CodeForm, RecoveryCodeForm
from knowledge_base.db import utc_now

SVG = "image/svg+xml"
REFUSALS = (CodeRefusedError, KeyLostError, RecoveryCodeRefusedError, TooManyAttemptsError)

blueprint = Blueprint("second_step", __name__)


@blueprint.get("/login/code")
@public
def show_code() -> ResponseReturnValue:
    """Ask for the code of the app."""
    if _waiting().must_set_up:
        return redirect(url_for("accounts.second_step.show_set_up"))
    return _code_page(CodeForm())


@blueprint.post("/login/code")
@public
def submit_code() -> ResponseReturnValue:
    """Let the person in whose app shows this code."""
    form = CodeForm()
    if not form.validate():
        return _code_page(form), 422
    try:
        return take_step(
            second_step.finish_with_code(accounts(), _token(), form.code.data or "", arrival(), now=utc_now())
        )
    except REFUSALS as error:
        if isinstance(error, CodeUsedError):
            notices.tell(settings(), _waiting().person, Notice.CODE_USED_AGAIN)
        form.refuse(error)
        return _refused(_code_page(form), error)


@blueprint.get("/login/recovery-code")
@public
def show_recovery_code() -> ResponseReturnValue:
    """Ask somebody without their app for a recovery code."""
    _waiting()
    return _recovery_page(RecoveryCodeForm())


@blueprint.post("/login/recovery-code")
@public
def submit_recovery_code() -> ResponseReturnValue:
    """Let the person in who kept this recovery code."""
    form = RecoveryCodeForm()
    if not form.validate():
        return _recovery_page(form), 422
    typed = form.recovery_code.data or ""
    try:
        done = second_step.finish_with_recovery_code(accounts(), _token(), typed, arrival(), now=utc_now())
    except REFUSALS as error:
        form.recovery_code.errors = [str(error)]
        return _refused(_recovery_page(form), error)
    notices.tell(settings(), done.person, Notice.RECOVERY_CODE_USED)
    return take_step(done)


@blueprint.get("/login/second-factor")
@public
def show_set_up() -> ResponseReturnValue:
    """Show a person whose role needs a second factor how to set it up."""
    if not _waiting().must_set_up:
        return redirect(url_for("accounts.second_step.show_code"))
    return _set_up_page(CodeForm())


@blueprint.get("/login/second-factor.svg")
@public
def show_picture() -> ResponseReturnValue:
    """Give the QR code of the key, which is stored nowhere."""
    return Response(_offered().picture(), mimetype=SVG)


@blueprint.post("/login/second-factor")
@public
def submit_set_up() -> ResponseReturnValue:
    """Let the person in whose app shows the first code, and show their recovery codes, once."""
    form = CodeForm()
    if not form.validate():
        return _set_up_page(form), 422
    try:
        done = second_step.finish_with_set_up(accounts(), _token(), form.code.data or "", arrival(), now=utc_now())
    except REFUSALS as error:
        form.refuse(error)
        return _refused(_set_up_page(form), error)
    notices.tell(settings(), done.person, Notice.SECOND_FACTOR_SET_UP)
    return _show_recovery_codes(done)


def _show_recovery_codes(done: SignedIn) -> str:
    let_in(done.token)
    return render_template(
        "accounts/recovery_codes.html", codes=done.recovery_codes, go_on_to=safe_destination(done.destination)
    )


def _token() -> str:
    return str(session.get(WAITING, ""))


def _waiting() -> Waiting:
    return second_step.look_up_waiting(accounts(), _token(), now=utc_now())


def _offered() -> OfferedKey:
    return second_step.offer_key_to_waiting(accounts(), _token(), site_name=site_name(), now=utc_now())


def _refused(page: str, error: AccountsError) -> ResponseReturnValue:
    if isinstance(error, TooManyAttemptsError):
        return page, 429, {"Retry-After": str(error.seconds)}
    return page, 401


def _code_page(form: CodeForm) -> str:
    return render_template("accounts/code.html", form=form)


def _recovery_page(form: RecoveryCodeForm) -> str:
    return render_template("accounts/recovery_code.html", form=form)


def _set_up_page(form: CodeForm) -> str:
    return render_template(
        "accounts/second_factor.html",
        form=form,
        offered=_offered(),
        picture=url_for("accounts.second_step.show_picture"),
        is_required=True,
    )
