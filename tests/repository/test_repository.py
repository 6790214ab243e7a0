import os
from itertools import pairwise
from pathlib import Path

import pytest

from knowledge_base.repository.git import GitError
from knowledge_base.repository.readiness import RepositoryBusyError, check_free
from knowledge_base.repository.repository import Author, Repository
from tests.repository.conftest import RunGit, run_git

JANE = Author("Jane Doe", "jane@example.gov.uk")
SHARE = "referral/share.md"


def test_a_commit_holds_the_file_its_author_and_its_message(repository: Repository, git: RunGit) -> None:
    commit = repository.commit({SHARE: b"Tell the lead today.\n"}, author=JANE, message="Say when\n\nWhy: a rule\n")

    assert git("rev-parse", "HEAD") == commit
    assert git("show", "HEAD:content/referral/share.md") == "Tell the lead today."
    assert git("log", "-1", "--format=%an <%ae>, %cn") == "Jane Doe <jane@example.gov.uk>, Knowledge base"
    assert git("log", "-1", "--format=%B") == "Say when\n\nWhy: a rule"


def test_a_commit_adds_and_removes_files_and_leaves_all_others(repository: Repository, git: RunGit) -> None:
    repository.commit({SHARE: None, "referral/new.md": b"New.\n"}, author=JANE, message="Move\n")

    assert git("ls-tree", "-r", "--name-only", "HEAD").split() == ["README.md", "content/referral/new.md"]


def test_what_somebody_has_staged_stays_staged_and_out_of_the_commit(
    repository: Repository, project: Path, git: RunGit
) -> None:
    (project / "README.md").write_text("Half a thought.\n")
    git("add", "README.md")

    repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")
    repository.refresh_index({SHARE: b"Tell the lead.\n"}, {SHARE: b"New.\n"})
    (project / "content" / SHARE).write_bytes(b"New.\n")

    assert git("show", "HEAD:README.md") == "A project."
    assert git("status", "--porcelain") == "M  README.md"


def test_what_somebody_has_staged_of_the_same_file_stays_staged(
    repository: Repository, project: Path, git: RunGit
) -> None:
    (project / "content" / SHARE).write_text("Staged by hand.\n")
    git("add", ".")

    repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")
    repository.refresh_index({SHARE: b"Tell the lead.\n"}, {SHARE: b"New.\n"})

    assert git("show", ":content/referral/share.md") == "Staged by hand."


def test_a_lock_that_a_killed_git_left_on_the_index_stops_no_commit(
    repository: Repository, project: Path, git: RunGit
) -> None:
    (project / ".git" / "index.lock").touch()

    commit = repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")
    repository.refresh_index({SHARE: b"Tell the lead.\n"}, {SHARE: b"New.\n"})

    assert git("rev-parse", "HEAD") == commit


@pytest.mark.parametrize("left", ["MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD"])
def test_in_the_middle_of_a_merge_or_rebase_it_is_not_free(repository: Repository, project: Path, left: str) -> None:
    check_free(repository.git)
    (project / ".git" / left).touch()

    with pytest.raises(RepositoryBusyError, match="in the middle of a"):
        check_free(repository.git)


def test_a_name_cannot_end_the_author_in_a_commits_header(repository: Repository, git: RunGit) -> None:
    author = Author("Jane <root@example.org>\nDoe", "<>")

    repository.commit({SHARE: b"New.\n"}, author=author, message="Change\n")

    assert git("log", "-1", "--format=%an <%ae>") == "Jane root@example.orgDoe <nobody@localhost>"


