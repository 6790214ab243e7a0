"""Render each version of a page once, and never let one page's fault stop the others."""

import logging
from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

from knowledge_base.pages.fences import BlockError
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.page import Document, Page, Part
from knowledge_base.pages.values import LocalData

logger = logging.getLogger(__name__)

KEPT = 5_000
BROKEN = (
    '<div class="kb-inset"><p>The words of this page cannot be shown because of a fault in its file. '
    "The content check tells its editors what is wrong. If you need it now, ask the page’s owner.</p></div>"
)


class RenderingError(Exception):
    """A page's body cannot be rendered. The message says why."""


class Renderer:
    """A cache of documents by the page's fingerprint. Safe between threads.

    With `live`, what that one has or is to have (the pages of those fingerprints) comes from there, and only the rest
    is kept here, to go when this does.
    """

    def __init__(self, live: "Renderer | None" = None, fingerprints: Collection[str] = ()) -> None:
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._lock = Lock()
        self._live = live
        self._live_fingerprints = fingerprints

    def document(self, page: Page, data: LocalData) -> Document:
        """Return the page rendered; for one that cannot be, a document that says so."""
        if self._live and page.fingerprint in self._live_fingerprints:
            return self._live.document(page, data)
        with self._lock:
            if page.fingerprint in self._documents:
                self._documents.move_to_end(page.fingerprint)
                return self._documents[page.fingerprint]
        try:
            document = render_page(page, data)
        except RenderingError as error:
            logger.error("%s cannot be rendered: %s", page.path, error)  # noqa: TRY400 - an author's slip needs no trace
            document = Document((Part(page.requirement, BROKEN, headings=(), sections=()),), fault=str(error))
        with self._lock:
            self._documents[page.fingerprint] = document
            while len(self._documents) > KEPT:
                self._documents.popitem(last=False)
        return document


def render_page(page: Page, data: LocalData) -> Document:
    """Render a page, or raise RenderingError."""
    try:
        files = {one.url: one for one in page.files}
        return render(page.body, Context(title=page.meta.title, requirement=page.requirement, data=data, files=files))
    except BlockError as error:
        message = f"line {page.body_line + error.line - 1}: {error.message}"
        raise RenderingError(message) from error
    except RecursionError as error:
        message = "lists or quotations are nested too deeply"
        raise RenderingError(message) from error
    except Exception as error:
        # Content is not trusted: whatever a page makes a library do, the other pages must stay up.
        logger.exception("%s made rendering fail", page.path)
        message = f"rendering failed ({type(error).__name__})"
        raise RenderingError(message) from error
