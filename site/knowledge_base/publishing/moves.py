"""Addresses that a change gives up: what the site itself then does in other files, within the same commit.

A person who moves a page need not be able to read every page that leads to it. So they change none of those: publishing
does, under its lock, from nothing but the addresses, and shows nobody what it did.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge_base.access.audiences import OPEN, Audiences, Requirement
from knowledge_base.audit.events import Kind
from knowledge_base.pages.attachments import Attachment
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import DATA_FOLDER, url_of
from knowledge_base.pages.page import Page
from knowledge_base.pages.redirects import PATH
from knowledge_base.publishing.changes import Change
from knowledge_base.publishing.errors import ChangeRefusedError
from knowledge_base.publishing.redirect_list import audience_of, quoted, with_earlier, without
from knowledge_base.publishing.rewriting import Addresses, rewrite_data, rewrite_page
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Repository

# The trailer that says which addresses a change gives up, and what becomes of them.
MOVED = "Moved"
# The trailer that names the commit which took away what a change brings back.
TAKEN_AWAY_BY = "Taken-away-by"
NOWHERE, HERE_AGAIN = "nowhere", "here again"
REASON = "reason"
PINNED = f"{DATA_FOLDER}/pinned.yml"
_EMPTY_LIST = re.compile(r"^\[\s*\][ \t]*(?:\n|\Z)", re.MULTILINE)
_MOVE = re.compile(r"(?P<old>/[a-z0-9/-]*) -> (?P<new>/[a-z0-9/-]*|nowhere|here again)")


@dataclass(frozen=True)
class Move:
    """An address, and the page that is to be found instead of the one there.

    `NOWHERE`: links to it are taken out and their words stay. `HERE_AGAIN`: it is no old address any more.
    """

    old: str
    new: str

    @property
    def is_to_a_page(self) -> bool:
        """Whether there is a page to lead on to."""
        return self.new not in {NOWHERE, HERE_AGAIN}


def trailers_for(moves: Iterable[Move]) -> dict[str, str]:
    """Return the trailer with which a change says which addresses it gives up."""
    return {MOVED: ", ".join(f"{move.old} -> {move.new}" for move in moves)}


def moves_of(change: Change) -> tuple[Move, ...]:
    """Return the addresses that a change gives up. Raises ChangeRefusedError for what nobody can have meant."""
    found = []
    for words in filter(None, change.trailers.get(MOVED, "").split(", ")):
        if not (one := _MOVE.fullmatch(words)):
            message = f"'{words}' does not say where an address leads."
            raise ChangeRefusedError(message)
        found.append(Move(one["old"], one["new"]))
    _check_that_they_are_given_up(found, change)
    return tuple(found)


def _check_that_they_are_given_up(moves: Iterable[Move], change: Change) -> None:
    """Raise ChangeRefusedError where the change does not itself take the page away, or put it there again.

    Whoever may make the change may take that page away. So they can have links changed to no other.
    """
    there = {url_of(file.path.removesuffix(".md")): file.content for file in change.files if file.path.endswith(".md")}
    for move in moves:
        is_there = there.get(move.old, b"") is not None
        if move.old not in there or is_there != (move.new == HERE_AGAIN):
            message = f"The change does not say what becomes of the page {move.old}."
            raise ChangeRefusedError(message)


def what_follows(store: ContentStore, change: Change, merged: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """Return the files that the site itself would change if a change were published now, `merged` being its files.

    Show nobody what they hold.
    """
    return {path: new for path, (_, new) in followers(store, change, merged).items()}


def followers(
    store: ContentStore, change: Change, merged: Mapping[str, bytes | None]
) -> dict[str, tuple[bytes | None, bytes]]:
    """Return the same files, each as it was read and as it becomes: who saves it in between must be noticed."""
    if not moves_of(change):
        return {}
    before, after = store.library.refresh(), store.library.edition_with(merged)
    read = {
        path: merged[path] if path in merged else store.files.read(path)
        for path in may_follow(change, before=before, after=after)
    }
    texts = {path: content for path, content in read.items() if content is not None}
    earlier = _earlier(store.repository, change.trailers.get(TAKEN_AWAY_BY, ""))
    new = follow_up(change, before=before, after=after, texts=texts, earlier=earlier)
    return {path: (read[path], content) for path, content in new.items()}


def follow_up(
    change: Change, *, before: Edition, after: Edition, texts: Mapping[str, bytes], earlier: bytes = b""
) -> dict[str, bytes]:
    """Return the files that change besides those of the change itself, or differently, each with its new content.

    `after` is the site without them. `texts` are the files as they would be, among them those that `may_follow` names.
    `earlier` is `redirects.yml` from before what is brought back was taken away.
    """
    moves = moves_of(change)
    addresses = _addresses(moves, before, after)
    found: dict[str, bytes] = {}
    for path, content in texts.items():
        if path == PATH:
            continue
        rewritten = _rewritten(path, content, addresses)
        if rewritten != content:
            found[path] = rewritten
    if moves:
        reason = change.details.get(REASON, "") if change.kind is Kind.PAGE_WITHDRAWN else ""
        redirects = _redirects(texts.get(PATH, b""), moves, addresses, before, reason=reason)
        back = {move.old for move in moves if move.new == HERE_AGAIN}
        redirects = with_earlier(redirects, earlier, leading_to=back, live=after.pages)
        if redirects != texts.get(PATH, b""):
            found[PATH] = redirects
    return found


def may_follow(change: Change, *, before: Edition, after: Edition) -> frozenset[str]:
    """Return the files that may have to change because of the addresses that a change gives up."""
    moves = moves_of(change)
    if not moves:
        return frozenset()
    given_up = _addresses(moves, before, after).known
    pages = {
        f"{page.path}.md" for page in after.pages.values() if not page.is_stand_in and _uses(after, page, given_up)
    }
    return frozenset({*pages, PATH, PINNED})


def _addresses(moves: Iterable[Move], before: Edition, after: Edition) -> Addresses:
    new: dict[str, str | None] = {}
    anchors: dict[str, frozenset[str]] = {}
    for move in moves:
        if move.new == HERE_AGAIN:
            continue
        new[move.old] = move.new if move.is_to_a_page else None
        if target := after.page(move.new):
            anchors[move.new] = frozenset().union(*(part.anchors for part in after.document(target).parts))
        page = before.page(move.old)
        for file in page.files if page else ():
            new[file.url] = _address_of(file, target, after)
    return Addresses(new, anchors)


def _address_of(file: Attachment, page: Page | None, edition: Edition) -> str | None:
    """Return where a file is among those of a page, by its content: what has its name may be another file."""
    wanted = (page.path if page else None, file.digest)
    same = sorted(one.url for one in edition.attachments.values() if (one.page_path, one.digest) == wanted)
    named = [url for url in same if url.rpartition("/")[2] == file.url.rpartition("/")[2]]
    return next(iter([*named, *same]), None)


def _uses(edition: Edition, page: Page, addresses: frozenset[str]) -> bool:
    """Say whether a page leads to one of the addresses, which one that only writes of them in code does not."""
    if (page.meta.superseded_by or "").partition("#")[0] in addresses:
        return True
    references = (one for part in edition.document(page).parts for one in part.references if one.address)
    return any(re.split("[#?]", one.address or "")[0] in addresses for one in references)


def _rewritten(path: str, content: bytes, addresses: Addresses) -> bytes:
    if path.endswith(".md"):
        # As an editor on another system may have ended its lines.
        end = "\r\n" if b"\r\n" in content else "\n"
        return rewrite_page(content.decode().replace("\r\n", "\n"), addresses).replace("\n", end).encode()
    text = content.decode(errors="surrogateescape")
    return rewrite_data(text, "leads_to", addresses).encode(errors="surrogateescape")


def _redirects(content: bytes, moves: tuple[Move, ...], addresses: Addresses, before: Edition, *, reason: str) -> bytes:
    """Return `redirects.yml` with where each old address leads now, and without those that are in use again."""
    gone = {move.old for move in moves}
    in_use = {move.new for move in moves if move.is_to_a_page}
    lost = set() if reason else {move.old for move in moves if move.new == NOWHERE}
    text = _EMPTY_LIST.sub("", content.decode(errors="surrogateescape"))
    kept = rewrite_data(without(text, gone | in_use, lost=lost), "to", addresses)
    lines = [kept if not kept or kept.endswith("\n") else f"{kept}\n"]
    for move in moves:
        page = before.page(move.old)
        # The page may be gone already, when this is done again because somebody saved a file at that moment.
        audience = _narrowest(page.requirement, before.audiences) if page else audience_of(text, move.old)
        end = "" if audience == OPEN else f"  audience: {audience}\n"
        if move.is_to_a_page:
            lines.append(f"- from: {move.old}\n  to: {move.new}\n{end}")
        elif move.new == NOWHERE and reason:
            lines.append(f"- from: {move.old}\n  to:\n  reason: {quoted(reason)}\n{end}")
    return "".join(lines).encode(errors="surrogateescape")


def _earlier(repository: Repository, revision: str) -> bytes:
    return (repository.read(f"{revision}~1", PATH) if repository.holds(revision) else None) or b""


def _narrowest(requirement: Requirement, audiences: Audiences) -> str:
    """Return the audience that an entry asks for, so that it tells no more people of a page than could read that."""
    return min(requirement.audiences, key=lambda name: (len(audiences.groups_of(name)), name), default=OPEN)
