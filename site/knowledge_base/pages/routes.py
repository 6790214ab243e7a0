"""Pages, the sitemap and the list of pages as JSON, and for those who look after access who can see a page."""

from collections.abc import Hashable
from dataclasses import replace

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from knowledge_base.access.guards import current_viewer, public, real_viewer, requires, standing_in
from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.access.view_as import ROLES
from knowledge_base.db import london_today
from knowledge_base.pages import file_routes
from knowledge_base.pages.access_report import AccessReports
from knowledge_base.pages.blanks import Blanks, PageWithBlanks, may_share, rights_of
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.frame import Frame, frame_for
from knowledge_base.pages.guards import (
    ask_to_sign_in_below_a_gated_folder,
    edition_and_reader,
    record_that_it_was_read,
)
from knowledge_base.pages.kept_pages import KeptPage, KeptPages
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.page_view import PageViews
from knowledge_base.pages.ready_answers import STATE, ReadyAnswers
from knowledge_base.pages.set_up import local_groups
from knowledge_base.web.assets import manifest_version
from knowledge_base.web.readers import reader_is_unknown

ADMINISTRATOR = "admin"
WRITERS = frozenset({"editor", "publisher"})
# Where Flask keeps what is to be said once, on the next page.
FLASHES = "_flashes"

blueprint = Blueprint("pages", __name__)
blueprint.register_blueprint(file_routes.blueprint)

# Pages of which the program writes a part.
SOURCES, SET_UP = "/about/sources", "/about/set-up"
TEMPLATES = {"/": "pages/home.html", SOURCES: "pages/sources.html", SET_UP: "pages/set_up.html"}


@blueprint.get("/")
@blueprint.get("/<path:path>")
@public
def show_page(path: str = "") -> str | AnyResponse:
    """Show a page to whoever may read it."""
    edition, may_read = edition_and_reader()
    url = f"/{path.strip('/')}"
    ask_to_sign_in_below_a_gated_folder(edition, may_read, url)
    page = edition.page(url)
    if page is None or not may_read(page.requirement):
        # What the reader may not read answers as a missing page does.
        return _as_the_page_now_is(edition, may_read, url)
    if path.endswith("/"):
        # To the page's own address and not to what was asked for, which might lead off the site.
        return redirect(page.url, 308)
    shown = _as_kept(edition, may_read, page) or _filled_in(edition, may_read, page)
    if request.method == "GET":
        record_that_it_was_read(edition, page)
    return shown


@blueprint.get("/who-can-see")
@requires(*ROLES)
def show_who_can_see() -> str:
    """Say who can see a page that the asker may read, and why."""
    edition, may_read = edition_and_reader()
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
    edition, may_read = edition_and_reader()
    base_url = current_app.extensions["settings"].base_url
    pages = edition.readable_pages(may_read)
    xml = render_template("pages/sitemap.xml", pages=pages, base_url=base_url)
    return Response(xml, mimetype="application/xml")


@blueprint.get("/api/pages")
@public
def list_pages() -> dict[str, object]:
    """List the pages, with their sections, that the asker may read."""
    edition, may_read = edition_and_reader()
    return {"pages": [_as_json(edition, page, may_read) for page in edition.readable_pages(may_read)]}


@blueprint.app_context_processor
def add_frame() -> dict[str, object]:
    """Give every template what the layout shows. An error page gets it too, so it must not fail."""
    try:
        edition, may_read = edition_and_reader()
    except OSError:
        current_app.logger.exception("The content folder cannot be read.")
        return {**vars(Frame()), **_viewers()}
    return {**vars(frame_for(edition, may_read, url=request.path)), **_viewers()}


def _viewers() -> dict[str, object]:
    """Return for whom the page is made, who really asks, and whether that person looks after access or writes."""
    viewer = current_viewer()
    return {
        "viewer": viewer,
        "real_viewer": real_viewer(),
        "reader_is_unknown": reader_is_unknown(),
        "may_check_access": viewer.is_signed_in and not ROLES.isdisjoint(viewer.roles),
        "may_write": viewer.is_signed_in and not WRITERS.isdisjoint(viewer.roles),
    }


def set_up_ready_answers(app: Flask) -> None:
    """Let pages that are kept be sent without asking Flask. What checks all requests has to come before this."""
    library, kept = app.extensions["library"], app.extensions["kept_pages"]
    app.wsgi_app = ReadyAnswers(  # type: ignore[method-assign]
        app.wsgi_app, kept, lambda: _state_of_pages(library.edition(), kept)
    )


def _state_of_pages(edition: Edition, kept: KeptPages[KeptPage]) -> tuple[Hashable, ...]:
    # By the edition itself, not its version: it keeps what was worked out for it, and what comes after is another one.
    return kept.state(id(edition), edition.version, london_today(), manifest_version())


def page_views(edition: Edition, may_read: MayRead) -> PageViews:
    """Return what makes page views for this request."""
    return PageViews(edition, may_read, today=london_today(), base_url=current_app.extensions["settings"].base_url)


def _as_kept(edition: Edition, may_read: MayRead, page: Page) -> str | Response | None:
    """Return the page as it was made for the last reader with the same rights, if nothing changed since.

    None where it shows something of this reader or of this address. The caller has checked that it may be read.
    """
    viewer = current_viewer()
    is_for_this_reader = FLASHES in session or reader_is_unknown() or not (viewer is ANONYMOUS or may_share(viewer))
    if is_for_this_reader or request.query_string or request.path != page.url or current_app.debug:
        return None
    kept: KeptPages[KeptPage] = current_app.extensions["kept_pages"]
    state = _state_of_pages(edition, kept)
    if viewer is not ANONYMOUS:
        return _with_blanks_filled_in(edition, viewer, page, state)
    found = kept.find(page.url, state)
    if found is None:
        found = KeptPage.of(_filled_in(edition, may_read, page))
        if not session.modified:
            kept.keep(page.url, found, state)
    request.environ[STATE] = state
    response = Response(found.html)
    response.set_etag(found.etag)
    return response


def _with_blanks_filled_in(edition: Edition, viewer: Viewer, page: Page, state: tuple[Hashable, ...]) -> str:
    kept: KeptPages[PageWithBlanks] = current_app.extensions["shared_pages"]
    key = (page.url, rights_of(viewer))
    found = kept.find(key, state)
    if found is None:
        blanks = Blanks.new()
        stand_in = replace(rights_of(viewer), name=blanks.name)
        with standing_in(stand_in, token=blanks.token):
            html = _filled_in(edition, edition.may_read(stand_in), page)
        found = PageWithBlanks.of(html, blanks)
        kept.keep(key, found, state)
    return found.filled_in(name=viewer.name, token=generate_csrf())


def _filled_in(edition: Edition, may_read: MayRead, page: Page) -> str:
    views = page_views(edition, may_read)
    extra: dict[str, object] = {}
    if page.url == SOURCES:
        extra["sources"] = views.sources()
    elif page.url == SET_UP:
        extra["groups"] = local_groups(edition, may_read)
    return render_template(TEMPLATES.get(page.url, "pages/page.html"), view=views.view(page), **extra)


def _as_the_page_now_is(edition: Edition, may_read: MayRead, url: str) -> AnyResponse:
    """Lead on from an old address, or say why its page was withdrawn. Only to whoever may know; others are refused."""
    gone = edition.gone(url, may_read)
    if gone is None:
        abort(404)
    if gone.to:
        return redirect(gone.to, 301)
    return Response(render_template("pages/withdrawn.html", reason=gone.reason), 410)


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
