"""The git repository that holds the content folder, or one started there: read it, and commit to it.

A commit is made without git's own index and without the working files, so whatever else somebody has staged or changed
stays as it is, and a lock that a killed git left on the index stops nobody. `branch.py` moves the branch.
"""

import os
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.repository.branch import NOTHING, head_of, move_branch
from knowledge_base.repository.git import Git, GitError
from knowledge_base.repository.git_index import write_index

FILE_MODE = "100644"
MOST_TRIES = 20


@dataclass(frozen=True)
class Author:
    """A person as git names them."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{_plain(self.name) or 'Somebody'} <{_plain(self.email) or 'nobody@localhost'}>"


SITE_AUTHOR = Author("Knowledge base", "knowledge-base@localhost")


class Repository:
    """The content in git. Paths are those under the content folder, as `referral/share.md`."""

    def __init__(self, top: Path, prefix: str) -> None:
        self._git = Git(top)
        self.prefix = prefix

    @classmethod
    def of(cls, content: Path) -> "Repository":
        """Find the repository that holds the content folder, or start one in it. Raises GitError."""
        if found := cls.find(content):
            return found
        git = Git(content)
        if _holds_a_git(content):
            # Not to begin another history beside one that cannot be read for the moment: git says why here.
            git.run("rev-parse", "--show-prefix")
        git.run("init", "--quiet", "--initial-branch=main", ".")
        return cls.found_at(content)

    @classmethod
    def found_at(cls, content: Path) -> "Repository":
        """Return the repository that holds the content folder. Raises GitError where there is none."""
        git = Git(content)
        top, prefix = git.text("rev-parse", "--show-toplevel"), git.text("rev-parse", "--show-prefix")
        return cls(Path(top), prefix)

    @classmethod
    def find(cls, content: Path) -> "Repository | None":
        """Find the repository that holds the content folder, if there is one."""
        git = Git(content)
        if not git.succeeds("rev-parse", "--show-prefix") or git.succeeds("check-ignore", "-q", "."):
            return None
        return cls.found_at(content)

    @property
    def git(self) -> Git:
        """Git itself, for the history."""
        return self._git

    def head(self) -> str | None:
        """Return the commit that the next one follows, or None where there is none yet."""
        return head_of(self._git)

    def read(self, revision: str | None, path: str) -> bytes | None:
        """Return a file as a commit has it, or None where the commit has no such file."""
        if revision is None:
            return None
        listed = self._git.text("ls-tree", "--full-tree", revision, "--", self.prefix + path)
        if not listed.startswith("100"):
            return None
        return self._git.run("cat-file", "blob", listed.split("\t")[0].split()[2])

    def differing(self, revision: str, paths: Collection[str]) -> list[str]:
        """Return those of the files that a commit has otherwise than they are on the disk, or not at all."""
        listed = self._git.text("ls-tree", "-r", "-z", "--full-tree", revision)
        entries = (line.partition("\t") for line in listed.split("\0") if line)
        known = {path.removeprefix(self.prefix): details.split()[2] for details, _, path in entries}
        ordered = sorted(paths)
        named = "\n".join(f"{self.prefix}{path}" for path in ordered)
        blobs = self._git.text("hash-object", "--no-filters", "--stdin-paths", stdin=named.encode()).split()
        return [path for path, blob in zip(ordered, blobs, strict=True) if known.get(path) != blob]

    def paths_in(self, revision: str) -> list[str]:
        """List the content's files as a commit has them."""
        listed = self._git.text("ls-tree", "-r", "-z", "--name-only", "--full-tree", revision).split("\0")
        return [path.removeprefix(self.prefix) for path in listed if path and path.startswith(self.prefix)]

    def revision_of(self, path: str) -> str | None:
        """Return the last commit that changed a file, or None when none did."""
        if self.head() is None:
            return None
        return self._git.text("log", "-1", "--format=%H", "HEAD", "--", f":(top,literal){self.prefix}{path}") or None

    def revisions_of(self, path: str, *, most: int) -> list[str]:
        """Return the newest commits that changed a file, the newest first. There must be a commit."""
        where = f":(top,literal){self.prefix}{path}"
        return self._git.text("log", f"-{most}", "--format=%H", "HEAD", "--", where).split()

    def holds(self, revision: str) -> bool:
        """Say whether there is such a commit."""
        is_name = re.fullmatch(r"[0-9a-f]{7,64}", revision) is not None
        return is_name and self._git.succeeds("cat-file", "-e", f"{revision}^{{commit}}")

    def changed_by(self, revision: str) -> list[str]:
        """Return the content's files that a commit changed, against the one before."""
        listed = self._git.text(
            *("diff-tree", "-r", "-z", "--root", "--no-commit-id", "--name-only", "--no-renames", revision),
            *("--", f":(top,literal){self.prefix}" if self.prefix else "."),
        )
        return [path.removeprefix(self.prefix) for path in listed.split("\0") if path]

    def find_trailer(self, key: str, value: str) -> str | None:
        """Return the newest commit of any branch whose message has a line `key: value`, or None."""
        where = ("--branches", "HEAD") if self.head() else ("--branches",)
        return self._git.text("log", "-1", "--format=%H", "--fixed-strings", f"--grep={key}: {value}", *where) or None

    def is_in_history(self, revision: str) -> bool:
        """Say whether the newest commit here is this one, or comes after it."""
        return self._git.succeeds("merge-base", "--is-ancestor", revision, "HEAD")

    def commit(self, changes: Mapping[str, bytes | None], *, author: Author, message: str) -> str:
        """Add a commit in which the files have these contents, or are gone where it is None. Returns its name.

        Neither the working files nor git's index are touched; `refresh_index` brings the latter after. Raises GitError.
        """
        blobs = {path: None if content is None else self._store(content) for path, content in changes.items()}
        for _ in range(MOST_TRIES):
            head = self.head()
            commit = self._commit_on(head, blobs, author=author, message=message)
            if move_branch(self._git, commit, expected=head, reason="publish"):
                return commit
        reason = "Other commits are added to the content's git repository faster than ours can be."
        raise GitError(reason)

    def commit_after(
        self, parents: Sequence[str], changes: Mapping[str, bytes | None], *, author: Author, message: str
    ) -> str:
        """Store a commit after these, the first of which gives the files that do not change. The branch stays."""
        blobs = {path: None if content is None else self._store(content) for path, content in changes.items()}
        return self._commit_on(parents[0], blobs, author=author, message=message, others=parents[1:])

    def move_to(self, commit: str, *, expected: str | None) -> bool:
        """Make a commit the newest one, and say whether the newest one was what is expected. Raises GitError."""
        return move_branch(self._git, commit, expected=expected, reason="bring in")

    def refresh_index(self, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> None:
        """Tell git's index of what was committed, except where somebody has staged something else of their own.

        It only decides what `git status` says, so that a lock which somebody holds, or an index that is broken, is no
        reason to fail.
        """
        with suppress(GitError, OSError):
            self._refresh_index(before, after)

    def _refresh_index(self, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> None:
        staged = self._staged(list(after))
        expected = {path: {None if content is None else self._name(content)} for path, content in before.items()}
        ours = [
            path
            for path in after
            if (blob := staged.get(path)) in expected[path] or (blob and self._was_committed(path, blob))
        ]
        lines = [self._index_line(path, None if (text := after[path]) is None else self._name(text)) for path in ours]
        if lines:
            write_index(self._git, os.fsencode("".join(lines)))

    def _commit_on(
        self,
        head: str | None,
        blobs: Mapping[str, str | None],
        *,
        author: Author,
        message: str,
        others: Sequence[str] = (),
    ) -> str:
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            self._git.run("read-tree", *([head] if head else ["--empty"]), environment=index)
            lines = "".join(self._index_line(path, blob) for path, blob in blobs.items())
            self._git.run("update-index", "-z", "--index-info", stdin=os.fsencode(lines), environment=index)
            tree = self._git.text("write-tree", environment=index)
        parents = [argument for parent in ([head] if head else []) + list(others) for argument in ("-p", parent)]
        return self._git.text(
            "commit-tree", tree, *parents, stdin=message.encode(), environment=_identity(author, SITE_AUTHOR)
        )

    def _index_line(self, path: str, blob: str | None) -> str:
        mode = FILE_MODE if blob else "0"
        return f"{mode} {blob or NOTHING}\t{self.prefix}{path}\0"

    def _store(self, content: bytes) -> str:
        return self._git.text("hash-object", "-w", "--no-filters", "--stdin", stdin=content)

    def _name(self, content: bytes) -> str:
        return self._git.text("hash-object", "--no-filters", "--stdin", stdin=content)

    def _was_committed(self, path: str, blob: str) -> bool:
        """Say whether a file was this lately: then nobody staged it, but the index was locked when it changed."""
        where = f":(top,literal){self.prefix}{path}"
        return blob in self._git.text("log", "-20", "--format=", "--raw", "--no-abbrev", "HEAD", "--", where)

    def _staged(self, paths: list[str]) -> dict[str, str]:
        where = [f":(top,literal){self.prefix}{path}" for path in paths]
        listed = os.fsdecode(self._git.run("ls-files", "--stage", "--full-name", "-z", "--", *where))
        found = {}
        for line in filter(None, listed.split("\0")):
            details, _, path = line.partition("\t")
            found[path.removeprefix(self.prefix)] = details.split()[1]
        return found


def _identity(author: Author, committer: Author) -> dict[str, str]:
    return {
        "GIT_AUTHOR_NAME": _plain(author.name) or "Somebody",
        "GIT_AUTHOR_EMAIL": _plain(author.email) or "nobody@localhost",
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
    }


def _holds_a_git(content: Path) -> bool:
    """Say whether there is a repository here, or in a folder above on the same disk, be it a damaged one.

    A copy of somebody's working tree may have a file `.git` that leads to nowhere, which is none.
    """
    with suppress(OSError):
        disk, folders = content.stat().st_dev, (content, *content.resolve().parents)
        return any((folder / ".git" / "config").exists() for folder in folders if folder.stat().st_dev == disk)
    return False


def _plain(text: str) -> str:
    """Return a name without what would end it in a commit's header."""
    return " ".join("".join(sign for sign in text if sign.isprintable() and sign not in "<>").split())
