"""Keep an up-to-date edition of the content folder: notice what changes on disk and read only that."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from knowledge_base.pages.assembly import Assembly, DataFiles, PageFile, read_data_files, read_page_file
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import Scan, Signature, scan
from knowledge_base.pages.rendering import Renderer

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


class Library:
    """The content folder. `edition()` is cheap: it looks at the disk at most once a second."""

    def __init__(self, content: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._content = content
        self._clock = clock
        self._lock = Lock()
        self._renderer = Renderer()
        self._files: dict[str, tuple[Signature, PageFile]] = {}
        self._data: DataFiles | None = None
        self._scan: Scan | None = None
        self._edition: Edition | None = None
        self._looked_at = 0.0

    def edition(self) -> Edition:
        """Return the content as it is on disk, or was a second ago at most.

        While the folder itself cannot be read, returns the last edition; raises OSError when there was none.
        """
        if self._edition is not None and self._clock() - self._looked_at < SECONDS_BETWEEN_LOOKS:
            return self._edition
        with self._lock:
            if self._edition is None or self._clock() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
                self._edition = self._look()
                self._looked_at = self._clock()
            return self._edition

    def refresh(self) -> Edition:
        """Look at the disk now, whenever it was last done."""
        with self._lock:
            self._edition = self._look()
            self._looked_at = self._clock()
            return self._edition

    def _look(self) -> Edition:
        try:
            found = scan(self._content)
        except OSError as error:
            if self._edition is None:
                raise
            logger.error("The content folder cannot be read; serving what was there before: %s", error)  # noqa: TRY400
            return self._edition
        if self._edition is not None and found == self._scan:
            return self._edition
        if self._data is None or self._scan is None or found.data != self._scan.data:
            self._data = read_data_files(self._content)
        self._files = {path: self._read_if_changed(path, signature) for path, signature in found.pages.items()}
        files = {path: file for path, (_, file) in self._files.items()}
        assembly = Assembly(files, self._data, found.faults, renderer=self._renderer, before=self._edition)
        edition = assembly.edition()
        # Only now: had it failed, the next look must try again.
        self._scan = found
        return edition

    def _read_if_changed(self, path: str, signature: Signature) -> tuple[Signature, PageFile]:
        known = self._files.get(path)
        if known is not None and known[0] == signature:
            return known
        return signature, read_page_file(self._content, path)
