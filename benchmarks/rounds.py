"""Put the same questions to several engines in turn, and note what each took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from benchmarks.engines import Engine
from benchmarks.measuring import Took, timed
from benchmarks.questions import Question


@dataclass(frozen=True)
class Sample:
    """What one question took of one engine, in which round, and whether it had an answer."""

    engine: str
    question: Question
    took: Took
    is_answered: bool
    round: int


def ask_in_turn(engines: Sequence[Engine], rounds: Sequence[Sequence[Question]]) -> Iterator[Sample]:
    """Ask every question of every engine. Which engine comes first changes from question to question."""
    for number, questions in enumerate(rounds, start=1):
        click.echo(f"Asking {len(questions)} questions, {number} of {len(rounds)}", err=True)
        for place, question in enumerate(questions):
            first = place % len(engines)
            for engine in (*engines[first:], *engines[:first]):
                found, took = timed(engine.ask, question)
                yield Sample(engine.name, question, took, bool(found), number)
