"""Render each version of a page once, and never let one page's fault stop the others."""

import logging
import pickle
import zlib
from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

from knowledge_base.pages.fences import BlockError
from knowledge_base.pages.markdown import Context, render
from knowledge_base.pages.page import Document, Page, Part
from knowledge_base.pages.values import LocalData

logger = logging.getLogger(__name__)

# Of each process, packed. A page is some 6 kB, where it takes ten times that as it is used.
MOST_BYTES = 64_000_000
# Those used last, as they are used: one request asks for a page several times.
_AT_HAND = 50
# The least work that packing can be: more takes longer, and saves a tenth of the room.
_LEVEL = 1
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

    def __init__(
        self, live: "Renderer | None" = None, fingerprints: Collection[str] = (), *, most_bytes: int = MOST_BYTES
    ) -> None:
        self._at_hand: OrderedDict[str, Document] = OrderedDict()
        self._packed: OrderedDict[str, bytes] = OrderedDict()
        self._bytes, self._most_bytes = 0, most_bytes
        self._lock = Lock()
        self._live = live
        self._live_fingerprints = fingerprints

    def document(self, page: Page, data: LocalData) -> Document:
        """Return the page rendered; for one that cannot be, a document that says so."""
        if self._live and page.fingerprint in self._live_fingerprints:
            return self._live.document(page, data)
        document = self._kept(page.fingerprint)
        if document is None:
            document = _rendered(page, data)
            self._keep(page.fingerprint, document)
        return document

    def _kept(self, fingerprint: str) -> Document | None:
        with self._lock:
            if fingerprint in self._at_hand:
                self._at_hand.move_to_end(fingerprint)
                return self._at_hand[fingerprint]
            packed = self._packed.get(fingerprint)
            if packed is None:
                return None
            self._packed.move_to_end(fingerprint)
        document: Document = pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed by `_keep`, and never stored
        with self._lock:
            self._put_at_hand(fingerprint, document)
        return document

    def _keep(self, fingerprint: str, document: Document) -> None:
        packed = zlib.compress(pickle.dumps(document, pickle.HIGHEST_PROTOCOL), _LEVEL)
        with self._lock:
            self._put_at_hand(fingerprint, document)
            self._bytes += len(packed) - len(self._packed.pop(fingerprint, b""))
            self._packed[fingerprint] = packed
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._packed.popitem(last=False)[1])

    def _put_at_hand(self, fingerprint: str, document: Document) -> None:
        self._at_hand[fingerprint] = document
        self._at_hand.move_to_end(fingerprint)
        if len(self._at_hand) > _AT_HAND:
            self._at_hand.popitem(last=False)


def _rendered(page: Page, data: LocalData) -> Document:
    try:
        return render_page(page, data)
    except RenderingError as error:
        logger.error("%s cannot be rendered: %s", page.path, error)  # noqa: TRY400 - an author's slip needs no trace
        return Document((Part(page.requirement, BROKEN, headings=(), sections=()),), fault=str(error))


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
