"""The index follows the content, and whatever happens to its files it answers again."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from whoosh.index import open_dir

from knowledge_base.pages.edition import Edition
from knowledge_base.pages.page import Document, Page
from knowledge_base.search import index as index_module
from knowledge_base.search.generations import Generations, IndexUnusableError, read_state
from knowledge_base.search.index import TIME_TO_NOTICE, SearchIndex
from knowledge_base.search.results import SectionResults, find_sections
from knowledge_base.search.schema import SCHEMA, documents_for
from knowledge_base.search.snapshot import Asker, Snapshot

Write = Callable[..., Path]
Look = Callable[[], Edition]
MakeAsker = Callable[..., Asker]
Search = Callable[..., SectionResults]
Found = Callable[..., list[str]]

START_OF_POSTINGS = b"W3Bl"


def whoosh_leaves_files_open(test: Callable[..., None]) -> Callable[..., None]:
    """Let Whoosh not close a file in which it meets damage, and close it before another test is blamed for it."""
    quiet: Callable[..., None] = pytest.mark.filterwarnings("ignore::ResourceWarning")(test)
    closed: Callable[..., None] = pytest.mark.usefixtures("closed_at_the_end")(quiet)
    return closed


@pytest.fixture
def closed_at_the_end() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def pages(write: Write) -> None:
    write("share", "Ask the hub.")
    write("notice", "Look for change.")


@pytest.fixture
def generation(index_folder: Path) -> Callable[[], Path]:
    """Return the folder of the generation that is searched."""

    def current() -> Path:
        folder = Generations(index_folder).current()
        assert folder
        return folder

    return current


def documents_in(folder: Path) -> list[str]:
    snapshot = Snapshot(folder)
    pages = sorted(stored["page"] for stored in snapshot._searcher.reader().all_stored_fields())
    snapshot.close()
    return pages


def test_the_first_search_builds_the_index(found: Found) -> None:
    assert found("hub") == ["/share"]


def test_a_changed_page_is_found_by_its_new_words_only(found: Found, write: Write) -> None:
    assert found("hub") == ["/share"]

    write("share", "Ask the centre.")

    assert found("hub") == []
    assert found("centre") == ["/share"]


def test_new_and_removed_pages_come_and_go(found: Found, write: Write) -> None:
    page = write("check", "Ask a colleague.")
    assert found("colleague") == ["/check"]

    page.unlink()

    assert found("colleague") == []


def test_only_what_has_changed_is_indexed_again(
    index: SearchIndex, look: Look, write: Write, generation: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(look())
    folder = generation()
    indexed: list[str] = []

    def recording(page: Page, document: Document) -> Iterator[dict[str, object]]:
        indexed.append(page.url)
        return documents_for(page, document)

    monkeypatch.setattr(index_module, "documents_for", recording)
    write("share", "Ask the centre.")
    index.sync(look())

    assert indexed == ["/share"]
    assert generation() == folder
    assert documents_in(folder) == ["/notice", "/share"]


def test_an_edition_that_is_indexed_already_is_left_alone(
    index: SearchIndex, look: Look, generation: Callable[[], Path], hold_lock: Callable[[], None]
) -> None:
    index.sync(look())
    before = sorted(generation().iterdir())

    hold_lock()

    assert index.sync(look())
    assert sorted(generation().iterdir()) == before


def test_a_new_version_of_the_same_pages_is_only_noted(
    index: SearchIndex, look: Look, generation: Callable[[], Path]
) -> None:
    index.sync(look())
    before = sorted(path.name for path in generation().iterdir())

    index.sync(replace(look(), version="another"))

    state = read_state(generation())
    assert state
    assert state.version == "another"
    assert sorted(path.name for path in generation().iterdir()) == before


def test_who_has_waited_for_another_process_does_not_repeat_its_work(
    index: SearchIndex, look: Look, generation: Callable[[], Path]
) -> None:
    index.sync(look())
    noted = (generation() / "state").stat().st_mtime_ns

    index._write(look())

    assert (generation() / "state").stat().st_mtime_ns == noted


def test_an_index_that_something_else_is_writing_is_left_alone(
    index: SearchIndex, look: Look, write: Write, generation: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(look())
    before = generation()
    monkeypatch.setattr(index_module, "_WRITER", {"timeout": 0})
    other = open_dir(before, schema=SCHEMA).writer()
    write("share", "Ask the centre.")

    synced = index.sync(look())
    other.cancel()

    assert not synced
    assert generation() == before


def test_an_index_of_another_schema_is_built_anew(
    index: SearchIndex, look: Look, generation: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(look())
    before = generation()

    monkeypatch.setattr(index_module, "SCHEMA_VERSION", "another")
    index.sync(look())

    assert generation() != before
    assert not before.exists()


def test_an_index_that_is_deleted_while_running_is_built_anew(found: Found, index_folder: Path) -> None:
    assert found("hub") == ["/share"]

    shutil.rmtree(index_folder)

    assert found("hub") == ["/share"]


def test_a_generation_that_is_deleted_while_running_is_built_anew(found: Found, generation: Callable[[], Path]) -> None:
    assert found("hub") == ["/share"]

    shutil.rmtree(generation())

    assert found("hub") == ["/share"]


@whoosh_leaves_files_open
@pytest.mark.parametrize("damage", [b"", b"rubbish", b"\x00" * 4096])
@pytest.mark.parametrize("pattern", ["*.toc", "*.seg", "state"])
def test_damaged_files_are_replaced(
    open_index: Callable[[], SearchIndex],
    look: Look,
    asker: MakeAsker,
    generation: Callable[[], Path],
    pattern: str,
    damage: bytes,
) -> None:
    open_index().sync(look())
    for path in generation().glob(pattern):
        path.write_bytes(damage)

    asked = asker(look())
    areas = open_index().ask(asked.edition, lambda snapshot: sorted(snapshot.view_for(asked).by_area))

    assert areas == ["notice", "share"]


@whoosh_leaves_files_open
def test_damage_that_only_a_search_meets_is_repaired(
    open_index: Callable[[], SearchIndex], look: Look, write: Write, asker: MakeAsker, generation: Callable[[], Path]
) -> None:
    for number in range(20):
        write(f"page-{number}", "A juniper.")
    open_index().sync(look())
    before = generation()
    (segment,) = before.glob("*.seg")
    segment.write_bytes(segment.read_bytes().replace(START_OF_POSTINGS, bytes(4)))
    Snapshot(before).close()

    results = find_sections(open_index(), "juniper", asker=asker(look()), limit=50)

    assert results.total == 20
    assert generation() != before


@whoosh_leaves_files_open
@pytest.mark.parametrize("pointer", ["", "generation-gone", "../elsewhere", "generation-x/../../elsewhere", "\x00"])
def test_a_pointer_that_leads_nowhere_is_replaced(found: Found, index_folder: Path, pointer: str) -> None:
    assert found("hub") == ["/share"]

    (index_folder / "current").write_text(pointer)

    assert found("hub") == ["/share"]


@whoosh_leaves_files_open
def test_a_damaged_index_is_replaced_when_content_changes(
    open_index: Callable[[], SearchIndex], look: Look, write: Write, generation: Callable[[], Path]
) -> None:
    open_index().sync(look())
    before = generation()
    for path in before.glob("*.toc"):
        path.write_bytes(b"rubbish")

    write("share", "Ask the centre.")

    assert open_index().sync(look())
    assert documents_in(generation()) == ["/notice", "/share"]


def test_an_update_that_was_cut_short_is_done_again(
    index: SearchIndex, look: Look, write: Write, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(look())
    write("share", "Ask the centre.")
    with monkeypatch.context() as broken:
        broken.setattr(index_module, "sync_to_disk", _fail)
        broken.setattr(SearchIndex, "_build", _fail)
        assert not index.sync(look())

    write("share", "Ask the hub.")

    assert found("hub") == ["/share"]


def _fail(*_args: object) -> None:
    raise OSError(28, "No space left on device")


def test_an_error_in_a_question_does_not_cost_a_sound_index(
    index: SearchIndex, look: Look, generation: Callable[[], Path]
) -> None:
    index.sync(look())
    before = generation()

    with pytest.raises(ZeroDivisionError):
        index.ask(look(), lambda _snapshot: 1 // 0)

    assert generation() == before


def test_without_any_index_and_while_another_process_builds_there_is_an_error(
    index: SearchIndex, look: Look, index_folder: Path, hold_lock: Callable[[], None]
) -> None:
    index_folder.mkdir()
    hold_lock()

    with pytest.raises(IndexUnusableError, match="Another process is writing"):
        index.ask(look(), lambda _snapshot: None)


def test_a_rebuild_tells_its_progress_and_replaces_the_generation(
    index: SearchIndex, look: Look, generation: Callable[[], Path], index_folder: Path
) -> None:
    index.sync(look())
    before = generation()
    told: list[tuple[int, int]] = []

    index.rebuild(look(), progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 2), (2, 2)]
    assert list(index_folder.glob("generation-*")) == [generation()]
    assert generation() != before


def test_a_rebuild_that_is_interrupted_leaves_nothing_behind(
    index: SearchIndex, look: Look, found: Found, generation: Callable[[], Path], index_folder: Path
) -> None:
    index.sync(look())
    before = generation()

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.rebuild(look(), progress=interrupt)

    assert list(index_folder.glob("generation-*")) == [before]
    assert found("hub") == ["/share"]


def test_a_search_goes_on_with_the_newest_generation_of_another_process(
    open_index: Callable[[], SearchIndex], look: Look, asker: MakeAsker
) -> None:
    mine, theirs = open_index(), open_index()
    asked = asker(look())
    mine.ask(asked.edition, lambda snapshot: snapshot.folder)

    theirs.rebuild(asked.edition)

    folders = [one.ask(asked.edition, lambda snapshot: snapshot.folder) for one in (mine, theirs)]
    assert folders[0] == folders[1]


def test_a_process_that_has_not_noticed_a_change_does_not_undo_it(
    open_index: Callable[[], SearchIndex], look: Look, write: Write, generation: Callable[[], Path]
) -> None:
    behind, ahead = open_index(), open_index()
    old = look()
    behind.sync(old)
    ahead.sync(old)
    write("share", "Ask the centre.")
    new = look()
    ahead.sync(new)

    assert not behind.sync(old)

    state = read_state(generation())
    assert state
    assert state.version == new.version
    assert behind.sync(new)


def test_content_that_still_differs_when_all_have_had_time_to_notice_wins(
    open_index: Callable[[], SearchIndex], look: Look, write: Write, generation: Callable[[], Path]
) -> None:
    behind, ahead = open_index(), open_index()
    write("share", "Ask the centre.")
    other = look()
    write("share", "Ask the hub.")
    true = look()
    ahead.sync(true)
    behind.sync(other)

    long_ago = (generation() / "state").stat().st_mtime - TIME_TO_NOTICE - 1
    os.utime(generation() / "state", (long_ago, long_ago))

    assert ahead.sync(true)
    state = read_state(generation())
    assert state
    assert state.version == true.version


def test_many_kinds_of_askers_are_answered(
    index: SearchIndex, look: Look, asker: MakeAsker, generation: Callable[[], Path]
) -> None:
    edition = look()
    index.sync(edition)
    snapshot = Snapshot(generation())

    for number in range(70):
        view = snapshot.view_for(asker(replace(edition, version=str(number))))
        assert set(view.by_area) == {"notice", "share"}

    snapshot.close()


def test_closing_twice_does_no_harm(index: SearchIndex, found: Found) -> None:
    assert found("hub") == ["/share"]

    index.close()
    index.close()

    assert found("hub") == ["/share"]
