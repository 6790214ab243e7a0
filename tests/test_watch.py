"""Whether the database answers, as whoever wants to use it learns it."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from knowledge_base.watch import SECONDS_BETWEEN_LOOKS, Watch

SHORT = timedelta(0)


class Clock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def goes_on() -> Iterator[Event]:
    """What a database that hangs waits for."""
    event = Event()
    yield event
    event.set()


def test_one_answer_holds_for_a_second() -> None:
    asked: list[int] = []
    clock = Clock()
    watch = Watch(lambda: asked.append(1), when_silent=lambda: None, clock=clock)

    watch.check()
    watch.check()
    at_once = len(asked)
    clock.now = SECONDS_BETWEEN_LOOKS
    watch.check()

    assert (at_once, len(asked)) == (1, 2)


def test_silence_is_waited_for_once_and_whoever_waits_elsewhere_is_told(
    goes_on: Event, caplog: pytest.LogCaptureFixture
) -> None:
    clock, told = Clock(), []

    def wait() -> None:
        goes_on.wait()

    watch = Watch(wait, when_silent=lambda: told.append(1), clock=clock)
    with pytest.raises(OperationalError, match="does not answer"):
        watch.check(patience=SHORT)
    by_the_hasty = list(told)
    clock.now = 10

    for _ in range(3):
        with pytest.raises(OperationalError, match="does not answer"):
            watch.check()

    assert (by_the_hasty, told) == ([], [1, 1, 1])
    assert [record.message.partition(".")[0] for record in caplog.records] == ["The database cannot be used"]


def test_a_database_that_is_back_is_noticed_and_said(caplog: pytest.LogCaptureFixture) -> None:
    states = iter([OperationalError(None, None, OSError("gone")), None])

    def answer() -> None:
        if error := next(states):
            raise error

    watch = Watch(answer, when_silent=lambda: None)
    with pytest.raises(OperationalError, match="gone"):
        watch.check()

    watch.check()

    assert [record.message.partition(".")[0] for record in caplog.records] == [
        "The database cannot be used",
        "The database answers again",
    ]
