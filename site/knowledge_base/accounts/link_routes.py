"""The pages behind a one-time link: making one's account, or choosing another password."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import public
from knowledge_base.accounts import links, notices
from knowledge_base.accounts.errors import AccountExistsError
from knowledge_base.accounts.forms import SetUpAccountForm
from knowledge_base.accounts.guards import ACCOUNT_PAGE, accounts, arrival, settings, site_name, take_step
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.people import check_profile
from knowledge_base.accounts.sign_in_routes import STALE
from knowledge_base.db import utc_now

blueprint = Blueprint("links", __name__)


@blueprint.get("/account/set-up/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Ask the person who was sent the link for a password and what else is needed. That does not use the link up."""
    return _set_up_page(_form(token))


@blueprint.post("/account/set-up/<token>")
@public
def submit(token: str) -> ResponseReturnValue:
    """Make the account that the link offers, or change its password, and go on as after a right password."""
    form = _form(token)
    if not form.validate():
        return _set_up_page(form), 422
    said = links.Acceptance(
        profile=check_profile(email=form.email_address, name=form.full_name),
        password=form.password.data or "",
        site_name=form.site_name,
    )
    try:
        step = links.accept_link(accounts(), token, said, arrival(ACCOUNT_PAGE), now=utc_now())
    except AccountExistsError as error:
        form.email.errors = [str(error)]
        return _set_up_page(form), 422
    if form.offer.is_reset:
        notices.tell(settings(), step.person, Notice.PASSWORD_CHANGED)
    return take_step(step)


def explain_stale(token: str) -> ResponseReturnValue:
    """Give the form back that came without a good token. Raises LinkRefusedError."""
    form = _form(token)
    form.password.errors = [STALE]
    return _set_up_page(form), 400


def _form(token: str) -> SetUpAccountForm:
    return SetUpAccountForm(links.look_up_link(accounts(), token, now=utc_now()), site_name=site_name())


def _set_up_page(form: SetUpAccountForm) -> str:
    return render_template("accounts/set_up.html", form=form)
