"""The record's page for administrators, and the same as CSV."""

from dataclasses import replace

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.audit import reading
from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.errors import RecordUnreadableError
from knowledge_base.audit.events import Actor, Event, Kind, rows_in_words
from knowledge_base.audit.export import csv_lines
from knowledge_base.audit.forms import FilterForm
from knowledge_base.audit.guards import chain_keys
from knowledge_base.audit.log import record
from knowledge_base.audit.retention import Housekeeping, expiry_of
from knowledge_base.db import london_today, utc_now
from knowledge_base.web import current
from knowledge_base.web.pagination import pagination

ADMINISTRATOR = "admin"
# The blueprint of what only machines ask.
MONITORS = "operations"

blueprint = Blueprint("audit", __name__)


def set_up_record(app: Flask) -> None:
    """Give the application the keys of the record, and let it delete what is past its time."""
    settings = app.extensions["settings"]
    keys = ChainKeys.derive(settings.secret_key, settings.old_secret_keys)
    app.extensions["chain_keys"] = keys
    app.extensions["audit_housekeeping"] = Housekeeping(app.extensions["database"], keys, months=settings.audit_months)


@blueprint.get("/audit")
@requires(ADMINISTRATOR)
def show_record() -> ResponseReturnValue:
    """Show what was done, the newest first."""
    form = FilterForm()
    is_valid = form.validate()
    months = current.settings().audit_months
    with current.database().read() as session:
        wanted = form.filters if is_valid else reading.Filters()
        page = reading.find_entries(session, wanted, page=request.args.get("page", default=1, type=int))
        oldest = reading.find_oldest(session)
        check = reading.find_last_check(session)
    return render_template(
        "audit/record.html",
        form=form,
        page=page if is_valid else None,
        pagination=_pagination(form, page),
        months=months,
        oldest=oldest,
        oldest_expires=expiry_of(oldest.in_london, months=months) if oldest else None,
        check=check,
        is_whole=check is not None and check.kind == Kind.RECORD_CHECKED,
    ), 200 if is_valid else 422


@blueprint.get("/audit.csv")
@requires(ADMINISTRATOR)
def export_record() -> ResponseReturnValue:
    """Send what the filters leave as CSV. That it was sent is recorded first."""
    form = FilterForm()
    if not form.validate():
        return redirect(url_for("audit.show_record", **form.query), 303)
    filters = form.filters
    if request.method == "GET":
        with current.database().write() as session:
            filters = replace(filters, up_to=reading.last_number(session))
            rows = rows_in_words(reading.count_entries(session, filters))
            details = {"rows": rows, "filters": form.in_words}
            event = Event(Kind.RECORD_EXPORTED, Actor.of(current_viewer()), details=details)
            record(session, event, keys=chain_keys(), now=utc_now())
    lines = csv_lines(reading.export_entries(current.database(), filters))
    name = f"audit-{london_today().isoformat()}.csv"
    return Response(
        lines,
        content_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@blueprint.errorhandler(RecordUnreadableError)
def explain_unreadable(error: RecordUnreadableError) -> ResponseReturnValue:
    """Say that somebody must have changed the record, and how to find where."""
    current_app.logger.error("The record cannot be shown: %s", error.__cause__)
    return render_template("audit/unreadable.html"), 500


@blueprint.after_app_request
def delete_what_is_past_its_time(response: Response) -> Response:
    """Look now and then for what the rule says to delete. Who needs no database does not wait for one.

    Nobody else comes for a while on a site without people: there the schedule looks.
    """
    if request.blueprint == MONITORS or current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return response
    housekeeping: Housekeeping = current_app.extensions["audit_housekeeping"]
    housekeeping.look(now=utc_now())
    return response


def _pagination(form: FilterForm, page: reading.EntryPage) -> dict[str, object]:
    return pagination(
        lambda number: url_for("audit.show_record", **form.query, page=number),
        number=page.number,
        last=page.last_number,
        label="Pages of the record",
        words=("Newer", "Older"),
    )
