"""What is there after many processes have published at once: nothing may be lost, wrong or locked."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from whoosh.index import open_dir

from benchmarks.crowd import CONFIRMED, Edit, Task, edits
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.verification import verify
from knowledge_base.db import utc_now
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library
from knowledge_base.publishing.errors import PublishingBusyError
from knowledge_base.publishing.messages import PUBLICATION
from knowledge_base.publishing.models import Publication, State
from knowledge_base.publishing.recovery import make_ready
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.branch import move_branch
from knowledge_base.search.generations import Generations
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.schema import SCHEMA

_MOST_TOLD = 5


@dataclass(frozen=True)
class Aftermath:
    """What was confirmed, with the commit of each; why others were refused; and what is not as it should be."""

    confirmed: Mapping[Edit, str]
    reasons: Counter[str]
    problems: list[str] = field(default_factory=list)


def look_at(app: Flask, folder: Path, task: Task) -> Aftermath:
    """Finish what killed processes left, as the next start does, and compare all there is with what was said."""
    store: ContentStore = app.extensions["content_store"]
    try:
        with store.locked():
            _move_past_locks(store)
            make_ready(store, now=utc_now())
    except PublishingBusyError as error:
        return Aftermath({}, Counter(), [f"the lock of publishing is held: {error}"])
    confirmed, reasons = _said(folder, task)
    edition = Library(store.content).edition()
    problems = [
        *_lost(store, confirmed),
        *(f"left out: {fault}" for fault in edition.faults),
        *_of_record(store),
        *_of_index(app.extensions["search_index"], edition, folder),
        *_left(store),
    ]
    return Aftermath(confirmed, reasons, problems)


def _move_past_locks(store: ContentStore) -> None:
    """Do as the first to publish a minute later: only then is a lock of git's known to be of one that was killed."""
    head = store.repository.head()
    for lock in (store.content / ".git").rglob("*.lock"):
        os.utime(lock, (0, 0))
    if head:
        move_branch(store.repository.git, head, expected=head, reason="a minute later")


def _said(folder: Path, task: Task) -> tuple[dict[Edit, str], Counter[str]]:
    known = {
        (edit.process, edit.number): edit for edit in edits(processes=task.processes, each=task.each, pages=task.pages)
    }
    confirmed, reasons = {}, Counter[str]()
    for file in sorted(folder.glob("said-*")):
        for line in file.read_text().splitlines():
            what, number, answer = json.loads(line)
            if what == CONFIRMED:
                confirmed[known[int(file.name.partition("-")[2]), number]] = answer
            else:
                reasons[answer] += 1
    return confirmed, reasons


def _lost(store: ContentStore, confirmed: Mapping[Edit, str]) -> Iterator[str]:
    history = set(store.repository.git.text("log", "--format=%H").split())
    pages = {edit.page: (store.files.read(f"{edit.page}.md") or b"").decode() for edit in confirmed}
    lost = [edit for edit, revision in confirmed.items() if revision not in history]
    gone = [edit for edit in confirmed if edit.after not in pages[edit.page]]
    for words, found in (("are not in the history", lost), ("are not in their pages", gone)):
        if found:
            yield f"{len(found)} publications {words}, such as {[edit.after for edit in found[:_MOST_TOLD]]}"


def _of_record(store: ContentStore) -> Iterator[str]:
    """Yield what does not agree: each publication in the history is recorded once, and nothing else is."""
    form = f"--format=%(trailers:key={PUBLICATION},valueonly,separator=%x20)"
    in_history = store.repository.git.text("log", form).split()
    with store.database.read() as session:
        states = {one.id: one.state for one in session.scalars(select(Publication))}
        events = session.scalar(select(func.count()).where(AuditEvent.kind == "page.published"))
        verified = verify(session, store.keys)
    done = [name for name, state in states.items() if state == State.DONE]
    begun = [name for name, state in states.items() if state == State.BEGUN]
    # One that met with an edit by hand at the last moment is abandoned, and done again under another name.
    unknown = set(in_history) - set(states)
    if unknown or set(done) - set(in_history) or len(in_history) != len(set(in_history)):
        yield f"{len(in_history)} publications in the history, {len(done)} in the journal, {len(unknown)} unknown to it"
    if events != len(done):
        yield f"{events} events for {len(done)} publications"
    if begun:
        yield f"{len(begun)} publications are neither finished nor abandoned"
    if verified.bad_row is not None or verified.fault:
        yield f"the record: {verified.fault}"


def _of_index(index: SearchIndex, edition: Edition, folder: Path) -> Iterator[str]:
    """Compare the index that was kept through all of it with one that is built anew."""
    if not index.sync(edition):
        yield "the index cannot be brought up to date"
    anew = SearchIndex(folder / "index-anew")
    anew.rebuild(edition)
    anew.close()
    kept, built = (_documents(folder / name) for name in ("index", "index-anew"))
    if kept != built:
        yield f"the index differs from one that is built anew in {len(kept ^ built)} of {len(built)} documents"


def _documents(index: Path) -> set[str]:
    folder = Generations(index).current()
    if folder is None:
        return set()
    with open_dir(folder, schema=SCHEMA).reader() as reader:
        stored: Iterator[dict[str, Any]] = reader.all_stored_fields()
        return {json.dumps(document, sort_keys=True, default=str) for document in stored}


def _left(store: ContentStore) -> Iterator[str]:
    git = store.repository.git
    yield from (f"left behind: {one}" for one in store.content.rglob("*.lock"))
    yield from (f"left behind: {one}" for one in store.content.rglob(".unfinished*"))
    if staged := git.text("diff", "--cached", "--name-only"):
        yield f"git's index differs from the history: {staged}"
    if damage := git.text("fsck", "--no-dangling", "--no-progress"):
        yield f"git fsck: {damage}"
