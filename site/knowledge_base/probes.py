"""Ask what may never answer, and do not wait for it: a database that hangs says neither yes nor no."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class NoAnswerError(Exception):
    """It takes longer than we wait."""


class Probe(Generic[Answer]):
    """A question that is asked in a thread of its own, once at a time however many want to know.

    A thread that hangs stays, but there is never more than one.
    """

    def __init__(self, question: Callable[[], Answer], *, clock: Callable[[], float] = monotonic) -> None:
        self._question = question
        self._clock = clock
        self._lock = Lock()
        self._asked: tuple[Future[Answer], float] | None = None

    def ask(self) -> "tuple[Future[Answer], float]":
        """Put the question, unless it is being asked already. Returns what will be answered, and when it was asked."""
        with self._lock:
            if self._asked is None or self._asked[0].done():
                answer: Future[Answer] = Future()
                self._asked = answer, self._clock()
                try:
                    Thread(target=self._find_out, args=(answer,), daemon=True).start()
                except RuntimeError:
                    # The machine has no thread left. Nobody would ever answer, and nobody would ask again.
                    answer.set_exception(NoAnswerError())
            return self._asked

    def answer(self, *, patience: float) -> Answer:
        """Return the answer, `patience` seconds after the question at the latest; else raises NoAnswerError.

        Raises what the question raised.
        """
        answer, asked_at = self.ask()
        if not wait([answer], timeout=max(asked_at + patience - self._clock(), 0)).done:
            raise NoAnswerError
        return answer.result()

    def _find_out(self, answer: "Future[Answer]") -> None:
        try:
            answer.set_result(self._question())
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            answer.set_exception(error)
