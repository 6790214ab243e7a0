"""The pages on which administrators bring people in from a file: upload, dry run, confirmation, report."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from knowledge_base.access.guards import requires
from knowledge_base.accounts import csv_file, csv_import, invitations, letters
from knowledge_base.accounts.csv_file import FileRefusedError, PeopleFile
from knowledge_base.accounts.csv_import import PlanChangedError
from knowledge_base.accounts.csv_plan import Plan, Upload
from knowledge_base.accounts.guards import accounts, recently_authenticated, settings
from knowledge_base.accounts.people_forms import ConfirmImportForm, UploadForm
from knowledge_base.accounts.people_guards import ADMINISTRATOR, actor, explained_groups, known_groups
from knowledge_base.db import utc_now

blueprint = Blueprint("imports", __name__)


@blueprint.get("/people/import")
@recently_authenticated
@requires(ADMINISTRATOR)
def show() -> ResponseReturnValue:
    """Ask for a file, and say what it has to look like."""
    return _upload_page(UploadForm())


@blueprint.post("/people/import")
@recently_authenticated
@requires(ADMINISTRATOR)
def upload() -> ResponseReturnValue:
    """Show line by line what the file would do."""
    form = UploadForm()
    if not form.validate():
        return _upload_page(form), 422
    sent = form.file.data
    try:
        file = csv_file.read_file(sent.filename or "", sent.stream.read(csv_file.MOST_BYTES + 1))
    except FileRefusedError as error:
        form.file.errors = [str(error)]
        return _upload_page(form), 422
    plan = csv_import.plan_import(accounts(), Upload(file, known_groups()), actor=actor(), now=utc_now())
    return _plan_page(file, plan)


@blueprint.post("/people/import/confirm")
@recently_authenticated
@requires(ADMINISTRATOR)
def confirm() -> ResponseReturnValue:
    """Do what was shown, or show anew what would happen now."""
    form = ConfirmImportForm()
    try:
        file = csv_file.unpack(form.name.data or "", form.packed.data or "")
    except FileRefusedError as error:
        return _refuse(str(error)), 422
    wanted = Upload(file, known_groups())
    try:
        done = csv_import.run_import(accounts(), wanted, form.digest.data or "", actor=actor(), now=utc_now())
    except PlanChangedError as error:
        return _plan_page(file, error.plan, message=str(error)), 409
    sent = invitations.send_all(settings(), done.links)
    outcomes = [(link, letters.address_of(settings(), link), delivery.name) for link, delivery in sent]
    return render_template("accounts/people_import_done.html", plan=done.plan, file=file, outcomes=outcomes)


@blueprint.errorhandler(RequestEntityTooLarge)
def explain_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say of a file that is not even looked at what is wrong with it."""
    return _refuse("The file must be smaller than 1 MB"), 413


def _refuse(message: str) -> str:
    """Return the empty form with what is wrong with the file that was sent."""
    form = UploadForm(formdata=None)
    form.file.errors = [message]
    return _upload_page(form)


def _upload_page(form: UploadForm) -> str:
    return render_template(
        "accounts/people_import.html", form=form, groups=explained_groups(), most_lines=csv_file.MOST_LINES
    )


def _plan_page(file: PeopleFile, plan: Plan, *, message: str = "") -> str:
    form = ConfirmImportForm(name=file.name, packed=file.pack(), digest=plan.digest)
    return render_template("accounts/people_import_plan.html", file=file, plan=plan, form=form, message=message)
