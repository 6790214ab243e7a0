"""A content folder in a git repository of somebody's own, as a council has it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.repository.repository import Repository

RunGit = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository in which `content/` is one folder among others."""
    project = tmp_path / "project"
    (project / "content" / "referral").mkdir(parents=True)
    (project / "content" / "referral" / "share.md").write_text("Tell the lead.\n")
    (project / "README.md").write_text("A project.\n")
    run_git(project, "init", "-q", "-b", "main")
    run_git(project, "add", ".")
    run_git(project, "commit", "-q", "-m", "Begin")
    return project


def run_git(folder: Path, *arguments: str) -> str:
    """Run git as a person at a terminal does."""
    who = ["-c", "user.name=Jo Bloggs", "-c", "user.email=jo@example.gov.uk"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")


@pytest.fixture
def git(project: Path) -> RunGit:
    return lambda *arguments: run_git(project, *arguments)


@pytest.fixture
def repository(project: Path) -> Repository:
    return Repository.of(project / "content")
