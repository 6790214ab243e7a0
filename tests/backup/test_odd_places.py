"""Places and names that are a little odd, and no reason to keep nothing or to bring nothing back."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from knowledge_base.backup.content import top_of
from knowledge_base.backup.errors import PlaceNotEmptyError
from knowledge_base.backup.manifest import ContentPart
from knowledge_base.backup.workplace import PREFIX, workplace
from knowledge_base.publishing.shipped import begin_content
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.working_files import LOST_AND_FOUND
from tests.backup.conftest import Place
from tests.backup.processes import run_command
from tests.backup.test_unfinished import KILL
from tests.repository.conftest import run_git
from tests.unprivileged import Unprivileged, unprivileged

__all__ = ["unprivileged"]

Run = Callable[..., Result]
PART = ContentPart(revision=None, branch="main", prefix="", shallow=(), changed={}, removed=(), remotes={})


@pytest.mark.parametrize("name", ["a+b", "#12", "_drafts", "käse/new", "x=1,(y)", "a@b", "b" * 201])
def test_a_branch_may_be_called_whatever_git_takes(
    store: ContentStore, run: Run, place: Place, tmp_path: Path, name: str
) -> None:
    run_git(store.content, "branch", "-m", name)

    made = run("backup", "create", "--verify", tmp_path / "backup.tar.gz")
    restored = place.run("backup", "restore", tmp_path / "backup.tar.gz")

    assert (made.exit_code, restored.exit_code) == (0, 0), made.output + restored.output
    assert run_git(place.settings.content_dir, "symbolic-ref", "--short", "HEAD") == name


NO_BRANCHES = (
    *("", "-x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", ".a", "a/.b", "a.lock", "a.", "a/", "/a"),
    *("a//b", "a@{b", "a\nb", "a\x7f"),
)


@pytest.mark.parametrize("name", NO_BRANCHES)
def test_what_git_takes_for_no_name_of_a_branch_is_refused(tmp_path: Path, name: str) -> None:
    command = ["git", "check-ref-format", "--branch", name]
    checked = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False)

    with pytest.raises(ValueError, match="branch"):
        ContentPart.model_validate({**PART.model_dump(), "branch": name})

    assert checked.returncode != 0


def test_a_disk_of_the_contents_own_counts_as_empty(archive: Path, place: Place, unprivileged: Unprivileged) -> None:
    found = place.settings.content_dir / LOST_AND_FOUND
    found.mkdir(parents=True)
    found.chmod(0)

    with unprivileged():
        restored = place.run("backup", "restore", archive)
        again = place.run("backup", "create", archive.with_name("again.tar.gz"))

    assert (restored.exit_code, again.exit_code) == (0, 0), restored.output + again.output
    assert found.is_dir()


def test_what_somebody_lost_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / LOST_AND_FOUND).mkdir()
    (tmp_path / LOST_AND_FOUND / "#12").touch()

    with pytest.raises(PlaceNotEmptyError, match="is not empty"):
        top_of(tmp_path, PART)


def test_content_is_begun_on_a_disk_of_its_own(store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "own" / LOST_AND_FOUND).mkdir(parents=True)

    assert begin_content(store.content, tmp_path / "own")

    assert run_git(tmp_path / "own", "status", "--porcelain") == ""


def test_what_is_left_to_do_is_said_before_the_index_is_made(
    store: ContentStore, run: Run, place: Place, tmp_path: Path
) -> None:
    store.repository.git.run("remote", "add", "origin", "https://git.example.gov.uk/pages.git")
    run("backup", "create", tmp_path / "backup.tar.gz")
    first = f"from knowledge_base.backup import commands as module; module.search.bring_up_to_date = lambda: {KILL}"

    killed = run_command(place.settings, "backup", "restore", tmp_path / "backup.tar.gz", first=first)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert "git remote add origin" in killed.stdout


def test_what_a_killed_command_of_another_user_has_left_stops_nobody(
    tmp_path: Path, unprivileged: Unprivileged, caplog: pytest.LogCaptureFixture
) -> None:
    left = tmp_path / f"{PREFIX}left"
    left.mkdir(mode=0)

    with unprivileged(), workplace(tmp_path) as folder:
        assert folder.is_dir()

    assert f"{left} is left of a command that was killed, and cannot be removed: Permission denied" in caplog.text
    left.chmod(0o700)
    with workplace(tmp_path):
        assert not left.exists()


def test_content_that_cannot_be_read_is_in_no_backup_as_if_it_were_gone(
    store: ContentStore, run: Run, tmp_path: Path, unprivileged: Unprivileged
) -> None:
    (store.content / "referral").chmod(0)

    with unprivileged():
        made = run("backup", "create", tmp_path / "backup.tar.gz")
    (store.content / "referral").chmod(0o755)

    assert made.exit_code == 1
    assert f"{store.content / 'referral'} cannot be read, so no backup was made: Permission denied." in made.output
    assert not (tmp_path / "backup.tar.gz").exists()
