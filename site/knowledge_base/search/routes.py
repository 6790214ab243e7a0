"""The results page, the same as JSON, suggestions while typing, and the description that browsers read."""

from dataclasses import asdict
from datetime import timedelta
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable

from knowledge_base.access.guards import current_viewer, public
from knowledge_base.access.policy import audiences_of
from knowledge_base.db import london_today
from knowledge_base.pages.edition import Edition
from knowledge_base.search import past_queries
from knowledge_base.search.completion import complete, is_known
from knowledge_base.search.filters import Filters
from knowledge_base.search.generations import SearchError
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.query import clean
from knowledge_base.search.results import ResultPage, find_pages, find_sections
from knowledge_base.search.snapshot import Asker
from knowledge_base.telemetry.measures import timed_search
from knowledge_base.web import current
from knowledge_base.web.errors import explain
from knowledge_base.web.readers import came_from

DEFAULT_LIMIT = 10
HIGHEST_LIMIT = 50
SUGGESTIONS = 8
PAGE_ENDPOINT = "pages.show_page"
# A reader must not wait because a search cannot be counted at this moment.
PATIENCE = timedelta(milliseconds=20)

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@public
def show_results() -> str:
    """Show what was found, or without a query how to search."""
    asker = _asker()
    filters = Filters(
        area=request.args.get("area", ""), audience=request.args.get("audience", ""), exact="exact" in request.args
    )
    number = request.args.get("page", default=1, type=int)
    with timed_search("page") as timed:
        results = find_pages(_index(), request.args.get("q", ""), asker=asker, number=number, filters=filters)
        timed.outcome = _outcome(results.query, results.total)
    return render_template(
        "search/results.html",
        results=results,
        pagination=_pagination(results),
        areas_to_browse=asker.edition.areas(asker.may_read),
    )


@blueprint.get("/api/search")
@public
def list_results() -> dict[str, object]:
    """List the sections that were found, best first."""
    asker, limit = _asker(), _limit()
    with timed_search("api") as timed:
        found = find_sections(_index(), request.args.get("q", ""), asker=asker, limit=limit)
        timed.outcome = _outcome(found.query, found.total)
    fields = ("url", "page_title", "heading", "snippet", "audience")
    return {
        "query": found.query,
        "total": found.total,
        "suggestion": found.suggestion,
        "results": [{field: getattr(hit, field) for field in fields} for hit in found.hits],
    }


@blueprint.get("/api/suggest")
@public
def list_suggestions() -> dict[str, object]:
    """List pages, sections, terms and past searches that continue the query."""
    query, asker = clean(request.args.get("q", "")), _asker()
    with timed_search("suggest") as timed:
        found = complete(_index(), query, asker=asker, past=_good_queries(), limit=SUGGESTIONS)
        timed.outcome = _outcome(query, len(found))
    return {"query": query, "suggestions": [asdict(one) for one in found]}


@blueprint.get("/opensearch.xml")
@public
def describe_search() -> Response:
    """Tell a browser how to search this site from its address bar."""
    xml = render_template("search/opensearch.xml", base_url=current_app.extensions["settings"].base_url)
    return Response(xml, mimetype="application/opensearchdescription+xml")


@blueprint.errorhandler(SearchError)
def explain_no_search(error: SearchError) -> ResponseReturnValue:
    """Answer when there is no index and none can be made at this moment."""
    current_app.logger.error("A search could not be answered: %s", error)
    return explain(ServiceUnavailable("Searching does not work at the moment. Try again in a minute."))


@blueprint.after_app_request
def remember_search_that_led_here(response: Response) -> Response:
    """Count the search from whose results a page was opened. The page is shown whether or not that can be done.

    Whoever views the site as another reader tries out what such a reader finds, so that is not counted.
    """
    is_page = request.endpoint == PAGE_ENDPOINT and response.status_code in {200, 304}
    text = _search_that_led_here() if is_page else ""
    if text and not current_viewer().viewing_as:
        try:
            asker = _asker()
            if is_known(_index(), text, asker=asker):
                with current.database().write(patience=PATIENCE) as session:
                    past_queries.remember(session, text, audiences=asker.audiences, today=london_today())
        except (SearchError, SQLAlchemyError, OSError) as error:
            current_app.logger.info("A search was not counted: %s", type(error).__name__)
    return response


def _search_that_led_here() -> str:
    """Return what was typed on the results page that the request comes from, or nothing."""
    path, query = came_from()
    return clean(parse_qs(query).get("q", [""])[0]) if query and path == url_for("search.show_results") else ""


def _good_queries() -> tuple[past_queries.GoodQuery, ...]:
    try:
        with current.database().read(patience=PATIENCE) as session:
            return past_queries.good_queries(session, today=london_today())
    except SQLAlchemyError as error:
        current_app.logger.info("Past searches cannot be read: %s", type(error).__name__)
        return ()


def _outcome(query: str, total: int) -> str:
    return "empty" if query and not total else "found"


def _limit() -> int:
    text = request.args.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_LIMIT)) else 0
    if not 1 <= limit <= HIGHEST_LIMIT:
        abort(400, f"limit must be a whole number from 1 to {HIGHEST_LIMIT}")
    return limit


def _pagination(results: ResultPage) -> dict[str, object]:
    """Return what the pagination component wants to know."""

    def link(number: int) -> str:
        return url_for(
            "search.show_results",
            q=results.query,
            page=number,
            exact=1 if results.filters.exact else None,
            area=results.filters.area or None,
            audience=results.filters.audience or None,
        )

    return {
        "landmarkLabel": "Pages of results",
        "previous": {"href": link(results.number - 1)} if results.number > 1 else None,
        "next": {"href": link(results.number + 1)} if results.number < results.last_number else None,
        "items": [
            {"number": number, "href": link(number), "current": number == results.number}
            for number in range(1, results.last_number + 1)
        ],
    }


def _asker() -> Asker:
    edition, viewer = _edition(), current_viewer()
    return Asker(edition, edition.may_read(viewer), audiences_of(viewer, edition.audiences))


def _edition() -> Edition:
    edition: Edition = current_app.extensions["library"].edition()
    return edition


def _index() -> SearchIndex:
    index: SearchIndex = current_app.extensions["search_index"]
    return index
