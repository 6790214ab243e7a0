"""Questions that may never be answered."""

from threading import Event, Thread

import pytest

from knowledge_base.probes import NoAnswerError, Probe

PATIENCE = 20


def test_an_answer_is_given_anew_each_time() -> None:
    answers = iter([1, 2])
    probe = Probe(lambda: next(answers))

    assert [probe.answer(patience=PATIENCE), probe.answer(patience=PATIENCE)] == [1, 2]


def test_what_the_question_raises_is_raised() -> None:
    def fail() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        Probe(fail).answer(patience=PATIENCE)


def test_one_that_hangs_is_asked_once_and_not_waited_for() -> None:
    goes_on, asked = Event(), []

    def hang() -> str:
        asked.append(1)
        goes_on.wait()
        return "late"

    probe = Probe(hang)
    for _ in range(3):
        with pytest.raises(NoAnswerError):
            probe.answer(patience=0)

    assert asked == [1]
    running, _ = probe.ask()
    goes_on.set()
    assert running.result(timeout=PATIENCE) == "late"


def test_whoever_comes_late_waits_for_what_is_left() -> None:
    now, goes_on = [0.0], Event()
    probe = Probe(goes_on.wait, clock=lambda: now[0])
    probe.ask()
    now[0] = PATIENCE * 1000.0

    with pytest.raises(NoAnswerError):
        probe.answer(patience=PATIENCE * 1000)

    goes_on.set()


def test_one_that_could_not_be_asked_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = Probe(lambda: "an answer")

    def refuse(_thread: Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    with monkeypatch.context() as machine:
        machine.setattr(Thread, "start", refuse)
        with pytest.raises(NoAnswerError):
            probe.answer(patience=PATIENCE)

    assert probe.answer(patience=PATIENCE) == "an answer"
