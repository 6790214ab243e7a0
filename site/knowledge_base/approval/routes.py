"""The queue of changes that wait, and each of them: what it would do, what was said, and what can be decided."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.approval import submissions, timing
from knowledge_base.approval.due import publish_due
from knowledge_base.approval.errors import NoSuchSubmissionError
from knowledge_base.approval.forms import ApproveForm, CommentForm, SendBackForm, TimeForm
from knowledge_base.approval.models import State
from knowledge_base.approval.outlook import Outlook, findings_of, look_ahead
from knowledge_base.approval.queue import find_submissions, get_submission, get_submission_for
from knowledge_base.approval.review import review
from knowledge_base.approval.submission import Submission
from knowledge_base.db import london_today, utc_now
from knowledge_base.pages.findings import Severity
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.guards import content_store, contributor
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, can_approve
from knowledge_base.web.templating import show_date_and_time

MOST_SHOWN = 200
MOST_ENDED = 10
AS_WRITTEN = "written"
OPEN = frozenset({State.WAITING, State.APPROVED})

blueprint = Blueprint("approval", __name__)


@blueprint.get("/approvals")
@requires(EDITOR, PUBLISHER)
def show_queue() -> str:
    """List what waits for the person, and what became of the rest."""
    store, viewer = content_store(), current_viewer()
    waiting = find_submissions(store, viewer, states=OPEN, most=MOST_SHOWN)
    ended = find_submissions(store, viewer, states=frozenset(State) - OPEN, most=MOST_ENDED)
    is_approver = can_approve(viewer)
    return render_template(
        "approval/queue.html",
        to_approve=[one for one in waiting if one.state is State.WAITING and is_approver and not _is_own(one)],
        waiting=[one for one in waiting if one.state is State.WAITING and (_is_own(one) or not is_approver)],
        scheduled=[one for one in waiting if one.state is State.APPROVED],
        ended=ended,
        is_approver=is_approver,
    )


@blueprint.get("/approvals/<int:number>")
@requires(EDITOR, PUBLISHER)
def show(number: int) -> ResponseReturnValue:
    """Show a submission to whoever may read all of what it changes."""
    submission, outlook = _submission(number)
    return _page(submission, outlook)


@blueprint.post("/approvals/<int:number>/approve")
@requires(EDITOR, PUBLISHER)
def approve(number: int) -> ResponseReturnValue:
    """Approve it: it goes live at once, or at its time."""
    submission, outlook = _submission(number)
    form, store = ApproveForm(), content_store()
    if not form.validate():
        return _page(submission, outlook, approve_form=form), 422
    try:
        submissions.approve(
            store, number, by=contributor(), seen=form.seen.data or "", publish_at=form.moment, now=utc_now()
        )
    except PublishingError as error:
        return _page(*_submission(number), problem=str(error)), 409
    publish_due(store, number, now=utc_now())
    flash(_what_became_of(get_submission(store, number)))
    return redirect(f"/approvals/{number}", 303)


@blueprint.post("/approvals/<int:number>/time")
@requires(EDITOR, PUBLISHER)
def set_time(number: int) -> ResponseReturnValue:
    """Set another time for what is approved."""
    submission, outlook = _submission(number)
    form = TimeForm()
    if not form.validate():
        return _page(submission, outlook, time_form=form), 422
    return _set_time(number, form.moment or utc_now())


@blueprint.post("/approvals/<int:number>/publish-now")
@requires(EDITOR, PUBLISHER)
def publish_now(number: int) -> ResponseReturnValue:
    """Let what is approved for a later time go live at once."""
    _submission(number)
    return _set_time(number, utc_now())


@blueprint.post("/approvals/<int:number>/send-back")
@requires(EDITOR, PUBLISHER)
def send_back(number: int) -> ResponseReturnValue:
    """Send it back to its author."""
    submission, outlook = _submission(number)
    form = SendBackForm()
    if not form.validate():
        return _page(submission, outlook, send_back_form=form), 422
    try:
        submissions.send_back(content_store(), number, by=contributor(), comment=form.reason.data or "", now=utc_now())
    except PublishingError as error:
        return _page(*_submission(number), problem=str(error)), 409
    flash(f"The change has been sent back to {submission.author_name}.")
    return redirect(f"/approvals/{number}", 303)


@blueprint.post("/approvals/<int:number>/withdraw")
@requires(EDITOR, PUBLISHER)
def withdraw(number: int) -> ResponseReturnValue:
    """Take one's own change back."""
    _submission(number)
    try:
        submissions.withdraw(content_store(), number, by=contributor(), now=utc_now())
    except PublishingError as error:
        return _page(*_submission(number), problem=str(error)), 409
    flash("The change has been withdrawn. Nothing of it is live.")
    return redirect(f"/approvals/{number}", 303)


