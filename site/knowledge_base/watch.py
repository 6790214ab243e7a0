"""Whether the database answers: asked beside the requests, so that one that hangs holds nobody up for long."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from time import monotonic

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from knowledge_base.probes import NoAnswerError, Probe

logger = logging.getLogger(__name__)

# An answer holds for so long.
SECONDS_BETWEEN_LOOKS = 1.0
# How long to wait for one that has answered so far, and for one that has not: then others wait behind whoever waits.
PATIENCE = timedelta(seconds=3)
PATIENCE_WITH_SILENCE = timedelta(milliseconds=250)


class Watch:
    """Asks a database before it is used, at most once a second for all who use it. Safe between threads.

    `question` raises SQLAlchemyError where it cannot be used. `when_silent` is called when there is no answer at all.
    """

    def __init__(
        self,
        question: Callable[[], None],
        *,
        when_silent: Callable[[], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._probe = Probe(question, clock=clock)
        self._when_silent = when_silent
        self._clock = clock
        self._holds_until = float("-inf")
        self._is_down = False
        self._lock = Lock()

    def check(self, *, patience: timedelta = PATIENCE) -> None:
        """Raise SQLAlchemyError when the database cannot be used: after our `patience`, or sooner if that is known."""
        if self._clock() < self._holds_until:
            return
        wait = min(max(patience, PATIENCE_WITH_SILENCE), PATIENCE_WITH_SILENCE if self._is_down else PATIENCE)
        try:
            self._probe.answer(patience=wait.total_seconds())
        except NoAnswerError as error:
            if patience >= PATIENCE:
                self._note(is_down=True)
                self._when_silent()
            silence = TimeoutError("the database does not answer")
            raise OperationalError(None, None, silence) from error
        except SQLAlchemyError:
            self._note(is_down=True)
            raise
        self._holds_until = self._clock() + SECONDS_BETWEEN_LOOKS
        self._note(is_down=False)

    def _note(self, *, is_down: bool) -> None:
        with self._lock:
            is_news, self._is_down = is_down != self._is_down, is_down
        if is_news:
            words = "cannot be used. Pages for everybody can be read meanwhile." if is_down else "answers again."
            logger.log(logging.ERROR if is_down else logging.WARNING, "The database %s", words)
