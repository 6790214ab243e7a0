"""Keep an up-to-date edition of the content folder: notice what changes on disk and read only that."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TypeVar

from knowledge_base.pages.assembly import Assembly
from knowledge_base.pages.attachments import Attachment, AttachmentFile, content_of, read_attachment
from knowledge_base.pages.changes import changed_files, files_around
from knowledge_base.pages.data_stand_ins import DataStandIns
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.reading import DataFiles, Files, PageFile, read_data_files, read_page_file
from knowledge_base.pages.rendering import Renderer
from knowledge_base.pages.scanning import Scan, Signature, same_but_for, scan
from knowledge_base.pages.stand_ins import StandIns, Versions
from knowledge_base.pages.trouble import NotReadWholeError, Trouble, unread_in

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
# A file that is written twice within a tick of the machine's clock looks unchanged after the second time. So what was
# read this soon after a change is read once more.
TOO_SOON = 1_000_000_000
# For so many seconds a state of the folder is what readers may go on seeing when some of it cannot be read any more.
RECENT = 60.0


WithFaults = TypeVar("WithFaults", PageFile, AttachmentFile)
# What was read of each file, and the signature it then had.
_Read = dict[str, tuple[Signature, WithFaults]]


class Library:
    """The content folder. `edition()` is cheap: it looks at the disk at most once a second.

    `versions` knows what files were before; without it, nothing is shown instead of a broken page.
    """

    def __init__(
        self, content: Path, *, versions: Versions | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._content = content
        self._stand_ins = StandIns(versions)
        self._data_stand_ins = DataStandIns(content, versions)
        self._clock = clock
        self._lock = Lock()
        self._renderer = Renderer()
        self._files: _Read[PageFile] = {}
        self._attachments: _Read[AttachmentFile] = {}
        self._certain_before = 0
        self._data: DataFiles | None = None
        self._scan: Scan | None = None
        self._edition: Edition | None = None
        self._looked_at = 0.0
        self._trouble: Trouble | None = None
        self._read_whole_at: float | None = None

    @property
    def trouble(self) -> Trouble | None:
        """What the last look could not read. None when it read all there is."""
        return self._trouble

    @property
    def changed_at(self) -> float:
        """When a page or data file last changed on the disk, in seconds since 1970. 0 before the first look."""
        found = self._scan
        signatures = [*found.pages.values(), *found.data.values()] if found else []
        return max((changed_at for _, changed_at, _, _ in signatures), default=0) / 1e9

    def edition(self) -> Edition:
        """Return the content as it is on disk, or was a second ago at most.

        While the folder or something in it cannot be read, returns the last one that was read whole. Where there was
        none, what cannot be read is for nobody, and nothing else may be missing: raises OSError without the folder.
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

    def edition_with(self, changes: Mapping[str, bytes | None]) -> Edition:
        """Return what the site would be if these files under `content/` had that content. None: no such file.

        Nothing on disk is touched. What the change leaves as it is, is rendered once for this and the live edition; the
        rest goes when the returned edition does. Raises ValueError for a name that is no path under the folder.
        """
        self.edition()
        with self._lock:
            live, files = self._edition, self._known_files()
        known = {page.fingerprint for page in live.pages.values()} if live else set()
        renderer = Renderer(live=self._renderer, fingerprints=known)
        return self._assembled(changed_files(self._content, files, changes), renderer, changed=changes)

    def changed_pages_with(self, changes: Mapping[str, bytes | None]) -> Edition:
        """Return the same with only the pages that these files are or belong to, and the indexes of their folders.

        It is made quickly, and says for whom these pages would be; it knows of no other page and of no attachment.
        """
        self.edition()
        with self._lock:
            files = files_around(self._known_files(), changes)
        return self._assembled(changed_files(self._content, files, changes), self._renderer, changed=changes)

    def content_of(self, attachment: Attachment) -> bytes | None:
        """Return a file's content, if it still is what was found when the edition was made."""
        return content_of(self._content, attachment)

    def _look(self) -> Edition:
        try:
            edition, unread = self._look_at_disk()
        except OSError as error:
            if self._edition is None:
                raise
            self._tell(Trouble(str(error), error.unread if isinstance(error, NotReadWholeError) else ()))
            return self._edition
        reason = "; ".join(map(str, unread))
        self._tell(Trouble(reason, unread, is_older_shown=False) if unread else None)
        return edition

    def _tell(self, trouble: Trouble | None) -> None:
        if trouble and trouble != self._trouble:
            shown = "what was there before" if trouble.is_older_shown else "nobody what that is"
            logger.error("The content folder cannot be read; showing %s: %s", shown, trouble.reason)
        self._trouble = trouble

    def _look_at_disk(self) -> tuple[Edition, tuple[Fault, ...]]:
        """Return the edition of what is on the disk, and what of it could not be read where none is to be kept."""
        started_at = time.time_ns()
        found = scan(self._content)
        data = self._read_data_if_changed(found)
        files = self._read_if_changed(found.pages, self._files, read_page_file)
        attachments = self._read_if_changed(found.attachments, self._attachments, read_attachment)
        read = _files(found, data, files, attachments)
        unread = unread_in(read)
        if unread and self._is_to_be_kept(found, unread):
            raise NotReadWholeError(unread)
        self._certain_before = started_at - TOO_SOON
        self._read_whole_at = None if unread else self._clock()
        known = (self._scan, self._data, self._files, self._attachments)
        if self._edition is not None and (found, data, files, attachments) == known:
            return self._edition, unread
        edition = self._assembled(read, self._renderer, changed={})
        # Only now: had it failed, the next look must try again.
        self._scan, self._data, self._files, self._attachments = found, data, files, attachments
        return edition, unread

    def _is_to_be_kept(self, found: Scan, unread: Collection[Fault]) -> bool:
        """Say whether the last edition is to be shown while some of the folder cannot be read.

        Never half of it with half of a newer one: a page may have been narrowed in the same moment as its folder was
        opened. Nor one of long ago, as a worker has it that nobody asked for a while, or that has just begun: unless
        nothing else has changed since, which speaks for nothing having been narrowed.
        """
        if self._read_whole_at is None or self._scan is None:
            return False
        is_kept = self._trouble is not None and self._trouble.is_older_shown and bool(self._trouble.faults)
        is_recent = self._clock() - self._read_whole_at < RECENT
        return is_kept or is_recent or same_but_for({one.path for one in unread}, self._scan, found)

    def _assembled(self, files: Files, renderer: Renderer, *, changed: Mapping[str, bytes | None]) -> Edition:
        files = replace(files, data=self._data_stand_ins.complete(files.data, changes=changed))
        find = self._stand_ins.finder(files.pages, audiences=files.data.audiences, changed=changed)
        return Assembly(files, renderer=renderer, find_stand_in=find).edition()

    def _known_files(self) -> Files:
        """Return what the last edition was made of."""
        if self._scan is None or self._data is None:
            message = "the content folder has not been read"
            raise RuntimeError(message)
        return _files(self._scan, self._data, self._files, self._attachments)

    def _read_data_if_changed(self, found: Scan) -> DataFiles:
        known = self._data
        is_same = self._scan is not None and found.data == self._scan.data
        if known is not None and is_same and self._is_certain(known.faults, *found.data.values()):
            return known
        return read_data_files(self._content)

    def _read_if_changed(
        self,
        found: Mapping[str, Signature],
        known: _Read[WithFaults],
        read: Callable[[Path, str], WithFaults],
    ) -> _Read[WithFaults]:
        files: _Read[WithFaults] = {}
        for path, signature in found.items():
            before = known.get(path)
            is_same = before is not None and before[0] == signature and self._is_certain(before[1].faults, signature)
            files[path] = before if before and is_same else (signature, read(self._content, path))
        return files

    def _is_certain(self, faults: Iterable[Fault], *signatures: Signature) -> bool:
        """Say whether reading files of these signatures again can find nothing else."""
        if any(fault.may_pass for fault in faults):
            return False
        return all(changed_at < self._certain_before for _, changed_at, _, _ in signatures)


def _files(found: Scan, data: DataFiles, pages: _Read[PageFile], attachments: _Read[AttachmentFile]) -> Files:
    return Files(
        found=found,
        data=data,
        pages={path: file for path, (_, file) in pages.items()},
        attachments={path: file for path, (_, file) in attachments.items()},
    )
