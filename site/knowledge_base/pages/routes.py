"""Pages, the sitemap and the list of pages as JSON, and for those who look after access who can see a page."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from knowledge_base.access.guards import current_viewer, public, real_viewer, requires
from knowledge_base.access.view_as import ROLES
from knowledge_base.db import london_today, utc_now
from knowledge_base.pages.access_report import AccessReports
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.frame import Frame, frame_for
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.page_view import PageViews
from knowledge_base.pages.recorded_reading import record_reading
from knowledge_base.pages.set_up import local_groups

ADMINISTRATOR = "admin"

blueprint = Blueprint("pages", __name__)

# Pages of which the program writes a part.
SOURCES, SET_UP = "/about/sources", "/about/set-up"
TEMPLATES = {"/": "pages/home.html", SOURCES: "pages/sources.html", SET_UP: "pages/set_up.html"}


@blueprint.get("/")
@blueprint.get("/<path:path>")
@public
def show_page(path: str = "") -> str | AnyResponse:
    """Show a page to whoever may read it."""
    edition, may_read = _edition_and_reader()
    page = _page_or_refusal(edition, may_read, f"/{path.strip('/')}")
    if path.endswith("/"):
        # To the page's own address and not to what was asked for, which might lead off the site.
        return redirect(page.url, 308)
    views = page_views(edition, may_read)
    extra: dict[str, object] = {}
    if page.url == SOURCES:
        extra["sources"] = views.sources()
    elif page.url == SET_UP:
        extra["groups"] = local_groups(edition, may_read)
    shown = render_template(TEMPLATES.get(page.url, "pages/page.html"), view=views.view(page), **extra)
    if edition.records_reading(page) and request.method == "GET":
        _record_reading(page)
    return shown


@blueprint.get("/who-can-see")
@requires(*ROLES)
def show_who_can_see() -> str:
    """Say who can see a page that the asker may read, and why."""
    edition, may_read = _edition_and_reader()
    page = edition.page(request.args.get("page", ""))
    if page is None or not may_read(page.requirement):
        abort(404)
    with_names = ADMINISTRATOR in current_viewer().roles
    reports = AccessReports(edition, may_read, current_app.extensions["people"](), with_names=with_names)
    return render_template("pages/who_can_see.html", report=reports.report(page))


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """List the addresses of the pages the asker may read."""
    edition, may_read = _edition_and_reader()
    base_url = current_app.extensions["settings"].base_url
    pages = edition.readable_pages(may_read)
    xml = render_template("pages/sitemap.xml", pages=pages, base_url=base_url)
    return Response(xml, mimetype="application/xml")


@blueprint.get("/api/pages")
@public
def list_pages() -> dict[str, object]:
    """List the pages, with their sections, that the asker may read."""
    edition, may_read = _edition_and_reader()
    return {"pages": [_as_json(edition, page, may_read) for page in edition.readable_pages(may_read)]}


@blueprint.app_context_processor
def add_frame() -> dict[str, object]:
    """Give every template what the layout shows. An error page gets it too, so it must not fail."""
    try:
        edition, may_read = _edition_and_reader()
    except OSError:
        current_app.logger.exception("The content folder cannot be read.")
        return {**vars(Frame()), **_viewers()}
    return {**vars(frame_for(edition, may_read, url=request.path)), **_viewers()}


def _viewers() -> dict[str, object]:
    """Return for whom the page is made, who really asks, and whether that person may see who can see what."""
    viewer = current_viewer()
    return {
        "viewer": viewer,
        "real_viewer": real_viewer(),
        "may_check_access": viewer.is_signed_in and not ROLES.isdisjoint(viewer.roles),
    }


def page_views(edition: Edition, may_read: MayRead) -> PageViews:
    """Return what makes page views for this request."""
    return PageViews(edition, may_read, today=london_today(), base_url=current_app.extensions["settings"].base_url)


def _edition_and_reader() -> tuple[Edition, MayRead]:
    edition: Edition = current_app.extensions["library"].edition()
    return edition, edition.may_read(current_viewer())


def _page_or_refusal(edition: Edition, may_read: MayRead, url: str) -> Page:
    """Return the page, or stop the request.

    Below a gated folder an anonymous reader is sent to sign in, whether the page exists or not. Anywhere else a page
    that the reader may not read answers as a missing one does.
    """
    if not current_viewer().is_signed_in and not may_read(edition.folder_requirement(url)):
        abort(401)
    page = edition.page(url)
    if page is None or not may_read(page.requirement):
        abort(404)
    return page


def _record_reading(page: Page) -> None:
    """Record who really reads the page, whomever they view it as. The page is shown whether or not that can be done."""
    extensions = current_app.extensions
    try:
        record_reading(extensions["database"], extensions["chain_keys"], real_viewer(), page.url, now=utc_now())
    except SQLAlchemyError as error:
        current_app.logger.warning("That %s was read is not recorded: %s", page.url, type(error).__name__)


def _as_json(edition: Edition, page: Page, may_read: MayRead) -> dict[str, object]:
    headings = edition.document(page).headings_for(may_read)
    return {
        "url": page.url,
        "title": page.meta.title,
        "summary": page.meta.summary,
        "audience": page.requirement.key,
        "updated": page.meta.last_reviewed.isoformat() if page.meta.last_reviewed else None,
        "sections": [{"anchor": heading.anchor, "heading": heading.text} for heading in headings],
    }
