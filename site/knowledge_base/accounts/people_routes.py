"""The pages about people, for administrators: finding somebody, seeing all about them, changing what they may do."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import requires
from knowledge_base.accounts import (
    administration,
    invitation_routes,
    meanings,
    people_access_routes,
    people_import_routes,
    people_search,
)
from knowledge_base.accounts.errors import (
    AccountDisabledError,
    AccountGoneError,
    AccountsError,
    InvitationGoneError,
    LastAdministratorError,
    NotAdministratorError,
    OwnAccountError,
)
from knowledge_base.accounts.guards import accounts, recently_authenticated, settings
from knowledge_base.accounts.models import Role
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.people_forms import FilterForm, GroupsForm, NameForm, RolesForm
from knowledge_base.accounts.people_guards import ADMINISTRATOR, actor, explained_groups, is_own
from knowledge_base.accounts.people_search import PeoplePage
from knowledge_base.db import utc_now
from knowledge_base.web.pagination import pagination

blueprint = Blueprint("people", __name__)
for pages in (people_access_routes, invitation_routes, people_import_routes):
    blueprint.register_blueprint(pages.blueprint)


@blueprint.get("/people")
@requires(ADMINISTRATOR)
def show_all() -> ResponseReturnValue:
    """Show everyone who has an account or is invited, or those who are looked for."""
    form = FilterForm(explained_groups())
    number = request.args.get("page", default=1, type=int)
    page = people_search.find_people(accounts(), form.wanted, page=number, now=utc_now())
    return render_template(
        "accounts/people.html",
        form=form,
        page=page,
        pagination=_pagination(form, page),
        title_of_role=meanings.title_of_role,
        takes_local_accounts=accounts().local_accounts,
    )


@blueprint.get("/people/<int:account_id>")
@requires(ADMINISTRATOR)
def show(account_id: int) -> ResponseReturnValue:
    """Show all about one person, with what may be changed."""
    found = people_search.find_person(accounts(), account_id, now=utc_now())
    groups = explained_groups(also=found.person.groups)
    return render_template(
        "accounts/people_person.html",
        found=found,
        person=found.person,
        groups=[group for group in groups if group.name in found.person.groups],
        roles=[role for role in meanings.ROLES if role.name in found.person.roles],
        months=settings().audit_months,
        is_own=is_own(account_id),
    )


@blueprint.get("/people/<int:account_id>/name")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_name(account_id: int) -> ResponseReturnValue:
    """Ask for another name."""
    person = _person(account_id)
    return _form_page(NameForm(person), person, "name")


@blueprint.post("/people/<int:account_id>/name")
@recently_authenticated
@requires(ADMINISTRATOR)
def submit_name(account_id: int) -> ResponseReturnValue:
    """Give a person another name."""
    person = _person(account_id)
    form = NameForm(person)
    if not form.validate():
        return _form_page(form, person, "name"), 422
    administration.change_name(accounts(), account_id, form.name.data or "", actor=actor(), now=utc_now())
    flash("The name has been changed.")
    return redirect(url_for("accounts.people.show", account_id=account_id))


@blueprint.get("/people/<int:account_id>/groups")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_groups(account_id: int) -> ResponseReturnValue:
    """Ask which groups a person is to be in."""
    person = _person(account_id)
    return _form_page(GroupsForm(person, explained_groups(also=person.groups)), person, "groups")


@blueprint.post("/people/<int:account_id>/groups")
@recently_authenticated
@requires(ADMINISTRATOR)
def submit_groups(account_id: int) -> ResponseReturnValue:
    """Put a person into the groups that were chosen."""
    person = _person(account_id)
    form = GroupsForm(person, explained_groups(also=person.groups))
    if not form.validate():
        return _form_page(form, person, "groups"), 422
    try:
        administration.change_groups(accounts(), account_id, form.groups.data or (), actor=actor(), now=utc_now())
    except OwnAccountError as error:
        form.groups.errors = [str(error)]
        return _form_page(form, person, "groups"), 422
    flash("The groups have been changed.")
    return redirect(url_for("accounts.people.show", account_id=account_id))


@blueprint.get("/people/<int:account_id>/roles")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_roles(account_id: int) -> ResponseReturnValue:
    """Ask which roles a person is to have."""
    person = _person(account_id)
    return _form_page(RolesForm(person), person, "roles")


@blueprint.post("/people/<int:account_id>/roles")
@recently_authenticated
@requires(ADMINISTRATOR)
def submit_roles(account_id: int) -> ResponseReturnValue:
    """Give a person the roles that were chosen."""
    person = _person(account_id)
    form = RolesForm(person)
    if not form.validate():
        return _form_page(form, person, "roles"), 422
    try:
        changed = administration.change_roles(
            accounts(), account_id, form.roles.data or (), actor=actor(), now=utc_now()
        )
    except LastAdministratorError as error:
        form.roles.errors = [str(error)]
        return _form_page(form, person, "roles"), 422
    if is_own(account_id) and Role.ADMIN not in changed.roles:
        return redirect(url_for("accounts.own.show"))
    flash("The roles have been changed.")
    return redirect(url_for("accounts.people.show", account_id=account_id))


@blueprint.errorhandler(AccountsError)
def explain_refusal(error: AccountsError) -> ResponseReturnValue:
    """Say why something could not be done that no field of a form is to blame for."""
    if isinstance(error, AccountDisabledError):
        return render_template("accounts/people_refused.html", message="This account is disabled. Enable it first"), 409
    is_gone = isinstance(error, AccountGoneError | InvitationGoneError | NotAdministratorError)
    return render_template("accounts/people_refused.html", message=str(error)), 404 if is_gone else 409


def _person(account_id: int) -> Person:
    return people_search.find_person(accounts(), account_id, now=utc_now()).person


def _form_page(form: NameForm | GroupsForm | RolesForm, person: Person, what: str) -> str:
    own = is_own(person.account_id)
    # Nobody puts themselves into a group. What they are in they may leave.
    closed = form.names("groups") - {*person.groups} if own and isinstance(form, GroupsForm) else frozenset()
    return render_template(
        "accounts/people_change.html", form=form, person=person, what=what, is_own=own, closed=closed
    )


def _pagination(form: FilterForm, page: PeoplePage) -> dict[str, object]:
    return pagination(
        lambda number: url_for("accounts.people.show_all", **form.query, page=number),
        number=page.number,
        last=page.last_number,
        label="Pages of people",
    )
