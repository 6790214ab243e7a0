"""The history of a page, its versions and what differs between them; and what changed on the site."""

import re
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from knowledge_base.access.guards import current_viewer, public
from knowledge_base.comparison.rendered import compare_rendered
from knowledge_base.comparison.source import compare_source
from knowledge_base.editing.access import may_edit
from knowledge_base.history import data_routes, restore_routes
from knowledge_base.history.archive import Archive
from knowledge_base.history.changes import PublishedChange, amendments_of, changes_for
from knowledge_base.history.forms import CompareForm, DayForm
from knowledge_base.history.guards import archive, eyes, page_history
from knowledge_base.pages.guards import edition_and_reader
from knowledge_base.pages.page import Page
from knowledge_base.publishing.permission import can_write

CHANGES_SHOWN = 50
MOST_PAGES = 100
AS_WRITTEN = "written"
# A commit made by hand may hold any sign; one of these in a feed, and no reader opens it.
_NOT_OF_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BEFORE_ANY_CHANGE = datetime(1970, 1, 1, tzinfo=UTC)


class RevisionConverter(BaseConverter):
    """A commit's name, which no page has."""

    regex = "[0-9a-f]{40,64}"
    part_isolating = False


def _know_revisions(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["revision"] = RevisionConverter


blueprint = Blueprint("history", __name__)
blueprint.record(_know_revisions)
for more in (data_routes, restore_routes):
    blueprint.register_blueprint(more.blueprint)


def set_up_history(app: Flask) -> None:
    """Give the application the history of its content, whose newest changes stand at the foot of each page."""
    found = app.extensions["archive"] = Archive(app.extensions["settings"].content_dir)
    app.extensions["kept_pages"].also_depend_on(lambda: (found.recent().head, found.repository is None))


@blueprint.get("/history/<path:page>")
@public
def show_history(page: str) -> ResponseReturnValue:
    """List what changed in a page, or what was live on a day, to whoever may read the page now and might have then."""
    history, _ = page_history(page)
    number = max(1, min(request.args.get("page", default=1, type=int), MOST_PAGES))
    form = DayForm()
    is_valid = form.validate()
    changes, is_followed = history.on_page(number)
    return render_template(
        "history/page.html",
        path=page,
        page=history.page,
        data_file="",
        changes=changes,
        number=number,
        is_followed=is_followed,
        form=form,
        compare_form=CompareForm(changes),
        live=history.live_on(form.day) if is_valid and form.day else None,
        shows_names=current_viewer().is_signed_in,
    ), 200 if is_valid else 422


@blueprint.get("/history/<path:page>/<revision:revision>")
@public
def show_version(page: str, revision: str) -> str:
    """Show a page as its readers saw it."""
    history, reader = page_history(page)
    version, seen = history.version(revision) or abort(404)
    return render_template(
        "history/version.html",
        path=page,
        page=history.page,
        version=version,
        html=reader.version_for_reader(version),
        seen=seen,
        is_live=seen.until is None and reader.says_the_same_now(version, history.newest),
        newest=history.newest_version(),
        before=history.version_before(revision),
        shows_names=current_viewer().is_signed_in,
        may_restore=reader.sees_all_of(version, history.newest) and _may_edit(page),
    )


@blueprint.get("/history/<path:page>/compare")
@public
def compare(page: str) -> ResponseReturnValue:
    """Show what differs between two versions of a page: as it is read or, to those who write, as it is written."""
    if "from" not in request.args and "to" not in request.args:
        # There may be a page of this name.
        return show_history(f"{page}/compare")
    history, reader = page_history(page)
    old, new = (history.version(request.args.get(name, "")) or abort(404) for name in ("from", "to"))
    may_write = can_write(current_viewer()) and all(reader.sees_all_of(one, history.newest) for one, _ in (old, new))
    as_written = may_write and request.args.get("view") == AS_WRITTEN
    source = compare_source(old[0].text, new[0].text) if as_written else ()
    shown = [one.heading + reader.version_for_reader(one) for one, _ in (old, new)]
    return render_template(
        "history/compare.html",
        path=page,
        page=history.page,
        old=old[1],
        new=new[1],
        title=new[0].title,
        what="page",
        as_written=as_written,
        may_write=may_write,
        source=source,
        rendered=None if as_written else compare_rendered(*shown),
        is_same=shown[0] == shown[1] and not source,
    )


@blueprint.get("/changes")
@public
def show_changes() -> str:
    """List what changed on the site, as far as the reader may know."""
    edition, may_read = edition_and_reader()
    areas = edition.areas(may_read)
    area = _area(areas)
    return render_template(
        "history/changes.html",
        changes=_changes(area),
        offered=areas,
        area=area,
        shows_names=current_viewer().is_signed_in,
    )


@blueprint.get("/changes.atom")
@public
def feed() -> Response:
    """List the same as an Atom feed. Without signing in it has what everyone may read."""
    edition, may_read = edition_and_reader()
    area = _area(edition.areas(may_read))
    xml = render_template(
        "history/changes.xml",
        changes=_changes(area),
        area=area,
        base_url=current_app.extensions["settings"].base_url,
        begun=BEFORE_ANY_CHANGE,
    )
    return Response(_NOT_OF_XML.sub("", xml), mimetype="application/atom+xml")


@blueprint.app_context_processor
def add_amendments() -> dict[str, object]:
    """Give templates what stands at a page's foot."""
    return {"amendments": _amendments, "history_address": _history_address}


def _amendments(url: str) -> tuple[PublishedChange, ...]:
    edition, _ = edition_and_reader()
    page, seen_with = edition.page(url), eyes()
    return amendments_of(seen_with, archive(), page) if page and seen_with else ()


def _may_edit(path: str) -> bool:
    return may_edit(current_app.extensions["content_store"], path, viewer=current_viewer())


def _history_address(url: str) -> str:
    """Return where the history of a page is. Empty where there is no page, or no history to show."""
    edition, _ = edition_and_reader()
    page = edition.page(url)
    return f"/history/{page.path}" if page and archive().repository else ""


def _changes(area: Page | None) -> tuple[PublishedChange, ...]:
    seen_with = eyes()
    if seen_with is None:
        return ()
    folder = area.path.partition("/")[0] if area else ""
    return changes_for(seen_with, archive(), area=folder, most=CHANGES_SHOWN)


def _area(areas: tuple[Page, ...]) -> Page | None:
    """Return the area that is asked for, if the reader may know of it."""
    wanted = request.args.get("area", "")
    return next((one for one in areas if one.url == f"/{wanted}"), None)
