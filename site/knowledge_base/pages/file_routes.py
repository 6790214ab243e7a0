"""Pictures and documents that belong to pages."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from knowledge_base.access.guards import current_viewer, public
from knowledge_base.pages.attachments import ADDRESS, Attachment, page_url_of
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.guards import ask_to_sign_in_below_a_gated_folder, record_that_it_was_read
from knowledge_base.pages.page import MayRead
from knowledge_base.web.security import POLICY_OF_FILES

if TYPE_CHECKING:
    from knowledge_base.pages.library import Library

blueprint = Blueprint("files", __name__)


@blueprint.get(f"{ADDRESS}/<path:file>")
@public
def show_file(file: str) -> AnyResponse:
    """Send a file to whoever may read the page, and one of its parts that use the file."""
    library: Library = current_app.extensions["library"]
    url = f"{ADDRESS}/{file}"
    # A file that was replaced within the last second is not what the edition says: look again, and check it anew.
    for look in (library.edition, library.refresh):
        edition = look()
        may_read = edition.may_read(current_viewer())
        ask_to_sign_in_below_a_gated_folder(edition, may_read, page_url_of(url))
        attachment = edition.attachments.get(url)
        if attachment is None:
            return _redirect_to_where_it_is_now(edition, may_read, url)
        if not edition.may_have(attachment, may_read):
            abort(404)
        if (content := library.content_of(attachment)) is not None:
            if request.method == "GET":
                record_that_it_was_read(edition, edition.pages[url_of(attachment.page_path)])
            return _answer(attachment, content)
    return abort(503 if library.trouble else 404)


def _answer(attachment: Attachment, content: bytes) -> Response:
    response = Response(content, mimetype=attachment.kind.media_type)
    name = attachment.url.rpartition("/")[2]
    disposition = "inline" if attachment.kind.is_picture else "attachment"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response.headers["Content-Security-Policy"] = POLICY_OF_FILES
    return response


def _redirect_to_where_it_is_now(edition: Edition, may_read: MayRead, url: str) -> AnyResponse:
    """Lead on to the file of the page's new address, or refuse."""
    gone = edition.gone(page_url_of(url), may_read)
    page_url = gone.to.partition("#")[0].rstrip("/") if gone else ""
    moved = edition.attachments.get(f"{ADDRESS}{page_url}/{url.rpartition('/')[2]}") if gone and gone.to else None
    if moved is None or not edition.may_have(moved, may_read):
        abort(404)
    return redirect(moved.url, 301)
