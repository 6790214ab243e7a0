"""What people see when something goes wrong: what happened and what to do, never how the program works."""

from urllib.parse import quote

from flask import Flask, Response, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable, Unauthorized

from knowledge_base.telemetry.log_lines import current_request
from knowledge_base.web.readers import reader_is_unknown

PAGES = {400, 403, 404, 500, 503}
API_PREFIX = "/api/"
# What somebody who is not signed in is told of a page that is for others.
HIDING = {401, 403, 404}
NO_DATABASE = "The site cannot use its database at the moment, which this needs. Try again in a minute."
# Shown when the templates themselves cannot be used.
LAST_RESORT = (
    '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
    "<title>Sorry, there is a problem with this site</title></head><body>"
    "<h1>Sorry, there is a problem with this site</h1>"
    "<p>If anyone is in immediate danger, call 999. Terrorism concern: 0800 789 321 (Anti-Terrorist Hotline).</p>"
    "<p>The problem has been recorded. Try again in a few minutes.</p>{reference}</body></html>"
)
NO_FILES = "The site cannot read or write its files at the moment, which this needs. Try again in a minute."


def set_up_error_pages(app: Flask) -> None:
    """Answer every error with a page of ours, and for the API with JSON."""
    app.register_error_handler(Unauthorized, ask_to_sign_in)
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(InternalServerError, explain_failure)
    # InternalError is what PostgreSQL's standby says to whoever writes.
    for kind in (OperationalError, InterfaceError, InternalError, PoolTimeoutError):
        app.register_error_handler(kind, explain_no_database)
    app.register_error_handler(OSError, explain_no_files)


def ask_to_sign_in(error: Unauthorized) -> ResponseReturnValue:
    """Send an anonymous reader to sign in, and afterwards to where they were going."""
    if reader_is_unknown():
        return explain(ServiceUnavailable())
    if request.path.startswith(API_PREFIX):
        return _as_json(error, 401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(f"/login?next={quote(wanted)}", 303)


def explain(error: HTTPException) -> ResponseReturnValue:
    """Show the page for a refused request."""
    if error.response is not None:
        return error.response
    if reader_is_unknown() and error.code in HIDING:
        error = ServiceUnavailable()
    code = error.code or 500
    # A refused method is answered with those that there are.
    headers = [one for one in error.get_headers() if one[0] == "Allow"]
    if request.path.startswith(API_PREFIX):
        return (*_as_json(error, code), headers)
    page = code if code in PAGES else 400
    problem = error.description if error.description != type(error).description else None
    return render_template(f"errors/{page}.html", problem=problem), code, headers


def explain_no_database(error: SQLAlchemyError) -> ResponseReturnValue:
    """Say that the database cannot be used just now. A fault in what is asked of it is a failure of ours."""
    current_app.logger.error("The database cannot be used.", exc_info=error)
    return explain(ServiceUnavailable(NO_DATABASE))


def explain_no_files(error: OSError) -> ResponseReturnValue:
    """Say that something on the disk cannot be used just now: it is gone, full, or not the site's to read."""
    current_app.logger.error("Files cannot be read or written.", exc_info=error)
    return explain(ServiceUnavailable(NO_FILES))


def explain_failure(error: InternalServerError) -> ResponseReturnValue:
    """Show the page for a fault of ours. The application has logged it already."""
    if request.path.startswith(API_PREFIX):
        return _as_json(error, 500)
    try:
        return render_template("errors/500.html"), 500
    except Exception:  # noqa: BLE001 - whatever is broken, the emergency number must still be on the page
        return Response(_last_resort(), 500, mimetype="text/html")


def _last_resort() -> str:
    request_id = current_request.get()
    return LAST_RESORT.format(reference=f"<p>Reference: {request_id}</p>" if request_id else "")


def _as_json(error: HTTPException, code: int) -> tuple[Response, int]:
    return jsonify({"error": error.description or error.name}), code
