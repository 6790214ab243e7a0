"""The pages on which a signed-in person sets up, replaces or removes their second factor, and has recovery codes."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import signed_in
from knowledge_base.accounts import notices, own_account, reauthentication, recovery_codes, second_factor
from knowledge_base.accounts.errors import CodeRefusedError, SecondFactorRequiredError, TooManyAttemptsError
from knowledge_base.accounts.guards import (
    ACCOUNT_PAGE,
    accounts,
    address,
    current_session,
    recently_authenticated,
    settings,
    site_name,
)
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.second_factor import OfferedKey
from knowledge_base.accounts.second_step_routes import SVG
from knowledge_base.accounts.sessions import CurrentSession
from knowledge_base.accounts.sign_in_forms import CodeForm
from knowledge_base.db import utc_now

FILE_NAME = "recovery-codes.txt"

blueprint = Blueprint("second_factor", __name__)


@blueprint.get("/account/second-factor")
@recently_authenticated
@signed_in
def show() -> ResponseReturnValue:
    """Show how to set up a second factor, or another one in place of it."""
    return _set_up_page(CodeForm())


@blueprint.get("/account/second-factor.svg")
@recently_authenticated
@signed_in
def show_picture() -> ResponseReturnValue:
    """Give the QR code of the key, which is stored nowhere."""
    return Response(_offered().picture(), mimetype=SVG)


@blueprint.post("/account/second-factor")
@recently_authenticated
@signed_in
def submit() -> ResponseReturnValue:
    """Set up the second factor whose first code was typed, and show its recovery codes, once."""
    form = CodeForm()
    if not form.validate():
        return _set_up_page(form), 422
    try:
        codes = own_account.set_up_second_factor(
            accounts(), _local(), form.code.data or "", address=address(), now=utc_now()
        )
    except (CodeRefusedError, TooManyAttemptsError) as error:
        form.refuse(error)
        return _set_up_page(form), 422
    notices.tell(settings(), _local().person, Notice.SECOND_FACTOR_SET_UP)
    return _codes_page(codes)


@blueprint.get("/account/second-factor/remove")
@recently_authenticated
@signed_in
def show_removal() -> ResponseReturnValue:
    """Ask whether the person wants to be without a second factor."""
    return render_template("accounts/second_factor_removal.html", person=_local().person)


@blueprint.post("/account/second-factor/remove")
@recently_authenticated
@signed_in
def submit_removal() -> ResponseReturnValue:
    """Take the second factor away, for people whose roles do not ask for one."""
    current = _local()
    try:
        second_factor.remove_own_second_factor(
            accounts(), current.person.account_id, kept=current.session_id, now=utc_now()
        )
    except SecondFactorRequiredError:
        return render_template("accounts/second_factor_removal.html", person=current.person), 422
    notices.tell(settings(), current.person, Notice.SECOND_FACTOR_REMOVED)
    return redirect(url_for("accounts.own.show"))


@blueprint.get("/account/recovery-codes")
@recently_authenticated
@signed_in
def show_new_codes() -> ResponseReturnValue:
    """Ask whether the person wants new recovery codes."""
    account_id = _with_second_factor().person.account_id
    return render_template("accounts/new_codes.html", codes_left=recovery_codes.count_left(accounts(), account_id))


@blueprint.post("/account/recovery-codes")
@recently_authenticated
@signed_in
def submit_new_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    person = _with_second_factor().person
    codes = recovery_codes.replace_codes(accounts(), person.account_id, now=utc_now())
    notices.tell(settings(), person, Notice.RECOVERY_CODES_MADE)
    return _codes_page(codes)


@blueprint.post("/account/recovery-codes.txt")
@signed_in
def download_codes() -> ResponseReturnValue:
    """Give back as a file the codes that the page shows. The site does not keep them, so the page sends them."""
    codes = request.form.getlist("code")
    if not recovery_codes.are_codes_of(accounts(), current_session().person.account_id, codes):
        abort(400)
    text = f"Recovery codes for {site_name()}\r\nEach works once.\r\n\r\n" + "\r\n".join(codes) + "\r\n"
    file = Response(text, mimetype="text/plain")
    file.headers["Content-Disposition"] = f"attachment; filename={FILE_NAME}"
    return file


def _local() -> CurrentSession:
    """Return the session, or stop where a sign-in provider looks after the second factor."""
    current = current_session()
    if not current.person.is_local:
        abort(404)
    return current


def _with_second_factor() -> CurrentSession:
    current = _local()
    if not reauthentication.asks_for_code(accounts(), current.person.account_id):
        abort(404)
    return current


def _offered() -> OfferedKey:
    return own_account.offer_key_to_signed_in(accounts(), _local(), site_name=site_name())


def _set_up_page(form: CodeForm) -> str:
    return render_template(
        "accounts/second_factor.html",
        form=form,
        offered=_offered(),
        picture=url_for("accounts.second_factor.show_picture"),
        is_required=False,
    )


def _codes_page(codes: tuple[str, ...]) -> str:
    return render_template("accounts/recovery_codes.html", codes=codes, go_on_to=ACCOUNT_PAGE)
