"""The pages on which administrators invite people, and send an invitation again or withdraw it."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import requires
from knowledge_base.accounts import invitations, letters, meanings
from knowledge_base.accounts.errors import AccountExistsError, ProvidedElsewhereError
from knowledge_base.accounts.guards import accounts, recently_authenticated, settings
from knowledge_base.accounts.letters import Delivery
from knowledge_base.accounts.links import NewLink
from knowledge_base.accounts.people import check_profile
from knowledge_base.accounts.people_forms import DeliveryForm, InviteForm
from knowledge_base.accounts.people_guards import ADMINISTRATOR, actor, explained_groups
from knowledge_base.db import utc_now

blueprint = Blueprint("invitations", __name__)


@blueprint.get("/people/invite")
@recently_authenticated
@requires(ADMINISTRATOR)
def show_new() -> ResponseReturnValue:
    """Ask who is to have an account."""
    return _new_page(_new_form())


@blueprint.post("/people/invite")
@recently_authenticated
@requires(ADMINISTRATOR)
def submit_new() -> ResponseReturnValue:
    """Invite a person, and send them the link or show it once."""
    form = _new_form()
    if not form.validate():
        return _new_page(form), 422
    profile = check_profile(
        email=form.email.data or "",
        name=form.name.data or "",
        groups=form.groups.data or (),
        roles=form.roles.data or (),
    )
    try:
        link = invitations.invite(accounts(), profile, actor=actor(), now=utc_now())
    except (AccountExistsError, ProvidedElsewhereError) as error:
        form.email.errors = [str(error)]
        return _new_page(form), 422
    return _link_page(link, by_mail=form.by_mail)


@blueprint.get("/people/invitations/<int:invitation_id>")
@requires(ADMINISTRATOR)
def show(invitation_id: int) -> ResponseReturnValue:
    """Show what an invitation offers, with what can be done with it."""
    invitation = invitations.find_invitation(accounts(), invitation_id)
    explained = explained_groups(also=invitation.groups)
    return render_template(
        "accounts/people_invitation.html",
        invitation=invitation,
        groups=[group for group in explained if group.name in invitation.groups],
        roles=[role for role in meanings.ROLES if role.name in invitation.roles],
        is_out_of_date=invitation.expires_at <= utc_now(),
        form=_delivery_form(),
    )


@blueprint.post("/people/invitations/<int:invitation_id>/send")
@recently_authenticated
@requires(ADMINISTRATOR)
def send_again(invitation_id: int) -> ResponseReturnValue:
    """Make another link for the invitation, and send it or show it once."""
    form = _delivery_form()
    if not form.validate():
        return redirect(url_for("accounts.people.invitations.show", invitation_id=invitation_id))
    link = invitations.send_again(accounts(), invitation_id, actor=actor(), now=utc_now())
    return _link_page(link, by_mail=form.by_mail)


@blueprint.post("/people/invitations/<int:invitation_id>/withdraw")
@recently_authenticated
@requires(ADMINISTRATOR)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Make the invitation's link stop working."""
    invitation = invitations.withdraw(accounts(), invitation_id, actor=actor(), now=utc_now())
    flash(f"The invitation for {invitation.name} has been withdrawn.")
    return redirect(url_for("accounts.people.show_all"))


def _new_form() -> InviteForm:
    """Return the form, or stop where people come through single sign-on only."""
    if not accounts().local_accounts:
        abort(404)
    return InviteForm(explained_groups(), with_mail=settings().mail is not None)


def _delivery_form() -> DeliveryForm:
    return DeliveryForm(with_mail=settings().mail is not None)


def _new_page(form: InviteForm) -> str:
    return render_template("accounts/people_invite.html", form=form)


def _link_page(link: NewLink, *, by_mail: bool) -> str:
    delivery = letters.send_invitation(settings(), link) if by_mail else Delivery.NOT_CONFIGURED
    return render_template(
        "accounts/people_link.html",
        link=link,
        address=letters.address_of(settings(), link),
        delivery=delivery.name,
        is_reset=False,
        back=url_for("accounts.people.show_all"),
    )
