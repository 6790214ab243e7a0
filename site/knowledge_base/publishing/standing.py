"""How the history here stands to the one that nodes share, in words for whoever has brought a site back."""

from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError
from knowledge_base.repository.remote import Remote, merge_base

OTHER = (
    "The remote that nodes share has a history that has nothing in common with this one. Nothing there was changed. "
    "Pages can be read here, and nothing can be published, until KB_CONTENT_REMOTE and KB_CONTENT_BRANCH name the "
    "remote that belongs to this site, or an empty one."
)
AWAY = (
    "The remote that nodes share cannot be reached, so nobody knows whether it has newer pages. Nothing can be "
    "published until it can be; then what it has is brought in, and what it lacks is sent there."
)
EMPTY = (
    "The remote that nodes share has no such branch yet: the site sends its history there within seconds of its start."
)
SAME = "The remote that nodes share has the same history."
NEWER = (
    "The remote that nodes share has {theirs} that are not in the history here: the start brings them in. "
    "So pages will be newer than the database, and the record of events will name these changes as brought in."
)
OLDER = "The remote that nodes share lacks {ours} of the history here: the site sends them there after its start."
PARTED = (
    "The remote that nodes share has {theirs} that are not in the history here, and lacks {ours} that are: the start "
    "brings the two together. What both changed in the same lines is left alone, and `content sync` names it."
)


def standing(store: ContentStore) -> str | None:
    """Say what will become of the two, or None where the content is this machine's alone. Changes neither of them."""
    try:
        shared = store.shared
        return _standing(shared) if shared else None
    except GitError:
        return AWAY


def _standing(shared: Remote) -> str:
    head, newest = shared.repository.head(), shared.fetch()
    if newest is None or head is None:
        return EMPTY
    if head == newest:
        return SAME
    if merge_base(shared.repository, head, newest) is None:
        return OTHER
    theirs, ours = _commits(shared, head, newest), _commits(shared, newest, head)
    words = (PARTED if ours else NEWER) if theirs else OLDER
    return words.format(theirs=_counted(theirs), ours=_counted(ours))


def _commits(shared: Remote, old: str, new: str) -> int:
    return int(shared.repository.git.text("rev-list", "--count", f"{old}..{new}"))


def _counted(commits: int) -> str:
    return "1 commit" if commits == 1 else f"{commits:,} commits"
