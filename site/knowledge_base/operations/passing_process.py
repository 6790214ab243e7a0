"""Do something in a process that ends with it, so that the memory it took is given back."""

import multiprocessing
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130


def in_passing_process(function: Callable[[], None]) -> None:
    """Run the function in a copy of this process, and wait for it.

    What it says is said, and what it keeps in memory is gone. Ends this process with the same exit code when it ends
    with another than 0; whoever ends this process meanwhile ends that one too. Only before there are threads.
    """
    process = multiprocessing.get_context("fork").Process(target=_run, args=(function,))
    before = signal.signal(signal.SIGTERM, _end)
    try:
        process.start()
        process.join()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)
        if process.is_alive():
            process.terminate()
            process.join()
    if process.exitcode:
        sys.exit(process.exitcode if process.exitcode > 0 else 128 - process.exitcode)


def _run(function: Callable[[], None]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        function()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
