"""What every view of pages begins with: the content as it stands, for whom the answer is made, and who is refused."""

from flask import abort, current_app
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.access.guards import current_viewer, real_viewer
from knowledge_base.db import utc_now
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import MayRead, Page
from knowledge_base.pages.recorded_reading import record_reading


def edition_and_reader() -> tuple[Edition, MayRead]:
    """Return the content, and the question what the reader of this answer may read."""
    edition: Edition = current_app.extensions["library"].edition()
    return edition, edition.may_read(current_viewer())


def ask_to_sign_in_below_a_gated_folder(edition: Edition, may_read: MayRead, url: str) -> None:
    """Send an anonymous reader to sign in, whether what stands below the folder exists or not."""
    if not current_viewer().is_signed_in and not may_read(edition.folder_requirement(url)):
        abort(401)


def record_that_it_was_read(edition: Edition, page: Page) -> None:
    """Record who really reads the page, where its folder asks for it, whomever they view it as.

    The page is shown whether or not that can be done.
    """
    if not edition.records_reading(page):
        return
    extensions = current_app.extensions
    try:
        record_reading(extensions["database"], extensions["chain_keys"], real_viewer(), page.url, now=utc_now())
    except SQLAlchemyError as error:
        current_app.logger.warning("That %s was read is not recorded: %s", page.url, type(error).__name__)
