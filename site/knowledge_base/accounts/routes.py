"""The pages of signing in and out, of using a one-time link, and of one's own account."""

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFError
from govuk_frontend_wtf.main import WTFormsHelpers

from knowledge_base.access.guards import current_viewer, public, signed_in
from knowledge_base.access.policy import Viewer
from knowledge_base.accounts import links, sessions, sign_in
from knowledge_base.accounts.destination import HOME, safe_destination
from knowledge_base.accounts.errors import (
    AccountExistsError,
    LinkRefusedError,
    SignInRefusedError,
    TooManyAttemptsError,
)
from knowledge_base.accounts.forms import SetUpAccountForm, SignInForm
from knowledge_base.accounts.people import Person, check_profile
from knowledge_base.db import Database, utc_now
from knowledge_base.settings import Settings

STALE = "Enter a password again: this page had been open for too long, or your browser does not keep cookies"

blueprint = Blueprint("accounts", __name__)


class SignedInUser(UserMixin):  # type: ignore[misc]
    """A signed-in person as Flask-Login wants to have them: known by the session's token, not by the account."""

    def __init__(self, *, token: str, person: Person) -> None:
        self.person = person
        self._token = token

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the signed cookie."""
        return self._token

    @property
    def viewer(self) -> Viewer:
        """The person as the access rules see them."""
        return self.person.viewer


def set_up_sign_in(app: Flask) -> None:
    """Let the application know who asks: whoever holds the token of a session that is still going."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=settings.behind_tls
    )
    manager = LoginManager(app, add_context_processor=False)
    # A phone's address changes as it moves. What ends a session is its row in the database.
    manager.session_protection = None
    WTFormsHelpers(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load_user(token: str) -> SignedInUser | None:
        person = sessions.find_person(_database(), token, now=utc_now())
        return SignedInUser(token=token, person=person) if person else None


@blueprint.get("/login")
@public
def show_sign_in() -> ResponseReturnValue:
    """Show the sign-in page, or go on where the person is signed in already."""
    form = SignInForm(next=request.args.get("next"))
    if current_viewer().is_signed_in:
        return redirect(safe_destination(form.next.data))
    return _sign_in_page(form)


@blueprint.post("/login")
@public
def submit_sign_in() -> ResponseReturnValue:
    """Sign a person in and go on to where they were going."""
    form = SignInForm(next=request.args.get("next"))
    if not form.validate():
        return _sign_in_page(form), 401
    try:
        let_in = sign_in.sign_in(
            _database(),
            sign_in.Credentials(form.email.data or "", form.password.data or "", request.remote_addr or "unknown"),
            secret_key=_settings().secret_key,
            now=utc_now(),
        )
    except SignInRefusedError as error:
        form.email.errors = [str(error)]
        return _sign_in_page(form), 401
    except TooManyAttemptsError as error:
        form.email.errors = [str(error)]
        return _sign_in_page(form), 429, {"Retry-After": str(error.seconds)}
    _renew_session(let_in)
    return redirect(safe_destination(form.next.data))


@blueprint.post("/logout")
@public
def sign_out() -> ResponseReturnValue:
    """End the session, also for a copy of its cookie, and go to the home page."""
    _end_session()
    return redirect(HOME)


@blueprint.get("/account/set-up/<token>")
@public
def show_set_up(token: str) -> ResponseReturnValue:
    """Ask the person who was sent the link for a password and what else is needed. That does not use the link up."""
    return _set_up_page(_set_up_form(token))


@blueprint.post("/account/set-up/<token>")
@public
def submit_set_up(token: str) -> ResponseReturnValue:
    """Make the account that the link offers, or change its password, and let the person in."""
    form = _set_up_form(token)
    if not form.validate():
        return _set_up_page(form), 422
    said = links.Acceptance(
        profile=check_profile(email=form.email_address, name=form.full_name),
        password=form.password.data or "",
        address=request.remote_addr or "unknown",
    )
    try:
        let_in = links.accept_link(_database(), token, said, secret_key=_settings().secret_key, now=utc_now())
    except AccountExistsError as error:
        form.email.errors = [str(error)]
        return _set_up_page(form), 422
    _renew_session(let_in)
    return redirect(url_for("accounts.show_account"))


@blueprint.get("/account")
@signed_in
def show_account() -> ResponseReturnValue:
    """Show people what the site knows about them."""
    return render_template("accounts/account.html", person=current_user.person)


@blueprint.errorhandler(LinkRefusedError)
def explain_refused_link(_error: LinkRefusedError) -> ResponseReturnValue:
    """Say what to do about a link that does not work, whatever the reason."""
    return render_template("accounts/link_refused.html"), 404


@blueprint.errorhandler(CSRFError)
def explain_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """Give a form back that came without a good token, with all but the password still in it."""
    if request.endpoint == "accounts.submit_sign_in":
        form = SignInForm(next=request.args.get("next"))
        form.password.errors = [STALE]
        return _sign_in_page(form), 400
    if request.endpoint == "accounts.submit_set_up":
        try:
            set_up_form = _set_up_form(str((request.view_args or {})["token"]))
        except LinkRefusedError as error:
            return explain_refused_link(error)
        set_up_form.password.errors = [STALE]
        return _set_up_page(set_up_form), 400
    return render_template("accounts/sign_out_again.html"), 400


@blueprint.after_request
def forbid_storing(response: Response) -> Response:
    """Keep these pages out of every cache: they hold tokens, and who somebody is."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _sign_in_page(form: SignInForm) -> str:
    return render_template("accounts/sign_in.html", form=form)


def _set_up_form(token: str) -> SetUpAccountForm:
    return SetUpAccountForm(links.look_up_link(_database(), token, now=utc_now()))


def _set_up_page(form: SetUpAccountForm) -> str:
    return render_template("accounts/set_up.html", form=form)


def _renew_session(let_in: sign_in.SignedIn) -> None:
    # The cookie's content goes too, so that nothing planted before signing in is worth anything after.
    _end_session()
    login_user(SignedInUser(token=let_in.token, person=let_in.person))


def _end_session() -> None:
    if current_viewer().is_signed_in:
        sessions.end_session(_database(), current_user.get_id(), now=utc_now())
    session.clear()


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
