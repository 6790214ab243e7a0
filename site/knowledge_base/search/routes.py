"""The results page, the same as JSON, suggestions while typing, and the description that browsers read."""

from dataclasses import asdict

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable

from knowledge_base.access.guards import current_viewer, public
from knowledge_base.pages.edition import Edition
from knowledge_base.search.generations import SearchError
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.results import ResultPage, find_pages, find_sections, suggest_titles
from knowledge_base.search.snapshot import Asker
from knowledge_base.web.errors import explain

DEFAULT_LIMIT = 10
HIGHEST_LIMIT = 50
SUGGESTIONS = 8

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@public
def show_results() -> str:
    """Show what was found, or without a query how to search."""
    asker = _asker()
    number = request.args.get("page", default=1, type=int)
    results = find_pages(_index(), request.args.get("q", ""), asker=asker, number=number, exact="exact" in request.args)
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
    found = find_sections(_index(), request.args.get("q", ""), asker=_asker(), limit=_limit())
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
    """List titles and headings with a word that starts as the query does."""
    typed = request.args.get("q", "")
    query, suggestions = suggest_titles(_index(), typed, asker=_asker(), limit=SUGGESTIONS)
    return {"query": query, "suggestions": [asdict(one) for one in suggestions]}


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


def _limit() -> int:
    text = request.args.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_LIMIT)) else 0
    if not 1 <= limit <= HIGHEST_LIMIT:
        abort(400, f"limit must be a whole number from 1 to {HIGHEST_LIMIT}")
    return limit


def _pagination(results: ResultPage) -> dict[str, object]:
    """Return what the pagination component wants to know."""

    def link(number: int) -> str:
        return url_for("search.show_results", q=results.query, page=number, exact=request.args.get("exact"))

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
    edition = _edition()
    return Asker(edition, edition.may_read(current_viewer()))


def _edition() -> Edition:
    edition: Edition = current_app.extensions["library"].edition()
    return edition


def _index() -> SearchIndex:
    index: SearchIndex = current_app.extensions["search_index"]
    return index
