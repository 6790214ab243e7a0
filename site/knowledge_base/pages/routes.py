"""Pages, the sitemap and the list of pages as JSON."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from knowledge_base.access.guards import current_viewer, public
from knowledge_base.db import london_today
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.frame import Frame, frame_for
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.page_view import PageViews
from knowledge_base.pages.set_up import local_groups

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
    return render_template(TEMPLATES.get(page.url, "pages/page.html"), view=views.view(page), **extra)


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
        return {**vars(Frame()), "viewer": current_viewer()}
    return {**vars(frame_for(edition, may_read, url=request.path)), "viewer": current_viewer()}


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
