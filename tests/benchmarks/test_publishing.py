import json
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from benchmarks.aftermath import look_at
from benchmarks.crowd import CONFIRMED, Task, edits
from benchmarks.publishing import publish
from knowledge_base.pages.library import Library
from knowledge_base.search.index import SearchIndex
from tests.content_folder import ContentFolder


def test_a_small_run_loses_nothing_and_leaves_nothing_behind(
    content: ContentFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.page("index")
    runs = tmp_path / "runs"
    runs.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(runs))
    numbers = ["--processes", "4", "--edits", "20", "--pages", "4", "--kills", "2"]

    result = CliRunner().invoke(publish, [*numbers, "--beside", str(content.root)])

    assert result.exit_code == 0, result.output
    assert "2 processes killed" in result.stdout
    # One that was killed while git moved the branch has left git's lock, which holds for a minute.
    assert [one for one in refusals_in(result.stdout) if "Another git has locked the branch" not in one] == []
    assert "Nothing is lost, wrong or locked." in result.stdout
    assert list(runs.iterdir()) == []


def refusals_in(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith("  refused ")]


def test_a_lock_that_a_killed_git_left_on_the_branch_is_removed_a_minute_later(
    app: Flask, content: ContentFolder, tmp_path: Path
) -> None:
    content.page("index")
    store = app.extensions["content_store"]
    head = store.repository.head()
    locks = [content.root / ".git" / name for name in ("HEAD.lock", "refs/heads/main.lock")]
    for lock in locks:
        lock.touch()

    look_at(app, tmp_path, Task(str(tmp_path), process=0, first=0, processes=1, each=1, pages=1, with_commands=False))

    assert [lock for lock in locks if lock.exists()] == []
    assert store.repository.head() == head


def test_what_is_lost_wrong_or_left_behind_is_told(app: Flask, content: ContentFolder, tmp_path: Path) -> None:
    task = Task(str(tmp_path), process=0, first=0, processes=1, each=1, pages=1, with_commands=False)
    edit = next(edits(processes=1, each=1, pages=1))
    content.page("index")
    content.page("crowd/index")
    content.page("crowd/page-0", edit.before)
    (tmp_path / "said-0").write_text(json.dumps([CONFIRMED, edit.number, "f" * 40]))
    index = SearchIndex(tmp_path / "index")
    index.rebuild(Library(content.root).edition())
    index.close()
    content.page("broken", audience="nobody")
    content.page("crowd/index", "Other words.")
    assert app.extensions["content_store"].repository.head()
    (content.root / ".git" / "refs" / "heads" / "other.lock").touch()

    found = look_at(app, tmp_path, task)

    told = "\n".join(found.problems)
    assert "1 publications are not in the history" in told
    assert "1 publications are not in their pages" in told
    assert "left out: broken.md" in told
    assert "left behind" in told
    assert len(found.problems) == 5
