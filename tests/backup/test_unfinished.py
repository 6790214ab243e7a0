"""A restore that is killed at any moment: what it leaves is never taken for a site, and goes with the next restore."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import Result
from filelock import FileLock
from sqlalchemy import inspect

from knowledge_base.backup import workplace as workplaces
from knowledge_base.backup.unfinished import NOTE, START_LOCK, too_late_to_stop
from knowledge_base.backup.workplace import PREFIX, workplace
from knowledge_base.db import Database
from knowledge_base.publishing.store import ContentStore
from tests.backup.conftest import Place, tree_of
from tests.backup.processes import run_command

Run = Callable[..., Result]
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
# After which step it is killed: its module, and what in that module does it.
STEPS = {
    "rebuilt": ("content", "_rebuild"),
    "half in place": ("content.Path", "rename"),
    "rows loaded": ("loading._Loading", "run"),
    "recorded": ("restoring", "_record"),
}


def killed_after(step: str) -> str:
    """Return what has a process kill itself after a step."""
    module, name = STEPS[step]
    name_of_module, _, inner = module.partition(".")
    holder = "module." + inner if inner else "module"
    return (
        f"from knowledge_base.backup import {name_of_module} as module; done = {holder}.{name}\n"
        f"{holder}.{name} = lambda *a, **k: (done(*a, **k), {KILL})[0]"
    )


def tables_in(url: str) -> list[str]:
    database = Database(url)
    try:
        return inspect(database.engine).get_table_names()
    finally:
        database.dispose()


@pytest.mark.database
@pytest.mark.parametrize("step", STEPS)
def test_a_restore_that_is_killed_is_no_site_and_the_next_one_clears_up(
    archive: Path, store: ContentStore, place: Place, step: str
) -> None:
    killed = run_command(place.settings, "backup", "restore", archive, first=killed_after(step))
    started, upgraded = place.run("prepare"), place.run("database", "upgrade")
    backed_up = place.run("backup", "create", archive.with_name("half.tar.gz"))
    tables = tables_in(place.settings.database_url)
    again = place.run("backup", "restore", archive)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert {started.exit_code, upgraded.exit_code, backed_up.exit_code} == {1}
    for result in (started, upgraded, backed_up):
        assert "A restore was cut short, so this is not the whole site. Run `backup restore` again" in result.output
    assert tables == []
    assert f"Taken away, from a restore that was cut short: {place.settings.content_dir}" in again.output
    assert again.exit_code == 0, again.output
    assert tree_of(place.settings.content_dir) == tree_of(store.content)
    assert (place.run("audit", "verify").exit_code, place.run("prepare").exit_code) == (0, 0)
    assert not list(place.settings.instance_dir.glob(f"{PREFIX}*"))
    assert not (place.settings.instance_dir / NOTE).exists()


def test_a_restore_that_still_goes_on_is_left_alone(archive: Path, place: Place) -> None:
    run_command(place.settings, "backup", "restore", archive, first=killed_after("half in place"))
    before = tree_of(place.settings.content_dir)

    # As the other one has it for as long as it goes on.
    with FileLock(place.settings.instance_dir / START_LOCK):
        result = place.run("backup", "restore", archive)

    assert result.exit_code == 1
    assert "another command is starting or restoring the site here" in result.output
    assert before
    assert tree_of(place.settings.content_dir) == before
    assert (place.settings.instance_dir / NOTE).exists()


def test_what_was_unpacked_by_one_that_is_killed_goes_with_the_next(archive: Path, place: Place) -> None:
    first = (
        "from knowledge_base.backup import restoring as module; done = module._unpack\n"
        f"module._unpack = lambda *a, **k: (done(*a, **k), {KILL})"
    )

    killed = run_command(place.settings, "backup", "restore", archive, first=first)
    left = list(place.settings.instance_dir.glob(f"{PREFIX}*/database"))
    verified = place.run("backup", "verify", archive)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(left) == 1
    assert verified.exit_code == 0, verified.output
    assert not list(place.settings.instance_dir.glob(f"{PREFIX}*"))


def test_what_lies_beside_the_leftovers_is_not_taken_away(archive: Path, place: Place) -> None:
    run_command(place.settings, "backup", "restore", archive, first=killed_after("rebuilt"))
    theirs = place.settings.content_dir / "theirs.md"
    theirs.write_text("Theirs.\n")

    again = place.run("backup", "restore", archive)

    assert again.exit_code == 1
    assert "is not empty: set KB_CONTENT_DIR" in again.output
    assert theirs.read_text() == "Theirs.\n"


@pytest.mark.parametrize("text", ["", "{", "7", '{"a": 1'])
def test_a_note_that_cannot_be_read_says_what_to_do(archive: Path, place: Place, text: str) -> None:
    (place.settings.instance_dir / NOTE).write_text(text)

    result = place.run("backup", "restore", archive)

    assert result.exit_code == 1
    assert "cannot be read. Move the content folder and the database away, delete that file" in result.output
    assert not place.settings.content_dir.exists()


def test_a_note_names_what_was_about_to_be_there(archive: Path, place: Place) -> None:
    run_command(place.settings, "backup", "restore", archive, first=killed_after("half in place"))

    places = [Path(name) for name in json.loads((place.settings.instance_dir / NOTE).read_text())]

    content = place.settings.content_dir
    assert set(places) == {
        content / name for name in (".restoring", ".git", "index.md", "referral", "staff", "uasc")
    } | {content / "_data"}


def test_a_folder_that_somebody_works_in_stays_and_one_that_was_left_goes(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "rows").write_text("of people")

    with workplace(tmp_path) as first, workplace(tmp_path) as second:
        found = {path for path in tmp_path.iterdir() if path.name.startswith(workplaces.PREFIX)}

    assert found == {first, second}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_somebody_removes_at_this_moment_is_passed_over(tmp_path: Path) -> None:
    # It is named, and when it is looked at it is not there any more.
    (tmp_path / f"{PREFIX}gone").symlink_to(tmp_path / "nowhere")

    with workplace(tmp_path) as folder:
        made = folder.is_dir()

    assert made


def test_ctrl_c_that_comes_too_late_is_not_heard_in_any_thread() -> None:
    before = signal.getsignal(signal.SIGINT)
    may_end = Event()
    thread = Thread(target=may_end.wait)
    thread.start()

    with too_late_to_stop() as finish:
        finish()
        os.kill(os.getpid(), signal.SIGINT)

    may_end.set()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_time_is_heard(request: pytest.FixtureRequest) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))

    with pytest.raises(KeyboardInterrupt), too_late_to_stop():
        os.kill(os.getpid(), signal.SIGINT)
