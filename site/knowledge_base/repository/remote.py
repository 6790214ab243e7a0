"""Another place that has the content's history: a git remote to fetch from and to push to, never by force."""

import re
from dataclasses import dataclass

from knowledge_base.repository.branch import removes_lock
from knowledge_base.repository.git import Git, GitError
from knowledge_base.repository.repository import Repository

# To ask what is there takes a moment, so whoever does not answer by then is not there.
TIMEOUT_TO_ASK = 60
# A first fetch over a slow line takes its time.
TIMEOUT = 600
REGULAR = "100"
# What stands for a remote that is named by its address.
SHARED = "shared"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# A part that leads out of the folder or into git's own, also on disks that take letters or names for others.
_UNSAFE = re.compile(r"(?i)(?:^|/)(?:\.{0,2}|\.git[ .]*|git~\d+)(?:/|$)|[\\:\ufffd\u200b-\u200f\u202a-\u202e\ufeff]")


class NoRemoteError(GitError):
    """Nobody has said where the content's history is kept besides here."""


@dataclass(frozen=True)
class Remote:
    """A branch of a remote, which `name` names or is the address of.

    `patience` is for how many seconds to wait for it; left out, as long as a slow line may take.
    """

    repository: Repository
    name: str
    branch: str
    patience: float | None = None

    @classmethod
    def of(cls, repository: Repository, *, name: str | None = None, branch: str | None = None) -> "Remote":
        """Return the remote and branch that git would pull from, where they are not named. Raises NoRemoteError."""
        git = repository.git
        known = git.text("remote").split()
        try:
            here = git.text("symbolic-ref", "--quiet", "--short", "HEAD")
        except GitError as error:
            message = "No branch is checked out in the content's git repository: check one out."
            raise NoRemoteError(message) from error
        name = name or _setting(repository, f"branch.{here}.remote") or ("origin" if "origin" in known else None)
        if name is None or name not in known:
            message = f"The content's git repository has no remote {name or 'origin'}: add one with `git remote add`."
            raise NoRemoteError(message)
        follows = _setting(repository, f"branch.{here}.merge") or ""
        return cls(repository, name, branch or follows.removeprefix("refs/heads/") or here)

    @property
    def _git(self) -> Git:
        return Git(self.repository.git.folder, for_remote=True)

    @property
    def label(self) -> str:
        """What people are told that it is. An address may hold a password, so it is not told."""
        return self.name if _PLAIN.fullmatch(self.name) else "the shared remote"

    @property
    def _seen(self) -> str:
        """Where git notes here what the branch was when it was last fetched."""
        name = self.name if _PLAIN.fullmatch(self.name) else SHARED
        return f"refs/remotes/{name}/{self.branch}"

    def newest(self) -> str | None:
        """Return the name of the newest commit there, None where the branch does not exist yet. Raises GitError."""
        where = f"refs/heads/{self.branch}"
        listed = self._git.run("ls-remote", "--", self.name, where, timeout=self.patience or TIMEOUT_TO_ASK)
        return listed.split()[0].decode() if listed.strip() else None

    def fetch(self) -> str | None:
        """Fetch the newest commit there and return its name, None where the branch does not exist yet.

        Raises GitError.
        """
        newest, git = self.newest(), self._git
        # Whoever was killed while fetching may have left a commit here without its files.
        if newest is None or git.succeeds("rev-list", "--quiet", "--objects", newest, "--not", "--all"):
            return newest
        fetch = ("fetch", "--quiet", "--no-tags", "--", self.name, f"+refs/heads/{self.branch}:{self._seen}")
        try:
            git.run(*fetch, timeout=self.patience or TIMEOUT)
        except GitError as error:
            if not removes_lock(git, error):
                raise
            git.run(*fetch, timeout=self.patience or TIMEOUT)
        return git.text("rev-parse", "--verify", f"{self._seen}^{{commit}}")

    def push(self, commit: str) -> None:
        """Make a commit the newest one there. Raises GitError, also when somebody else was faster."""
        where = f"refs/heads/{self.branch}"
        push = ("push", "--quiet", "--", self.name, f"{commit}:{where}")
        self._git.run(*push, timeout=self.patience or TIMEOUT)


def merge_base(repository: Repository, one: str, other: str) -> str | None:
    """Return the commit from which two others both come, or None when they have nothing in common."""
    try:
        return repository.git.text("merge-base", one, other)
    except GitError:
        return None


def changed_between(repository: Repository, old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the content's files that differ between two commits, and what else does, as paths of the repository.

    What is no ordinary file, such as a link, counts as something else, and so does a name that git itself would never
    check out or that is no text: whoever writes at the remote must not write elsewhere here.
    """
    listed = repository.git.text("diff-tree", "-r", "-z", "--no-renames", old, new).split("\0")
    files, others = [], []
    for details, path in zip(listed[::2], listed[1::2], strict=False):
        _, mode, *_ = details.split()
        is_file = path.startswith(repository.prefix) and not _UNSAFE.search(path)
        if is_file and (mode.startswith(REGULAR) or not mode.strip("0")):
            files.append(path.removeprefix(repository.prefix))
        else:
            others.append(path)
    return files, others


def messages_between(repository: Repository, old: str, new: str) -> dict[str, str]:
    """Return the messages of the commits between two, the newest first, by their names. Merges are left out."""
    listed = repository.git.text("log", "-z", "--no-merges", "--format=%H%n%B", f"{old}..{new}")
    entries = (entry.partition("\n") for entry in listed.split("\0") if entry)
    return {commit: message for commit, _, message in entries}


def _setting(repository: Repository, name: str) -> str | None:
    try:
        return repository.git.text("config", "--get", name)
    except GitError:
        return None
