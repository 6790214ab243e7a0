"""Several processes publish at once, some are killed, files change by hand: whatever was confirmed is there."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from knowledge_base.pages.library import Library
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.errors import EditConflictError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.recovery import recover
from knowledge_base.publishing.store import ContentStore
from tests.content_folder import ContentFolder
from tests.publishing.conftest import NOW, git

PROCESSES, EDITS, PAGES, KILLED = 4, 12, 5, 2


@pytest.fixture
def pages(store: ContentStore, content: ContentFolder) -> list[str]:
    names = [f"referral/page-{number}" for number in range(PAGES)]
    for name in names:
        content.page(name, "".join(f"Line {line} of many.\n\n" for line in range(PROCESSES * EDITS)))
    return names


def test_whatever_was_confirmed_is_in_the_history_and_in_the_pages(
    store: ContentStore, pages: list[str], jane: Contributor, tmp_path: Path
) -> None:
    store.database.dispose()
    children = [work_in_a_process(store, pages, jane, tmp_path, number) for number in range(PROCESSES)]
    kill_some_and_edit_by_hand(store, children, tmp_path)
    for child in children:
        os.waitpid(child, 0)

    with store.locked():
        recover(store, now=NOW)

    log = git(store, "log", "--format=%H %B")
    confirmed = [line for file in tmp_path.glob("confirmed-*") for line in file.read_text().splitlines()]
    assert len(confirmed) > PROCESSES
    for line in confirmed:
        revision, page, words = line.split("|")
        assert revision in log
        assert words in (store.content / f"{page}.md").read_text()
    assert not Library(store.content).edition().faults
    assert git(store, "status", "--porcelain") in {"", " M referral/index.md"}
    assert git(store, "fsck", "--no-dangling") == ""
    assert not [file for file in store.content.rglob("*") if file.suffix == ".lock" or ".unfinished" in file.name]


def work_in_a_process(store: ContentStore, pages: list[str], jane: Contributor, folder: Path, number: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        chance = random.Random(number)  # noqa: S311 - which page comes next
        with (folder / f"confirmed-{number}").open("w") as confirmed:
            for edit in range(EDITS):
                page = chance.choice(pages)
                words = f"Process {number} wrote edit {edit}."
                if revision := publish_line(store, page, words, jane, line=number * EDITS + edit):
                    print(f"{revision}|{page}|{words}", file=confirmed, flush=True)
    finally:
        os._exit(0)


def publish_line(store: ContentStore, page: str, words: str, jane: Contributor, *, line: int) -> str | None:
    base = store.files.read(f"{page}.md")
    assert base is not None
    files = (FileChange(f"{page}.md", base.replace(f"Line {line} of many.".encode(), words.encode()), base),)
    try:
        return publish(store, Change(files, subject=page, note=words), by=jane, now=NOW).revision
    except EditConflictError:
        return None


def kill_some_and_edit_by_hand(store: ContentStore, children: list[int], folder: Path) -> None:
    """Kill some processes once each has confirmed something, and change another page by hand meanwhile."""
    for number, child in enumerate(children[:KILLED]):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (folder / f"confirmed-{number}").stat().st_size:
            index = store.content / "referral" / "index.md"
            index.write_text(index.read_text() + "\nBy hand.\n")
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
