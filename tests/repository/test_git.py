"""Git as the site runs it: what the machine and the repository have set up comes through only where it is meant to."""

import os
import socket
import time
from pathlib import Path

import pytest

from knowledge_base.repository.git import Git, GitError
from knowledge_base.repository.remote import Remote
from knowledge_base.repository.repository import Author, Repository
from tests.repository.conftest import RunGit

JANE = Author("Jane Doe", "jane@example.gov.uk")
SHARE = "referral/share.md"
HOOKS = ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change", "pre-push")


def test_no_hook_is_run(repository: Repository, project: Path) -> None:
    ran = project / "ran"
    (project / ".git" / "hooks").mkdir(exist_ok=True)
    for name in HOOKS:
        hook = project / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\necho {name} >> {ran}\nexit 1\n")
        hook.chmod(0o755)

    repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")
    repository.refresh_index({SHARE: b"Tell the lead.\n"}, {SHARE: b"New.\n"})

    assert repository.read(repository.head(), SHARE) == b"New.\n"
    assert not ran.exists()


def test_what_is_said_of_a_change_is_kept_in_its_letters(repository: Repository, git: RunGit) -> None:
    git("config", "i18n.commitEncoding", "ISO-8859-1")
    git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    git("config", "core.fsmonitor", "/nowhere/watch")
    git("config", "log.showSignature", "true")

    repository.commit({SHARE: b"New.\n"}, author=Author("Zoë Łuk", "zoe@x"), message="Größe – ändern\n")

    assert repository.git.text("log", "-1", "--format=%an %s") == "Zoë Łuk Größe – ändern"
    assert "encoding" not in git("cat-file", "-p", "HEAD")


def test_a_folder_of_somebody_else_is_published_to(repository: Repository, project: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(project, 12345, 12345)
    os.chown(project / ".git", 12345, 12345)

    assert Repository.of(project / "content").commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")


def test_no_second_history_is_begun_inside_one_that_cannot_be_read(project: Path) -> None:
    (project / ".git" / "HEAD").rename(project / ".git" / "HEAD-away")

    with pytest.raises(GitError, match="not a git repository"):
        Repository.of(project / "content")

    assert not (project / "content" / ".git").exists()


def test_in_a_copy_of_a_working_tree_without_its_repository_a_history_is_begun(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/.git/worktrees/copy\n")
    (tmp_path / "content").mkdir()

    repository = Repository.of(tmp_path / "content")

    assert repository.commit({"index.md": b"Home.\n"}, author=JANE, message="Begin\n") == repository.head()


def test_a_machine_without_git_is_told_what_is_missing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))

    with pytest.raises(GitError, match="git is not installed"):
        Git(project).run("status")


def test_only_with_a_remote_the_settings_of_the_machine_hold(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[credential]\n\thelper = store\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", "/nowhere")

    assert Git(project, for_remote=True).text("config", "credential.helper") == "store"
    assert not Git(project).succeeds("config", "credential.helper")


def test_a_remote_that_wants_a_password_gets_it_from_the_helper_of_the_machine(
    tmp_path: Path, repository: Repository, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, asked = tmp_path / "gitconfig", tmp_path / "asked"
    settings.write_text(f'[credential]\n\thelper = "!echo asked >> {asked}; true"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with socket.create_server(("127.0.0.1", 0)) as server:
        git("remote", "add", "origin", f"http://127.0.0.1:{server.getsockname()[1]}/site.git")
        remote = Remote.of(repository)
        child = os.fork()
        if child == 0:
            for _ in range(2):
                connection, _ = server.accept()
                connection.recv(10_000)
                connection.sendall(
                    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n"
                    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
                )
                connection.close()
            os._exit(0)

        with pytest.raises(GitError, match=r"ls-remote: fatal: "):
            remote.fetch()
        os.kill(child, 9)
        os.waitpid(child, 0)

    assert asked.exists()


def test_a_remote_that_does_not_answer_is_given_up_with_all_that_asked_it(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/site.git"
        with pytest.raises(GitError, match="took longer than 1 seconds"):
            Git(project, for_remote=True).run("ls-remote", address, timeout=1)

    deadline = time.monotonic() + 10
    while left := processes_that_name(address):
        assert time.monotonic() < deadline, left


def processes_that_name(words: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if words.encode() in command:
            found.append(process.name)
    return found
