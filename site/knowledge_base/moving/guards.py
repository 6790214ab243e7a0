"""What every view of moving begins and ends with: the page, whether the person may change it, and handing in."""

import re
from collections.abc import Callable, Mapping

from flask import abort, redirect, render_template
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer
from knowledge_base.approval.submissions import submit
from knowledge_base.db import utc_now
from knowledge_base.moving.errors import MovingError
from knowledge_base.moving.forms import ActForm
from knowledge_base.moving.places import leading_here, pages_below
from knowledge_base.moving.plans import Plans
from knowledge_base.pages.files import url_of
from knowledge_base.pages.page import Page
from knowledge_base.publishing.changes import Change, new_name
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    GateError,
    NotAllowedError,
    PublishingBusyError,
    PublishingError,
)
from knowledge_base.publishing.guards import content_store, contributor
from knowledge_base.publishing.journal import state_of
from knowledge_base.publishing.models import State
from knowledge_base.publishing.permission import can_edit_page
from knowledge_base.publishing.publish import publish

STATUSES: Mapping[type[PublishingError], int] = {NotAllowedError: 403, PublishingBusyError: 503}


def plans() -> Plans:
    """Return what makes changes for the person who asks."""
    store = content_store()
    return Plans(store, store.library.edition(), current_viewer())


def free_name(form: ActForm | None = None) -> str:
    """Return a name for a publication: the form's, so that sending it twice does it once, unless that one is spent."""
    name = (form.name.data or "") if form else ""
    return name if re.fullmatch(r"[0-9a-f]{32}", name) and state_of(content_store(), name) is None else new_name()


def page_to_change(path: str, *, sent: str | None = None) -> Page:
    """Return the page of this path. Answers 404 where there is none that the person may change.

    For a form that was `sent` twice, leads to what was done.
    """
    lead_to_what_was_done(sent)
    edition, viewer = content_store().library.edition(), current_viewer()
    page = edition.page(url_of(path))
    if page is None or page.path != path or not can_edit_page(viewer, edition, path):
        abort(404)
    return page


def lead_to_what_was_done(name: str | None) -> None:
    """Answer with what a publication did, if it is done already."""
    if name and state_of(content_store(), name) is State.DONE:
        abort(redirect(f"/moved/{name}", 303))


def form_page(
    template: str, form: ActForm, page: Page, *, problem: str = "", findings: GateError | None = None, **extra: object
) -> str:
    """Show a form about a page, with the pages that lead to it as far as the person may know of them."""
    edition = content_store().library.edition()
    urls = [url_of(path) for path in pages_below(edition, page)]
    return render_template(
        template,
        form=form,
        page=page,
        problem=problem,
        findings=findings.findings if findings else (),
        leading_here=leading_here(edition, urls, edition.may_read(current_viewer())),
        count=len(urls),
        **extra,
    )


def act(form: ActForm, change: Callable[[], Change], again: Callable[..., str]) -> ResponseReturnValue:
    """Publish a change and lead to what was done; or show the form `again`, with what stands in the way."""
    if not form.validate():
        return again(), 422
    try:
        return _hand_in(change())
    except MovingError as error:
        return again(problem=f"{error}."), 422
    except GateError as error:
        return again(problem=str(error), findings=error), 422
    except PublishingError as error:
        return again(problem=str(error)), STATUSES.get(type(error), 409)


def _hand_in(change: Change) -> ResponseReturnValue:
    """Publish a change, or submit it where a second person has to approve it."""
    try:
        publish(content_store(), change, by=contributor(), now=utc_now())
    except ApprovalNeededError:
        return redirect(f"/approvals/{submit(content_store(), change, by=contributor(), now=utc_now())}", 303)
    return redirect(f"/moved/{change.name}", 303)
