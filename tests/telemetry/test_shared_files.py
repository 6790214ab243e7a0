"""What processes counted, put together, and kept when they are gone: with real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from knowledge_base.settings import ROOT
from knowledge_base.telemetry.places import make_folder, memory_folder, remove_folder
from knowledge_base.telemetry.shared_files import SharedFiles, put_away

COUNT = """
import os, sys
from knowledge_base.telemetry import measures
for _ in range(int(sys.argv[1])):
    measures.count_request(route="/search", method="GET", status=200, seconds=0.25)
measures.note_schedule_look()
print(os.getpid())
"""


def process_that_counts(folder: Path, times: int) -> int:
    """Run a process that counts so many requests, and return its number."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": str(ROOT / "site")}
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(times)], env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def measured(folder: Path) -> str:
    registry = CollectorRegistry()
    registry.register(SharedFiles(folder))
    return generate_latest(registry).decode()


def test_what_several_processes_counted_is_added_up(tmp_path: Path) -> None:
    process_that_counts(tmp_path, 2)
    process_that_counts(tmp_path, 3)

    found = measured(tmp_path)

    assert 'kb_http_requests_total{method="GET",route="/search",status="200"} 5.0' in found
    assert 'kb_http_request_seconds_bucket{le="0.1",route="/search"} 0.0' in found
    assert 'kb_http_request_seconds_bucket{le="0.25",route="/search"} 5.0' in found
    assert 'kb_http_request_seconds_count{route="/search"} 5.0' in found


def test_processes_that_ended_leave_their_numbers_and_no_files(tmp_path: Path) -> None:
    ended = [process_that_counts(tmp_path, times) for times in (2, 3)]
    process_that_counts(tmp_path, 4)
    before = measured(tmp_path)

    for process in ended:
        put_away(tmp_path, process)

    requests = [line for line in measured(tmp_path).splitlines() if line.startswith("kb_http")]
    assert sorted(requests) == sorted(line for line in before.splitlines() if line.startswith("kb_http"))
    assert 'kb_http_requests_total{method="GET",route="/search",status="200"} 9.0' in requests
    assert not [path.name for path in tmp_path.iterdir() for process in ended if str(process) in path.name]


def test_only_processes_that_live_say_when_they_last_looked(tmp_path: Path) -> None:
    ended = process_that_counts(tmp_path, 1)

    put_away(tmp_path, ended)

    assert "kb_schedule_last_look_timestamp_seconds" not in measured(tmp_path)


def test_the_folder_is_where_systemd_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))

    folder = make_folder()

    assert memory_folder() == tmp_path
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700
    remove_folder(folder, maker=os.getpid() + 1)
    assert folder.exists()
    remove_folder(folder, maker=os.getpid())
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "missing"))

    assert memory_folder() != tmp_path / "missing"


def test_a_process_that_was_killed_as_it_made_its_file_takes_nobody_along(tmp_path: Path) -> None:
    process = process_that_counts(tmp_path, 2)
    (tmp_path / f"histogram_{process}.db").write_bytes(b"")

    put_away(tmp_path, process)

    assert 'kb_http_requests_total{method="GET",route="/search",status="200"} 2.0' in measured(tmp_path)
    assert not list(tmp_path.glob(f"*_{process}.db"))
