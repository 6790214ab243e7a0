"""Keep an up-to-date edition of the content folder: notice what changes on disk and read only that."""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from knowledge_base.pages.assembly import Assembly, DataFiles, PageFile, read_data_files, read_page_file
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import Scan, Signature, scan
from knowledge_base.pages.rendering import Renderer

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
# A file that is written twice within a tick of the machine's clock looks unchanged after the second time. So what was
# read this soon after a change is read once more.
TOO_SOON = 1_000_000_000


class Library:
    """The content folder. `edition()` is cheap: it looks at the disk at most once a second."""

    def __init__(self, content: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._content = content
        self._clock = clock
        self._lock = Lock()
        self._renderer = Renderer()
        self._files: dict[str, tuple[Signature, PageFile]] = {}
        self._certain_before = 0
        self._data: DataFiles | None = None
        self._scan: Scan | None = None
        self._edition: Edition | None = None
        self._looked_at = 0.0
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why the last look failed, so that an older edition is served. None when it did not."""
        return self._trouble

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
            edition = self._look_at_disk()
        except OSError as error:
            if self._edition is None:
                raise
            if self._trouble is None:
                logger.error("The content folder cannot be read; serving what was there before: %s", error)  # noqa: TRY400
            self._trouble = str(error)
            return self._edition
        self._trouble = None
        return edition

    def _look_at_disk(self) -> Edition:
        started_at = time.time_ns()
        found = scan(self._content)
        data = self._read_data_if_changed(found)
        files = {path: self._read_if_changed(path, signature) for path, signature in found.pages.items()}
        self._certain_before = started_at - TOO_SOON
        if self._edition is not None and (found, data, files) == (self._scan, self._data, self._files):
            return self._edition
        pages = {path: file for path, (_, file) in files.items()}
        edition = Assembly(pages, data, found, renderer=self._renderer).edition()
        # Only now: had it failed, the next look must try again.
        self._scan, self._data, self._files = found, data, files
        return edition

    def _read_data_if_changed(self, found: Scan) -> DataFiles:
        known = self._data
        is_same = self._scan is not None and found.data == self._scan.data
        if known is not None and is_same and self._is_certain(known.faults, *found.data.values()):
            return known
        return read_data_files(self._content)

    def _read_if_changed(self, path: str, signature: Signature) -> tuple[Signature, PageFile]:
        known = self._files.get(path)
        if known is not None and known[0] == signature and self._is_certain(known[1].faults, signature):
            return known
        return signature, read_page_file(self._content, path)

    def _is_certain(self, faults: Iterable[Fault], *signatures: Signature) -> bool:
        """Say whether reading files of these signatures again can find nothing else."""
        if any(fault.may_pass for fault in faults):
            return False
        return all(changed_at < self._certain_before for _, changed_at, _, _ in signatures)
