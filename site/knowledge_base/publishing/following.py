"""Follow what other nodes publish: look at the shared remote every two seconds, beside answering requests."""

import logging
import time
from datetime import datetime
from threading import Event, Thread

from filelock import FileLock, Timeout

from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.publishing.sharing import clone_if_there_is_none, is_without_content
from knowledge_base.publishing.store import ContentStore
from knowledge_base.publishing.sync import sync_with

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 2.0
# So that a remote which stays away fills no disk with what is said of it.
SECONDS_BETWEEN_COMPLAINTS = 60.0


def follow(store: ContentStore, *, now: datetime) -> bool:
    """Bring this node and the shared remote to the same state, unless another process of the node is doing so.

    Says whether there was anything to do. Raises PublishingError, GitError and OSError.
    """
    if not store.remote:
        return False
    try:
        with FileLock(store.lock_file.with_name("following.lock"), timeout=0):
            is_new = _bring_to_the_same_state(store, now=now)
    except Timeout:
        return False
    if is_new:
        store.library.refresh()
    return is_new


def _bring_to_the_same_state(store: ContentStore, *, now: datetime) -> bool:
    # A node may have begun before there was anything at the remote, or while it was away.
    if is_without_content(store.content):
        return clone_if_there_is_none(store)
    shared = store.shared
    if shared is None or shared.newest() == store.repository.head():
        return False
    sync_with(store, shared, actor=SITE, now=now)
    return True


class Follower:
    """A thread that follows. Each process has one, so that no node needs a process that never ends."""

    def __init__(self, store: ContentStore, *, seconds: float = SECONDS_BETWEEN_LOOKS) -> None:
        self._store = store
        self._seconds = seconds
        self._ended = Event()
        self._complained_at = float("-inf")
        self._thread = Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to look, where there is something to follow."""
        if self._store.remote:
            self._thread.start()

    def stop(self) -> None:
        """End, after what is being done now."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                follow(self._store, now=utc_now())
            except Exception:
                # Whatever it is, the next look may find it gone.
                if time.monotonic() - self._complained_at > SECONDS_BETWEEN_COMPLAINTS:
                    self._complained_at = time.monotonic()
                    logger.exception("The shared history cannot be followed. It is tried again every two seconds.")
