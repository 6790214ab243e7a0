"""The commits that changed a page, read from git, following the page to where it stood before."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge_base.pages.attachments import page_of
from knowledge_base.pages.files import FILES_FOLDER
from knowledge_base.publishing.messages import APPROVED_BY, MINOR, PAGE, PUBLICATION, RECORDED_AS
from knowledge_base.repository.repository import SITE_AUTHOR, Repository

MOST_ENTRIES = 2_000
MOST_RENAMES = 20
_FIELDS = 6
# No commit can hold the sign between them.
_FORMAT = "%x00%H%x00%P%x00%an%x00%cI%x00%B%x00"
_TRAILER = re.compile(r"(?P<key>[A-Z][A-Za-z-]*): (?P<value>.*)")
_RENAMED = re.compile(r"R\d+\t(?P<old>[^\t]+)\t(?P<new>[^\t]+)")


class Step(StrEnum):
    """What a commit did to a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Commit:
    """A commit as the history tells it. `note` is the change note or, of a commit made by hand, its first line.

    `subject` is the page or data file that a publication of ours was about; empty for a commit made by hand.
    """

    revision: str
    parent: str | None
    author: str
    at: datetime
    note: str
    subject: str = ""
    is_minor: bool = False
    approved_by: str = ""
    recorded_as: str = ""
    changes: Mapping[str, Step] = field(default_factory=dict, hash=False)

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody made it with git, and not on this site."""
        return not self.subject

    @property
    def is_housekeeping(self) -> bool:
        """Whether the site made it to keep what was changed by hand, so that its words are for nobody."""
        return self.is_by_hand and self.author == SITE_AUTHOR.name


@dataclass(frozen=True)
class Entry:
    """A commit in the history of one page, and the path under `content/` that the page's file had in it."""

    commit: Commit
    path: str

    @property
    def revision(self) -> str:
        """The commit's name."""
        return self.commit.revision

    @property
    def step(self) -> Step:
        """What the commit did to the page's file."""
        return self.commit.changes.get(self.path, Step.CHANGED)


def read_log(repository: Repository, path: str, *, most: int = MOST_ENTRIES) -> tuple[Entry, ...]:
    """Return the history of a file, the newest first, through renames. Raises GitError.

    A file that came out of another in one commit is followed to it, and one that was deleted and brought back is the
    same; one that only has the name of a file that moved away is not.
    """
    entries: list[Entry] = []
    start: str | None = repository.head()
    for _ in range(MOST_RENAMES):
        if start is None or len(entries) >= most:
            break
        found, origin = _life_of(repository, path, start, most=most - len(entries))
        entries += found
        if origin is None:
            break
        start, path = origin
    return tuple(entries)


def read_commits(repository: Repository, *, most: int) -> tuple[Commit, ...]:
    """Return the newest commits that changed the content. Raises GitError."""
    return () if repository.head() is None else tuple(_commits(repository, "HEAD", repository.prefix, most=most))


def page_file(path: str) -> str | None:
    """Return the page that a file is or belongs to. None for what is neither."""
    if FILES_FOLDER in path.split("/"):
        return f"{page_of(path)}.md"
    return path if path.endswith(".md") else None


def _life_of(repository: Repository, path: str, start: str, *, most: int) -> tuple[list[Entry], tuple[str, str] | None]:
    """Return the entries under one path, and from which commit to go on with which other path."""
    entries: list[Entry] = []
    for commit in _commits(repository, start, f"{repository.prefix}{path}", most=most):
        entry = Entry(commit, path)
        if entry.step is Step.REMOVED and entries and _moved(repository, commit, to_or_from=path, comes=False):
            # A page of the same name that is elsewhere now.
            return entries, None
        entries.append(entry)
        if entry.step is Step.ADDED and commit.parent:
            origin = _moved(repository, commit, to_or_from=path, comes=True)
            if origin:
                return entries, (commit.parent, origin)
    return entries, None


def _moved(repository: Repository, commit: Commit, *, to_or_from: str, comes: bool) -> str | None:
    """Return from where a file came in a commit, or to where it went."""
    listed = repository.git.text(
        *("diff-tree", "-r", "-M", "--no-commit-id", "--name-status", "--diff-filter=R"),
        *(
            str(commit.parent),
            commit.revision,
            "--",
            f":(top,literal){repository.prefix}" if repository.prefix else ".",
        ),
    )
    for line in listed.splitlines():
        if found := _RENAMED.fullmatch(line):
            old, new = (found[one].removeprefix(repository.prefix) for one in ("old", "new"))
            if to_or_from == (new if comes else old):
                return old if comes else new
    return None


def _commits(repository: Repository, start: str, where: str, *, most: int) -> Iterator[Commit]:
    listed = repository.git.text(
        *("log", f"-{most}", f"--format={_FORMAT}", "--name-status", "--no-renames", "--diff-merges=first-parent"),
        *("--full-diff", start, "--", _place(where)),
    )
    fields = listed.split("\0")[1:]
    for first in range(0, len(fields), _FIELDS):
        revision, parents, author, at, message, files = fields[first : first + _FIELDS]
        yield _commit_of(revision, parents, author, at, message, _changes(files, repository.prefix))


def _place(path: str) -> str:
    return f":(top,literal){path}" if path else ":(top)"


def _changes(listed: str, prefix: str) -> dict[str, Step]:
    steps = {"A": Step.ADDED, "D": Step.REMOVED}
    found = {}
    for line in listed.splitlines():
        letter, _, path = line.partition("\t")
        if path and path.startswith(prefix):
            found[path.removeprefix(prefix)] = steps.get(letter, Step.CHANGED)
    return found


def _commit_of(  # noqa: PLR0913, PLR0917 - git's fields, in git's order
    revision: str, parents: str, author: str, at: str, message: str, changes: Mapping[str, Step]
) -> Commit:
    first, _, rest = message.strip().partition("\n")
    body, _, last = rest.strip().rpartition("\n\n")
    found = [_TRAILER.fullmatch(line) for line in last.splitlines()]
    trailers = {one["key"]: one["value"] for one in found if one}
    is_ours = PUBLICATION in trailers and PAGE in trailers and all(found)
    return Commit(
        revision=revision,
        parent=parents.split(maxsplit=1)[0] if parents else None,
        author=author,
        at=datetime.fromisoformat(at),
        note=body.strip() if is_ours else first,
        subject=trailers[PAGE] if is_ours else "",
        is_minor=is_ours and trailers.get(MINOR) == "yes",
        approved_by=trailers.get(APPROVED_BY, "").partition(" <")[0] if is_ours else "",
        recorded_as=trailers.get(RECORDED_AS, "") if is_ours else "",
        changes=changes,
    )
