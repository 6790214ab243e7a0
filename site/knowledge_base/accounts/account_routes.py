"""The page of one's own account: what the site knows, where one is signed in, and another password."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, signed_in
from knowledge_base.accounts import meanings, notices, own_account, reauthentication, recovery_codes, sessions
from knowledge_base.accounts.errors import TooManyAttemptsError, WrongPasswordError
from knowledge_base.accounts.forms import ChangePasswordForm
from knowledge_base.accounts.guards import (
    accounts,
    arrival,
    current_session,
    let_in,
    recently_authenticated,
    settings,
    site_name,
)
from knowledge_base.accounts.meanings import Meaning
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.sessions import CurrentSession
from knowledge_base.accounts.view_as_guards import known_audiences
from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now

blueprint = Blueprint("own", __name__)


@blueprint.get("/account")
@signed_in
def show() -> ResponseReturnValue:
    """Show people what the site knows about them, and where they are signed in."""
    current = current_session()
    account_id = current.person.account_id
    return render_template(
        "accounts/account.html",
        person=current.person,
        groups=_groups(current.person),
        roles=[role for role in meanings.ROLES if role.name in current.person.roles],
        present=current.session_id,
        sessions=sessions.list_sessions(accounts(), account_id, now=utc_now()),
        has_second_factor=reauthentication.asks_for_code(accounts(), account_id),
        codes_left=recovery_codes.count_left(accounts(), account_id),
    )


def _groups(person: Person) -> tuple[Meaning, ...]:
    """Return the person's groups, and what each opens: unless they view the site as somebody who must not know."""
    if current_viewer().viewing_as:
        return tuple(Meaning(group, group, "") for group in person.groups)
    return meanings.explain_groups(known_audiences(), frozenset(person.groups))


@blueprint.post("/account/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign one of the person's browsers out."""
    person = current_session().person
    sessions.end_session(accounts(), session_id, of=person.account_id, actor=Actor.of(person.viewer), now=utc_now())
    return redirect(url_for("accounts.own.show"))


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """Sign the person out everywhere but in this browser."""
    current = current_session()
    sessions.end_other_sessions(
        accounts(),
        current.person.account_id,
        kept=current.session_id,
        actor=Actor.of(current.person.viewer),
        now=utc_now(),
    )
    return redirect(url_for("accounts.own.show"))


@blueprint.get("/account/password")
@recently_authenticated
@signed_in
def show_password() -> ResponseReturnValue:
    """Ask for the present password and the one that is to come."""
    return _password_page(ChangePasswordForm(_local(current_session()).person, site_name=site_name()))


@blueprint.post("/account/password")
@recently_authenticated
@signed_in
def submit_password() -> ResponseReturnValue:
    """Give the person another password and sign them out everywhere else."""
    current = _local(current_session())
    form = ChangePasswordForm(current.person, site_name=site_name())
    if not form.validate():
        return _password_page(form), 422
    here = arrival()
    said = own_account.NewPassword(
        form.present.data or "", form.new.data or "", here.address, here.browser, form.site_name
    )
    try:
        token = own_account.change_password(accounts(), current, said, now=utc_now())
    except (WrongPasswordError, TooManyAttemptsError) as error:
        form.present.errors = [str(error)]
        return _password_page(form), 422
    notices.tell(settings(), current.person, Notice.PASSWORD_CHANGED)
    let_in(token)
    return redirect(url_for("accounts.own.show"))


def _local(current: CurrentSession) -> CurrentSession:
    """Return the session, or stop where a sign-in provider keeps the password."""
    if not current.person.is_local:
        abort(404)
    return current


def _password_page(form: ChangePasswordForm) -> str:
    return render_template("accounts/password.html", form=form)
