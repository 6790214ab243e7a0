"""The page that asks a signed-in person once more who they are, before a sensitive change."""

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import signed_in
from knowledge_base.accounts import notices, reauthentication
from knowledge_base.accounts.destination import safe_destination
from knowledge_base.accounts.errors import (
    CodeRefusedError,
    CodeUsedError,
    KeyLostError,
    TooManyAttemptsError,
    WrongPasswordError,
)
from knowledge_base.accounts.guards import accounts, address, current_session, settings
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.reauthentication import Proof
from knowledge_base.accounts.sign_in_forms import ConfirmForm
from knowledge_base.db import utc_now

# Single sign-on puts a function here: it takes the page to come back to and sends the person to the provider.
HOOK = "confirm_with_provider"

blueprint = Blueprint("confirm", __name__)


@blueprint.get("/account/confirm")
@signed_in
def show() -> ResponseReturnValue:
    """Ask for the password, and the code where there is a second factor; or have the sign-in provider ask."""
    if not current_session().person.is_local and (hook := current_app.extensions.get(HOOK)):
        answer: ResponseReturnValue = hook(safe_destination(request.args.get("next")))
        return answer
    return _page(_form())


@blueprint.post("/account/confirm")
@signed_in
def submit() -> ResponseReturnValue:
    """Note that the person has shown who they are, and go back to where they were."""
    current = current_session()
    form = _form()
    if not current.person.is_local or not form.validate():
        return _page(form), 422
    proof = Proof(form.password.data or "", form.typed_code, address())
    try:
        reauthentication.confirm(accounts(), current, proof, now=utc_now())
    except (CodeRefusedError, KeyLostError) as error:
        if isinstance(error, CodeUsedError):
            notices.tell(settings(), current.person, Notice.CODE_USED_AGAIN)
        form.code.errors = [str(error)]
        return _page(form), 401
    except (WrongPasswordError, TooManyAttemptsError) as error:
        form.password.errors = [str(error)]
        return _page(form), 429 if isinstance(error, TooManyAttemptsError) else 401
    return redirect(safe_destination(form.next.data), 303)


def _form() -> ConfirmForm:
    with_code = reauthentication.asks_for_code(accounts(), current_session().person.account_id)
    return ConfirmForm(with_code=with_code, destination=request.args.get("next"))


def _page(form: ConfirmForm) -> str:
    return render_template("accounts/confirm.html", form=form, person=current_session().person)
