"""Reporting that something is wrong on a page, the list of what was reported, and the list of overdue pages."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.guards import current_viewer, public, requires
from knowledge_base.accounts.guards import accounts, address
from knowledge_base.db import LONDON, utc_now
from knowledge_base.feedback import reports
from knowledge_base.feedback.forms import DoneForm, ReportForm
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.guards import ask_to_sign_in_below_a_gated_folder, edition_and_reader
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.publishing.permission import EDITOR, PUBLISHER
from knowledge_base.web import current

ATTEMPT = "report"
TOO_MANY = "Too much was reported in the last minutes. Your words are still here: send them again later."

blueprint = Blueprint("feedback", __name__)


@blueprint.get("/report")
@public
def ask_what_is_wrong() -> str:
    """Ask what is wrong on a page, whoever may read it."""
    edition, may_read, page = _page()
    form = ReportForm(edition.document(page).headings_for(may_read))
    return render_template("feedback/report.html", page=page, form=form)


@blueprint.post("/report")
@public
def take_in_what_is_wrong() -> ResponseReturnValue:
    """Keep it for those who may change the page."""
    edition, may_read, page = _page()
    headings = edition.document(page).headings_for(may_read)
    form = ReportForm(headings)
    if not form.validate():
        return render_template("feedback/report.html", page=page, form=form), 422
    # A program has filled in what people do not see: it is told the same, and nothing is kept.
    if not form.website.data:
        title = next((one.text for one in headings if form.section.data and one.anchor == form.section.data), "")
        try:
            reports.take_in(
                current.database(),
                page,
                section=title,
                requirement=_requirement_of(edition, page, form.section.data or ""),
                message=form.message.data or "",
                address_key=accounts().keys.hash_attempt(ATTEMPT, address()),
                now=utc_now(),
            )
        except reports.TooManyReportsError:
            form.message.errors = [
                "Too much was reported in the last minutes. Your words are here: send them again later."
            ]
            return render_template("feedback/report.html", page=page, form=form), 429
    return render_template("feedback/thanks.html", page=page)


@blueprint.get("/feedback")
@requires(EDITOR, PUBLISHER)
def show_reports() -> str:
    """List what was reported about pages that the person may change, by owner."""
    return _list(DoneForm(formdata=None))


@blueprint.post("/feedback/<int:report_id>/done")
@requires(EDITOR, PUBLISHER)
def mark_done(report_id: int) -> ResponseReturnValue:
    """Note what was done about a report."""
    edition, _ = edition_and_reader()
    open_ones = reports.reports_for(current.database(), edition, current_viewer(), are_done=False)
    if report_id not in {one.id for one in open_ones}:
        abort(404)
    form = DoneForm()
    if not form.validate():
        return _list(form, faulty=report_id), 422
    try:
        reports.mark_done(
            current.database(), edition, report_id, by=current_viewer(), note=form.note.data or "", now=utc_now()
        )
    except reports.NoSuchReportError:
        abort(404)
    flash("Marked as done.")
    return redirect("/feedback", 303)


@blueprint.get("/overdue")
@requires(EDITOR, PUBLISHER)
def show_overdue() -> str:
    """List the pages whose review is overdue and that the person may read, by owner."""
    edition, may_read = edition_and_reader()
    pages = edition.readable_pages(may_read)
    by_owner = list(reports.overdue_pages(pages, today=utc_now().astimezone(LONDON)))
    return render_template("feedback/overdue.html", by_owner=by_owner)


def _list(form: DoneForm, *, faulty: int | None = None) -> str:
    edition, _ = edition_and_reader()
    are_done = request.args.get("state") == "done"
    found = reports.reports_for(current.database(), edition, current_viewer(), are_done=are_done)
    return render_template("feedback/reports.html", reports=found, are_done=are_done, form=form, faulty=faulty)


def _page() -> tuple[Edition, MayRead, Page]:
    """Return the page that is asked about, to whoever may read it."""
    edition, may_read = edition_and_reader()
    url = request.args.get("page", "")
    ask_to_sign_in_below_a_gated_folder(edition, may_read, url)
    page = edition.page(url)
    if page is None or not may_read(page.requirement):
        abort(404)
    return edition, may_read, page


def _requirement_of(edition: Edition, page: Page, anchor: str) -> Requirement:
    """Return what a section asks of its readers: who reports of it may quote it."""
    parts = edition.document(page).parts
    found = [part for part in parts if anchor and anchor in {heading.anchor for heading in part.headings}]
    return found[0].requirement if found else page.requirement