def test_settings_and_hooks_of_the_repository_and_the_machine_change_nothing(
    repository: Repository, project: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("config", "commit.gpgSign", "true")
    git("config", "core.autocrlf", "true")
    (project / ".gitattributes").write_text("*.md text eol=crlf\n")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody else")

    repository.commit({SHARE: b"New.\r\nMixed.\n"}, author=JANE, message="Change\n")

    monkeypatch.delenv("GIT_DIR")
    assert git("cat-file", "-p", "HEAD:content/referral/share.md") == "New.\nMixed."
    assert repository.read("HEAD", SHARE) == b"New.\r\nMixed.\n"


def test_a_file_is_read_as_it_was(repository: Repository) -> None:
    first = repository.head()
    second = repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")

    assert repository.read(first, SHARE) == b"Tell the lead.\n"
    assert repository.read(second, SHARE) == b"New.\n"
    assert repository.read(first, "referral/none.md") is None
    assert repository.read(first, "referral") is None
    assert repository.read(None, SHARE) is None


def test_the_revision_of_a_file_is_the_last_commit_that_changed_it(repository: Repository) -> None:
    first = repository.head()
    repository.commit({"referral/new.md": b"New.\n"}, author=JANE, message="Add\n")

    assert repository.revision_of(SHARE) == first
    assert repository.revision_of("referral/none.md") is None


def test_a_commit_is_found_by_what_stands_in_its_message(repository: Repository) -> None:
    commit = repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n\nPublication: abc\n")
    repository.commit({SHARE: b"Newer.\n"}, author=JANE, message="Change\n\nPublication: def\n")

    assert repository.find_trailer("Publication", "abc") == commit
    assert repository.find_trailer("Publication", "xyz") is None


def test_it_says_which_content_files_a_commit_changed(repository: Repository, project: Path, git: RunGit) -> None:
    (project / "README.md").write_text("Better.\n")
    (project / "content" / "referral" / "ü.md").write_text("Odd.\n")
    git("add", ".")
    git("commit", "-q", "-m", "Both")

    assert repository.changed_by("HEAD") == ["referral/ü.md"]


def test_only_names_of_commits_are_held(repository: Repository) -> None:
    head = repository.head()

    assert head is not None
    assert repository.holds(head)
    assert not repository.holds("f" * 40)
    assert not repository.holds("HEAD")
    assert not repository.holds("--help")


def test_where_no_repository_holds_the_content_one_is_started(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "index.md").write_text("Home.\n")

    repository = Repository.of(tmp_path / "content")
    commit = repository.commit({"index.md": b"Home.\n"}, author=JANE, message="Begin\n")

    assert run_git(tmp_path / "content", "rev-parse", "HEAD") == commit
    assert run_git(tmp_path / "content", "ls-files") == ""
    assert repository.prefix == ""


def test_content_that_the_outer_repository_ignores_gets_one_of_its_own(project: Path, git: RunGit) -> None:
    (project / ".gitignore").write_text("/council\n")
    (project / "council").mkdir()

    repository = Repository.of(project / "council")

    assert (project / "council" / ".git").is_dir()
    assert repository.head() is None


def test_two_processes_that_commit_at_once_both_succeed(repository: Repository, project: Path, git: RunGit) -> None:
    other = Repository.of(project / "content")
    # The other has moved the branch between this one's look and its swap.
    commit_on = repository._commit_on
    moved: list[str] = []

    def late(head: str | None, *arguments: object, **options: object) -> str:
        made = commit_on(head, *arguments, **options)  # type: ignore[arg-type]
        if not moved:
            moved.append(other.commit({"referral/other.md": b"Other.\n"}, author=JANE, message="Other\n"))
        return made

    repository._commit_on = late  # type: ignore[method-assign]
    repository.commit({SHARE: b"New.\n"}, author=JANE, message="Mine\n")

    assert git("log", "--format=%s") == "Mine\nOther\nBegin"
    assert git("show", "HEAD:content/referral/other.md") == "Other."


def test_a_full_or_read_only_disk_is_said_and_changes_nothing(repository: Repository, project: Path) -> None:
    before = repository.head()
    objects = project / ".git" / "objects"
    hidden = objects.rename(project / ".git" / "objects-away")
    objects.write_text("no folder")

    with pytest.raises(GitError):
        repository.commit({SHARE: b"New.\n"}, author=JANE, message="Change\n")

    objects.unlink()
    hidden.rename(objects)
    assert repository.head() == before


def test_a_file_whose_name_is_no_text_is_kept_under_it(repository: Repository, git: RunGit) -> None:
    name = os.fsdecode(b"caf\xe9.txt")

    repository.commit({name: b"Words.\n"}, author=JANE, message="Keep it\n")

    assert git("ls-tree", "-r", "--name-only", "HEAD", "content").splitlines()[0] == '"content/caf\\351.txt"'


def test_an_index_that_was_locked_catches_up_with_the_next_commit_of_the_file(
    repository: Repository, project: Path, git: RunGit
) -> None:
    texts = [b"Tell the lead.\n", b"Tell the lead today.\n", b"Tell the lead at once.\n"]
    lock = project / ".git" / "index.lock"
    lock.touch()
    for old, new in pairwise(texts):
        repository.commit({SHARE: new}, author=JANE, message="Say when\n")
        (project / "content" / SHARE).write_bytes(new)
        repository.refresh_index({SHARE: old}, {SHARE: new})
        lock.unlink(missing_ok=True)

    assert git("status", "--porcelain") == ""