@blueprint.post("/approvals/<int:number>/comment")
@requires(EDITOR, PUBLISHER)
def comment(number: int) -> ResponseReturnValue:
    """Say something about it."""
    submission, outlook = _submission(number)
    form = CommentForm()
    if not form.validate():
        return _page(submission, outlook, comment_form=form), 422
    submissions.comment(content_store(), number, by=contributor(), text=form.text.data or "", now=utc_now())
    return redirect(f"/approvals/{number}#said", 303)


def _page(submission: Submission, outlook: Outlook, *, problem: str = "", **forms: FlaskForm) -> str:
    """Show a submission, with forms that were filled in wrongly."""
    is_open = submission.is_open
    is_checked = is_open and not outlook.is_conflict
    findings = (
        findings_of(submission.change, outlook, viewer=current_viewer(), today=london_today()) if is_checked else ()
    )
    return render_template(
        "approval/submission.html",
        submission=submission,
        state=submission.state.value,
        is_conflict=is_open and outlook.is_conflict,
        files=review(outlook, viewer=current_viewer()) if submission.state is not State.PUBLISHED else (),
        as_written=request.args.get("view") == AS_WRITTEN,
        findings=[one for one in findings if one.severity is not Severity.NOTE],
        has_errors=any(one.severity is Severity.ERROR for one in findings),
        is_own=_is_own(submission),
        is_approver=can_approve(current_viewer()) and not _is_own(submission),
        problem=problem,
        faulty_form=next(iter(forms.values()), None),
        approve_form=forms.get("approve_form") or ApproveForm(formdata=None),
        send_back_form=forms.get("send_back_form") or SendBackForm(formdata=None),
        comment_form=forms.get("comment_form") or CommentForm(formdata=None),
        seen=outlook.digest,
        is_late=submission.publish_at is not None and submission.publish_at <= utc_now(),
        may_set_time=timing.may_set_time(submission, current_viewer()),
        time_form=forms.get("time_form") or TimeForm(formdata=None),
    )


def _set_time(number: int, publish_at: datetime) -> ResponseReturnValue:
    try:
        timing.set_time(content_store(), number, by=contributor(), publish_at=publish_at, now=utc_now())
    except PublishingError as error:
        return _page(*_submission(number), problem=str(error)), 409
    publish_due(content_store(), number, now=utc_now())
    flash(_what_became_of(get_submission(content_store(), number)))
    return redirect(f"/approvals/{number}", 303)


def _what_became_of(submission: Submission) -> str:
    if submission.state is State.PUBLISHED:
        return "The change is live."
    if submission.state is State.FAILED:
        return f"The change is approved and could not be published. {submission.failure}"
    if submission.publish_at and submission.publish_at > utc_now():
        return f"The change is approved. It goes live on {show_date_and_time(submission.publish_at)}."
    return "The change is approved and goes live in a moment."


def _submission(number: int) -> tuple[Submission, Outlook]:
    """Return a submission for somebody who may see it; for everybody else it is not there."""
    try:
        found = get_submission_for(content_store(), number, current_viewer())
    except NoSuchSubmissionError:
        abort(404)
    return found, look_ahead(content_store(), found.change)


def _is_own(submission: Submission) -> bool:
    return submission.author_id is not None and submission.author_id == current_viewer().account_id
