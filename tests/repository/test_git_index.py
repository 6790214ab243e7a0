import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from knowledge_base.repository import git_index
from knowledge_base.repository.git import Git
from knowledge_base.repository.git_index import IndexLockedError, write_index
from tests.repository.conftest import RunGit

SHARE = "content/referral/share.md"


def line_for(git: Git, text: bytes) -> bytes:
    blob = git.text("hash-object", "-w", "--stdin", stdin=text)
    return f"100644 {blob}\t{SHARE}\0".encode()


@pytest.fixture
def work(project: Path) -> Git:
    return Git(project)


def test_the_index_says_what_was_put_into_it(work: Git, project: Path, git: RunGit) -> None:
    write_index(work, line_for(work, b"New.\n"))

    assert git("show", f":{SHARE}") == "New."
    assert git("ls-files").split() == ["README.md", SHARE]
    assert not list((project / ".git").glob("*.lock"))
    assert not (project / ".git" / git_index.OURS).exists()


def test_killed_while_git_works_on_it_no_lock_is_left(
    work: Git, project: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = line_for(work, b"New.\n")
    run = Git.run

    def die_on_the_way(
        self: Git, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> bytes:
        environment = dict(environment or {})
        if arguments[0] != "update-index":
            return run(self, *arguments, stdin=stdin, environment=environment)
        killed = subprocess.Popen(
            ["git", *arguments], cwd=self.folder, env=os.environ | environment, stdin=subprocess.PIPE
        )
        lock = Path(f"{environment.get('GIT_INDEX_FILE', project / '.git' / 'index')}.lock")
        while not lock.exists():
            assert killed.poll() is None
        killed.kill()
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(Git, "run", die_on_the_way)
        write_index(work, lines)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)

    assert not list((project / ".git").glob("*.lock"))
    write_index(work, lines)
    assert git("show", f":{SHARE}") == "New."


def test_what_somebody_stages_at_that_moment_stays_staged(
    work: Git, project: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "README.md").write_text("Half a thought.\n")
    changed = git_index._changed
    staged: list[str] = []

    def stage_meanwhile(*arguments: object) -> bytes:
        if not staged:
            staged.append(git("add", "README.md"))
        return changed(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(git_index, "_changed", stage_meanwhile)

    write_index(work, line_for(work, b"New.\n"))

    assert git("show", ":README.md") == "Half a thought."
    assert git("show", f":{SHARE}") == "New."


def test_a_lock_of_another_git_is_left_alone(work: Git, project: Path, git: RunGit) -> None:
    lock = project / ".git" / "index.lock"
    lock.write_text("theirs")

    with pytest.raises(IndexLockedError):
        write_index(work, line_for(work, b"New.\n"))

    assert lock.read_text() == "theirs"
    lock.unlink()
    assert git("show", f":{SHARE}") == "Tell the lead."
