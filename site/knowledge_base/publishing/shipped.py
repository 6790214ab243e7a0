"""The pages that come with a release: begin a council's own content with them, and bring in what a new release changed.

The history of a council's content holds what was shipped too: a commit with a line `Shipped-content` has the shipped
pages, as far as they have been dealt with, and is the base of the next three-way merge.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.publishing.bringing_in import Arrival, bring_in, keep_what_was_changed_by_hand, named
from knowledge_base.publishing.errors import EditConflictError, PublishingBusyError, PublishingError
from knowledge_base.publishing.merge import merge_all
from knowledge_base.publishing.messages import SHIPPED
from knowledge_base.publishing.models import LONGEST_NAME
from knowledge_base.publishing.recovery import make_ready
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import Git, GitError
from knowledge_base.repository.repository import SITE_AUTHOR, Repository
from knowledge_base.repository.working_files import LOST_AND_FOUND, WorkingFiles

MOST_TRIES = 5


class ShippedError(PublishingError):
    """The shipped pages cannot be used as asked. The message says why."""


class State(StrEnum):
    """What a new release means for a page."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    MERGES = "changed here and in the release; the two merge"
    CONFLICT = "changed here and in the release in the same place"


class Choice(StrEnum):
    """What is to become of what a release changed."""

    MERGE = "merge"
    TAKE = "take"
    KEEP = "keep"


@dataclass(frozen=True)
class Offer:
    """A file that a release changed: as shipped before, as it is here, as shipped now, and what both make together.

    `merged` is what is here where the two do not merge.
    """

    path: str
    state: State
    base: bytes | None
    here: bytes | None
    shipped: bytes | None
    merged: bytes | None

    def outcome(self, choice: Choice) -> bytes | None:
        """Return what the file becomes."""
        return {Choice.MERGE: self.merged, Choice.TAKE: self.shipped, Choice.KEEP: self.here}[choice]


def begin_content(shipped: Path, folder: Path) -> int:
    """Make a git repository of the shipped pages in an empty folder, or a new one. Returns how many files it has."""
    if folder.exists() and (not folder.is_dir() or any(entry.name != LOST_AND_FOUND for entry in folder.iterdir())):
        message = f"{folder} is there already and not empty. Name a folder that is not there yet."
        raise ShippedError(message)
    contents = _contents_of(shipped)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Git(folder).run("init", "--quiet", "--initial-branch=main", ".")
        repository = Repository.found_at(folder)
        with WorkingFiles(folder).staged(contents) as staged:
            for file in staged.values():
                file.put_in_place(expected=None)
        repository.commit(contents, author=SITE_AUTHOR, message=_message("Begin with the pages that are shipped"))
        repository.refresh_index(dict.fromkeys(contents), contents)
    except (GitError, OSError) as error:
        message = f"{folder} cannot be made: {error}"
        raise ShippedError(message) from error
    return len(contents)


def offers(store: ContentStore, shipped: Path) -> tuple[Offer, ...]:
    """Return what the release changed and nobody has dealt with yet. Raises ShippedError."""
    try:
        base = _base(store.repository)
        return _offers(store, base, shipped)
    except GitError as error:
        raise PublishingBusyError(str(error)) from error


