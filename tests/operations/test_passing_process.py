"""A process for one thing, which takes its memory with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge_base.operations.passing_process import in_passing_process
from knowledge_base.settings import ROOT

WAITS = """
import sys, time
from knowledge_base.operations.passing_process import in_passing_process
def wait():
    print("waits", flush=True)
    time.sleep(60)
in_passing_process(wait)
"""


def test_what_it_says_is_said_and_what_it_keeps_is_gone(capfd: pytest.CaptureFixture[str]) -> None:
    kept = []

    def work() -> None:
        kept.append(1)
        sys.stdout.write(f"worked in {os.getpid()}")

    in_passing_process(work)

    assert kept == []
    said = capfd.readouterr().out
    assert said.startswith("worked in ")
    assert str(os.getpid()) not in said


@pytest.mark.parametrize(("end", "code"), [(2, 2), ("It cannot start.", 1)])
def test_its_end_is_that_of_whoever_started_it(capfd: pytest.CaptureFixture[str], end: int | str, code: int) -> None:
    def fail() -> None:
        sys.exit(end)

    with pytest.raises(SystemExit) as caught:
        in_passing_process(fail)

    assert caught.value.code == code
    assert capfd.readouterr().err == (f"{end}\n" if isinstance(end, str) else "")


def test_one_that_is_killed_is_no_success() -> None:
    with pytest.raises(SystemExit) as caught:
        in_passing_process(lambda: os.kill(os.getpid(), signal.SIGKILL))

    assert caught.value.code == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_whoever_started_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "site"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "waits\n"
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(number)
        _, said = process.communicate()

    assert process.returncode == 128 + number
    assert said == ""
    assert not Path(f"/proc/{child}").exists()
