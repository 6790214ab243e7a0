"""Several processes, real ones, share one index folder."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.search.generations import Generations
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.snapshot import Asker, Snapshot

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
Found = Callable[..., list[str]]
Process = subprocess.Popen[str]
StartPython = Callable[..., Process]

OPEN = """
import sys
from pathlib import Path
from knowledge_base.pages.library import Library
from knowledge_base.search.index import SearchIndex
content, folder = map(Path, sys.argv[1:])
index, edition = SearchIndex(folder, patience=60), Library(content).edition()
"""
SYNC = f"""{OPEN}
print("ready", flush=True)
sys.stdin.readline()
print(index.sync(edition), flush=True)
"""
STOP_HALFWAY = f"""{OPEN}
def stop(done, total):
    print("halfway", flush=True)
    sys.stdin.readline()
index.rebuild(edition, progress=stop)
"""


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    for number in range(20):
        write(f"page-{number}", f"Ask the hub about number{number}.\n\n## More\n\nAnd more.\n")


@pytest.fixture
def start(start_python: StartPython, content: Any, index_folder: Path) -> Callable[[str], Process]:  # noqa: ANN401
    return lambda code: start_python(code, content.root, index_folder)


def said(process: Process) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go_on(process: Process) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def sections_in(folder: Path) -> list[str]:
    """Return every section of the index in the folder, checking that there is one generation only."""
    current = Generations(folder).current()
    assert current
    assert list(folder.glob("generation-*")) == [current]
    snapshot = Snapshot(current)
    stored = [f"{one['page']}#{one['anchor']}" for one in snapshot._searcher.reader().all_stored_fields()]
    snapshot.close()
    return sorted(stored)


def test_processes_that_build_the_first_index_at_once_build_one(
    start: Callable[[str], Process], index_folder: Path
) -> None:
    processes = [start(SYNC) for _ in range(3)]
    assert [said(one) for one in processes] == ["ready"] * 3

    for one in processes:
        go_on(one)

    assert [said(one) for one in processes] == ["True"] * 3
    assert sections_in(index_folder) == sorted(f"/page-{n}#{anchor}" for n in range(20) for anchor in ("", "more"))


def test_processes_that_notice_changes_at_once_apply_them_once(
    start: Callable[[str], Process], index: SearchIndex, look: Look, write: Write, index_folder: Path, found: Found
) -> None:
    index.sync(look())
    before = sections_in(index_folder)
    for number in range(0, 20, 2):
        write(f"page-{number}", f"Ask the centre about number{number}.\n\n## More\n\nAnd more.\n")
    processes = [start(SYNC) for _ in range(3)]
    assert [said(one) for one in processes] == ["ready"] * 3

    for one in processes:
        go_on(one)

    assert [said(one) for one in processes] == ["True"] * 3
    assert sections_in(index_folder) == before
    assert found("centre number4") == ["/page-4", *found("centre number4")[1:]]


def test_a_rebuild_that_is_killed_leaves_the_generation_before(
    start: Callable[[str], Process], index: SearchIndex, look: Look, index_folder: Path, found: Found
) -> None:
    index.sync(look())
    before = Generations(index_folder).current()
    process = start(STOP_HALFWAY)
    assert said(process) == "halfway"

    process.kill()
    process.wait()

    assert Generations(index_folder).current() == before
    assert found("number7")[0] == "/page-7"
    assert len(list(index_folder.glob("generation-*"))) == 2


def test_after_a_killed_rebuild_the_next_one_cleans_up(
    start: Callable[[str], Process], index: SearchIndex, look: Look, index_folder: Path
) -> None:
    index.sync(look())
    process = start(STOP_HALFWAY)
    assert said(process) == "halfway"
    process.kill()
    process.wait()

    index.rebuild(look())

    assert len(sections_in(index_folder)) == 40


def test_searches_go_on_while_another_process_rebuilds(
    start: Callable[[str], Process], index: SearchIndex, look: Look, found: Found
) -> None:
    index.sync(look())
    process = start(STOP_HALFWAY)
    assert said(process) == "halfway"

    assert found("number7")[0] == "/page-7"
