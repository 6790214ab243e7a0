import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.pages.edition import Edition
from knowledge_base.search.generations import (
    Generations,
    IndexUnusableError,
    State,
    read_state,
    seconds_since_change,
    write_state,
)
from knowledge_base.search.index import SearchIndex


def test_a_new_generation_counts_only_when_it_is_complete(tmp_path: Path) -> None:
    generations = Generations(tmp_path)

    with generations.new() as folder:
        assert generations.current() is None

    assert generations.current() == folder


def test_a_generation_that_fails_is_removed_and_the_one_before_stays(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    with generations.new() as first:
        pass

    with pytest.raises(RuntimeError), generations.new():
        raise RuntimeError

    assert generations.current() == first
    assert list(tmp_path.glob("generation-*")) == [first]


def test_only_the_application_may_look_into_a_generation(tmp_path: Path) -> None:
    with Generations(tmp_path).new() as folder:
        pass

    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = State("1", "abc", {"/share": "x", "/": "y"})

    write_state(tmp_path, state)

    assert read_state(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": "1", "pages": ["/"]}', "\x00"])
def test_a_state_that_makes_no_sense_is_no_state(tmp_path: Path, text: str) -> None:
    (tmp_path / "state").write_text(text)

    assert read_state(tmp_path) is None


def test_a_missing_state_is_no_state_and_was_changed_long_ago(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    assert seconds_since_change(tmp_path) == float("inf")


def test_a_state_from_the_future_was_changed_long_ago(tmp_path: Path) -> None:
    write_state(tmp_path, State("1"))
    future = (tmp_path / "state").stat().st_mtime + 1000

    os.utime(tmp_path / "state", (future, future))

    assert seconds_since_change(tmp_path) == float("inf")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, look: Callable[[], Edition]) -> None:
    (tmp_path / "file").write_text("")
    index = SearchIndex(tmp_path / "file" / "search_index")

    with pytest.raises(IndexUnusableError, match="cannot be written"):
        index.ask(look(), lambda _snapshot: None)


@pytest.mark.parametrize(("changed", "is_rebuilt"), [(20, False), (21, True)])
def test_a_generation_is_built_anew_when_many_of_its_pages_have_changed(
    found: Callable[[str], list[str]],
    write: Callable[[str, str], Path],
    index_folder: Path,
    changed: int,
    *,
    is_rebuilt: bool,
) -> None:
    for number in range(40):
        write(f"page-{number}", "A juniper.")
    assert len(found("juniper")) == 40
    before = Generations(index_folder).current()

    for number in range(changed):
        write(f"page-{number}", "A marigold.")

    assert len(found("marigold")) == changed
    assert (Generations(index_folder).current() != before) is is_rebuilt
