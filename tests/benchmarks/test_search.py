import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.processes import ProcessFailedError, in_fresh_process
from benchmarks.search import search
from knowledge_base.settings import ROOT


def test_a_small_run_prints_the_tables_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    result = CliRunner().invoke(search, ["--sections", "100", "--queries", "10", "--rounds", "1"])

    assert result.exit_code == 0, result.output
    assert "| latency, p95 " in result.stdout
    assert "| one page changed: until a search finds it |" in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("ended_by", "status"), [(signal.SIGINT, 1), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_a_run_that_is_ended_leaves_nothing_behind(tmp_path: Path, ended_by: signal.Signals, status: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "search", "--sections", "100000"],
        cwd=ROOT,
        env={"PYTHONPATH": "site", "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        said = next(line for line in process.stderr if line.startswith("Writing section"))
        begun = list(tmp_path.iterdir())
        process.send_signal(ended_by)

        assert process.wait() == status, said
    assert begun
    assert list(tmp_path.iterdir()) == []


def test_sizes_that_are_no_numbers_are_refused() -> None:
    result = CliRunner().invoke(search, ["--sections", "1000,many"])

    assert result.exit_code == 2
    assert "give whole numbers with commas between them" in result.stderr


def test_a_process_that_fails_gives_no_result() -> None:
    with pytest.raises(ProcessFailedError):
        in_fresh_process(int, "no number")
