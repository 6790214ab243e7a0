"""Run something in a process of its own, which nothing that ran before has warmed up."""

import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar, cast

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class ProcessFailedError(Exception):
    """The process ended without a result."""


def in_fresh_process(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """Return what a module's function returns there. The process does not outlive this call, however it ends."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, function, arguments, options), daemon=True)
    process.start()
    sender.close()
    try:
        return cast("Result", receiver.recv())
    except EOFError as error:
        message = "The process that was to measure has failed: see above."
        raise ProcessFailedError(message) from error
    finally:
        process.kill()
        process.join()
        receiver.close()


def _run(
    sender: Connection, function: Callable[..., object], arguments: tuple[object, ...], options: dict[str, object]
) -> None:
    # Ctrl-C reaches both processes: the other one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sender.send(function(*arguments, **options))
