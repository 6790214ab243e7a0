"""Whether a commit may be added now: not while somebody is in the middle of something with git."""

from pathlib import Path

from knowledge_base.repository.git import Git, GitError

# What git leaves in its folder while somebody is in the middle of something.
IN_PROGRESS = {
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisection",
}


class RepositoryBusyError(GitError):
    """Somebody is in the middle of something, so that no commit may be added. The message says of what."""


def check_free(git: Git) -> None:
    """Raise RepositoryBusyError during a rebase or a merge, and while no branch is checked out.

    A commit that is on no branch would be lost with the next `git switch`.
    """
    folder = Path(git.text("rev-parse", "--absolute-git-dir"))
    for name, what in IN_PROGRESS.items():
        if (folder / name).exists():
            message = (
                f"Somebody is in the middle of {what} in the content's git repository ({git.folder}). "
                "Finish it there or abort it, then try again."
            )
            raise RepositoryBusyError(message)
    if not git.succeeds("symbolic-ref", "--quiet", "HEAD"):
        message = (
            f"The content is not on a branch: in its git repository ({git.folder}) a single commit is checked out. "
            "Check a branch out there, as in `git switch main`, then try again."
        )
        raise RepositoryBusyError(message)
