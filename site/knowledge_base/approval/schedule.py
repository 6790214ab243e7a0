"""Look each second whether something is due, beside answering requests."""

import logging
import time
from collections.abc import Callable
from threading import Event, Thread

from knowledge_base.approval.due import run_due
from knowledge_base.approval.notices import send_notices
from knowledge_base.db import utc_now
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import Settings
from knowledge_base.telemetry.measures import note_schedule_look

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
# So that a fault which does not pass fills no disk with what is said of it.
SECONDS_BETWEEN_COMPLAINTS = 60.0
SECONDS_BETWEEN_CLEANINGS = 3600.0


class Schedule:
    """Threads that publish what is due and send notices. Several, in several processes, go well together.

    Letters have a thread of their own: a mail server may let one wait, and nothing must go live late for that.
    `clean` is called each hour, to forget what is past its time.
    """

    def __init__(
        self,
        store: ContentStore,
        settings: Settings,
        *,
        clean: Callable[[], None],
        seconds: float = SECONDS_BETWEEN_LOOKS,
    ) -> None:
        self._store = store
        self._settings = settings
        self._seconds = seconds
        self._ended = Event()
        self._clean = clean
        self._cleaned_at = float("-inf")
        self._looked_at = time.monotonic()
        looks = {"Changes": self._publish, "Letters": self._send}
        self._threads = [Thread(target=self._run, args=look, name=look[0], daemon=True) for look in looks.items()]

    def start(self) -> None:
        """Begin to look."""
        self._note_look()
        for thread in self._threads:
            thread.start()

    @property
    def seconds_since_look(self) -> float:
        """How long ago the last look came to its end, which is long where there is a fault."""
        return time.monotonic() - self._looked_at

    def stop(self) -> None:
        """End, after what is being done now."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _note_look(self) -> None:
        self._looked_at = time.monotonic()
        note_schedule_look()

    def _publish(self) -> None:
        run_due(self._store, now=utc_now())
        self._note_look()
        if time.monotonic() - self._cleaned_at > SECONDS_BETWEEN_CLEANINGS:
            self._cleaned_at = time.monotonic()
            self._clean()

    def _send(self) -> None:
        send_notices(self._store, self._settings)

    def _run(self, what: str, look: Callable[[], None]) -> None:
        complained_at = float("-inf")
        while not self._ended.wait(self._seconds):
            try:
                look()
            except Exception:
                # Whatever it is, the next look may find it gone.
                if time.monotonic() - complained_at > SECONDS_BETWEEN_COMPLAINTS:
                    complained_at = time.monotonic()
                    logger.exception("%s that are due could not be dealt with. It is tried again each second.", what)
