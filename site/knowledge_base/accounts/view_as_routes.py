"""The pages of viewing the site as another reader: choosing one, and stopping."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import real_viewer, requires, signed_in
from knowledge_base.access.view_as import LASTS, ROLES, End, choices_for
from knowledge_base.accounts.destination import HOME, safe_destination
from knowledge_base.accounts.errors import ViewAsRefusedError
from knowledge_base.accounts.view_as_forms import ViewAsForm
from knowledge_base.accounts.view_as_guards import begin_viewing, known_audiences, stop_viewing

blueprint = Blueprint("view_as", __name__)


@blueprint.get("/view-as")
@requires(*ROLES)
def show() -> ResponseReturnValue:
    """Ask whom to view the site as."""
    return _page(_form())


@blueprint.post("/view-as")
@requires(*ROLES)
def submit() -> ResponseReturnValue:
    """Show the site as that reader gets it, from the page that the person came from."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    try:
        begin_viewing(form.choice)
    except ViewAsRefusedError as error:
        form.reader.errors = [str(error)]
        return _page(form), 422
    return redirect(safe_destination(form.next.data), 303)


@blueprint.post("/view-as/stop")
@signed_in
def stop() -> ResponseReturnValue:
    """Show the person their own site again, at the same page."""
    stop_viewing(End.CHOSEN)
    return redirect(safe_destination(request.form.get("next")), 303)


def _form() -> ViewAsForm:
    audiences = known_audiences()
    start_at = safe_destination(request.args.get("next", HOME))
    return ViewAsForm(choices_for(real_viewer(), audiences=audiences), audiences, start_at=start_at)


def _page(form: ViewAsForm) -> str:
    return render_template("accounts/view_as.html", form=form, minutes=int(LASTS.total_seconds()) // 60)
