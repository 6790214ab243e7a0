"""The pages on which administrators shut people out, let them in again, and help those who cannot sign in."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import requires
from knowledge_base.accounts import administration, letters, notices, people_search
from knowledge_base.accounts.errors import AccountDisabledError, NoSuchSessionError, ProvidedElsewhereError
from knowledge_base.accounts.guards import accounts, recently_authenticated, settings
from knowledge_base.accounts.letters import Delivery
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.people_forms import DeliveryForm
from knowledge_base.accounts.people_guards import ADMINISTRATOR, actor
from knowledge_base.db import utc_now

blueprint = Blueprint("access", __name__)


@dataclass(frozen=True)
class Question:
    """What an administrator is asked before something is done to a person that cannot be taken for something else."""

    title: str
    text: str
    button: str
    is_warning: bool = True


@blueprint.get("/people/<int:account_id>/disable")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_disabling(account_id: int) -> ResponseReturnValue:
    """Ask whether a person is to be shut out."""
    text = (
        "They are signed out everywhere at once and cannot sign in. A link that was sent to them stops working, and so "
        "do links that they made for others. Their name stays on what they did. You can undo this."
    )
    return _ask(_person(account_id), Question("Disable this account", text, "Disable the account"))


@blueprint.post("/people/<int:account_id>/disable")
@recently_authenticated
@requires(ADMINISTRATOR)
def disable(account_id: int) -> ResponseReturnValue:
    """Shut a person out."""
    administration.disable(accounts(), account_id, actor=actor(), now=utc_now())
    return _back_to(account_id, "The account has been disabled.")


@blueprint.get("/people/<int:account_id>/enable")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_enabling(account_id: int) -> ResponseReturnValue:
    """Ask whether a person is to be let in again."""
    person = _person(account_id)
    text = (
        "They have the same groups and roles as before. Their old password has been forgotten: send them a link to "
        "choose another."
        if person.is_local
        else "They can sign in again through single sign-on, with the groups and roles that they have there."
    )
    return _ask(person, Question("Enable this account", text, "Enable the account", is_warning=False))


@blueprint.post("/people/<int:account_id>/enable")
@recently_authenticated
@requires(ADMINISTRATOR)
def enable(account_id: int) -> ResponseReturnValue:
    """Let a person in again."""
    administration.enable(accounts(), account_id, actor=actor(), now=utc_now())
    return _back_to(account_id, "The account has been enabled.")


@blueprint.get("/people/<int:account_id>/second-factor/remove")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_second_factor(account_id: int) -> ResponseReturnValue:
    """Ask whether a person's second factor is to be removed."""
    text = (
        "Do this when they have lost both their phone and their recovery codes. First make sure that it is they who "
        "ask: ring them on a number that you know. They are signed out everywhere. If their role needs a second "
        "factor, they set up another when they sign in next."
    )
    return _ask(_person(account_id), Question("Remove the second factor", text, "Remove the second factor"))


@blueprint.post("/people/<int:account_id>/second-factor/remove")
@recently_authenticated
@requires(ADMINISTRATOR)
def remove_second_factor(account_id: int) -> ResponseReturnValue:
    """Take a person's second factor away."""
    administration.remove_second_factor(accounts(), account_id, actor=actor(), now=utc_now())
    notices.tell(settings(), _person(account_id), Notice.SECOND_FACTOR_REMOVED)
    return _back_to(account_id, "The second factor has been removed.")


@blueprint.get("/people/<int:account_id>/password")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_reset(account_id: int) -> ResponseReturnValue:
    """Ask how a person is to get a link for a new password."""
    return _reset_page(DeliveryForm(with_mail=settings().mail is not None), _with_password(account_id))


@blueprint.post("/people/<int:account_id>/password")
@recently_authenticated
@requires(ADMINISTRATOR)
def submit_reset(account_id: int) -> ResponseReturnValue:
    """Make a link for a new password, and send it or show it once."""
    person = _with_password(account_id)
    form = DeliveryForm(with_mail=settings().mail is not None)
    if not form.validate():
        return _reset_page(form, person), 422
    link = administration.make_reset_link(accounts(), account_id, actor=actor(), now=utc_now())
    delivery = letters.send_reset(settings(), link) if form.by_mail else Delivery.NOT_CONFIGURED
    return render_template(
        "accounts/people_link.html",
        link=link,
        address=letters.address_of(settings(), link),
        delivery=delivery.name,
        is_reset=True,
        back=url_for("accounts.people.show", account_id=account_id),
    )


@blueprint.post("/people/<int:account_id>/sessions/<int:session_id>/end")
@recently_authenticated
@requires(ADMINISTRATOR)
def end_session(account_id: int, session_id: int) -> ResponseReturnValue:
    """Sign a person out of one browser."""
    try:
        administration.end_session(accounts(), account_id, session_id, actor=actor(), now=utc_now())
    except NoSuchSessionError as error:
        return _back_to(account_id, f"{error}.")
    return _back_to(account_id, "The browser has been signed out.")


@blueprint.post("/people/<int:account_id>/sessions/end-all")
@recently_authenticated
@requires(ADMINISTRATOR)
def end_all_sessions(account_id: int) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    administration.end_all_sessions(accounts(), account_id, actor=actor(), now=utc_now())
    return _back_to(account_id, "All browsers have been signed out.")


def _person(account_id: int) -> Person:
    return people_search.find_person(accounts(), account_id, now=utc_now()).person


def _with_password(account_id: int) -> Person:
    """Return the person, or refuse where a new password would let nobody in."""
    person = _person(account_id)
    if not person.is_local:
        raise ProvidedElsewhereError
    if person.disabled_at:
        raise AccountDisabledError(person.email)
    return person


def _back_to(account_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("accounts.people.show", account_id=account_id))


def _ask(person: Person, question: Question) -> str:
    return render_template("accounts/people_question.html", person=person, question=question)


def _reset_page(form: DeliveryForm, person: Person) -> str:
    return render_template("accounts/people_password.html", form=form, person=person)