def settle(
    store: ContentStore, shipped: Path, choices: Mapping[str, Choice], *, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Do with each of these files as chosen, and offer them no more. Returns the files that changed.

    A conflict cannot be merged. Raises ShippedError or PublishingBusyError; nothing has changed then.
    """
    with store.changing(undone="nothing was brought in"), store.locked():
        make_ready(store, now=now)
        for _ in range(MOST_TRIES):
            keep_what_was_changed_by_hand(store)
            if (changed := _settle(store, shipped, choices, actor=actor, now=now)) is not None:
                return changed
    message = "The content's files change faster than they can be merged. Try again in a minute."
    raise PublishingBusyError(message)


def _settle(
    store: ContentStore, shipped: Path, choices: Mapping[str, Choice], *, actor: Actor, now: datetime
) -> tuple[str, ...] | None:
    repository, head = store.repository, store.repository.head() or ""
    base = _base(repository)
    offered = {offer.path: offer for offer in _offers(store, base, shipped)}
    if unknown := sorted(choices.keys() - offered.keys()):
        message = f"The release offers nothing new for {unknown[0]}."
        raise ShippedError(message)
    chosen = {offered[path]: choice for path, choice in choices.items()}
    for offer, choice in chosen.items():
        if offer.state is State.CONFLICT and choice is Choice.MERGE:
            message = f"{offer.path} was {offer.state}. Say whether to keep yours or to take the shipped one."
            raise ShippedError(message)
    after = {offer.path: offer.outcome(choice) for offer, choice in chosen.items()}
    after = {path: content for path, content in after.items() if content != offered[path].here}
    _check(store, after)
    settled = {offer.path: offer.shipped for offer in chosen}
    snapshot = repository.commit_after(
        [base], settled, author=SITE_AUTHOR, message=_message("The pages that are shipped, as far as dealt with")
    )
    new = repository.commit_after(
        [head, snapshot],
        after,
        author=SITE_AUTHOR,
        message=f"Bring in what a new release changed: {', '.join(settled)}\n",
    )
    before = {path: offered[path].here for path in after}
    subject = f"what a new release changed: {named(choices)}"
    event = Event(Kind.PAGE_PUBLISHED, actor, subject=subject, details={"note": "content upgrade"}) if after else None
    # By this name other nodes know that it is recorded: to them the newest commit, but for the merge, is the snapshot.
    arrival = Arrival(new, before, after, event, name=snapshot[:LONGEST_NAME])
    return tuple(sorted(after)) if bring_in(store, arrival, head=head, now=now) else None


def _check(store: ContentStore, after: Mapping[str, bytes | None]) -> None:
    """Raise ShippedError for pages that nobody could read then."""
    known = set(store.library.refresh().faults)
    faults = [fault for fault in store.library.edition_with(after).faults if fault not in known]
    if faults:
        message = f"With these the site would lose a page. {faults[0]}"
        raise ShippedError(message)


def _offers(store: ContentStore, base: str, shipped: Path) -> tuple[Offer, ...]:
    now = _contents_of(shipped)
    paths = sorted({*now, *store.repository.paths_in(base)})
    found = []
    for path in paths:
        before = store.repository.read(base, path)
        if before != now.get(path):
            found.append(_offer(path, before, store.files.read(path), now.get(path)))
    return tuple(offer for offer in found if offer)


def _offer(path: str, base: bytes | None, here: bytes | None, shipped: bytes | None) -> Offer | None:
    if here == shipped:
        # It is dealt with. That the snapshot does not say so costs nothing.
        return None
    try:
        merged = merge_all({path: (base, here, shipped)})[path]
    except EditConflictError:
        return Offer(path, State.CONFLICT, base, here, shipped, here)
    if here != base:
        state = State.MERGES
    else:
        state = State.NEW if base is None else State.CHANGED if shipped is not None else State.REMOVED
    return Offer(path, state, base, here, shipped, merged)


def _base(repository: Repository) -> str:
    """Return the newest commit with the shipped pages that has been dealt with."""
    form = f"--format=%H %(trailers:key={SHIPPED},valueonly,separator=%x20)"
    for line in repository.git.text(
        "log", "--topo-order", "--fixed-strings", f"--grep={SHIPPED}: ", form, "HEAD"
    ).split("\n"):
        commit, _, value = line.partition(" ")
        if value.strip():
            return commit
    message = "This content was not begun with `content init`, so nobody knows which release it comes from."
    raise ShippedError(message)


def _message(words: str) -> str:
    return f"{words}\n\n{SHIPPED}: yes\n"


def _contents_of(folder: Path) -> dict[str, bytes]:
    files = WorkingFiles(folder)
    found: Collection[str] = list(files.paths())
    return {path: content for path in found if (content := files.read(path)) is not None}
