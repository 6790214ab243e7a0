"""A site with something of everything, a place to restore it to, and archives that somebody has tampered with."""

import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, TextIO

import pytest
from click.testing import Result
from flask import Flask

from knowledge_base.app import create_app
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.store import ContentStore
from knowledge_base.settings import Settings
from tests.content_folder import ContentFolder
from tests.databases import empty_database_on, on_postgresql
from tests.people import contributor
from tests.publishing.conftest import NOW

BACKEND = "postgresql" if on_postgresql else "sqlite"
SHARE = "referral/share.md"
BUSY_PAGE = "referral/busy.md"

__all__ = ["BACKEND", "BUSY_PAGE", "NOW", "SHARE", "contributor"]


@pytest.fixture
def store(app: Flask, content: ContentFolder) -> ContentStore:
    """A small site with a history."""
    content.page("index", "See [how to share](/referral/share).\n", title="Home")
    content.page("referral/index")
    content.page("referral/share", "Ring the hotline.\n", title="Share your concern")
    content.page("staff/index", audience="staff")
    content.page("staff/rota", "The badger is on duty.\n", audience="staff")
    content.page("uasc/index", publishing="two-person")
    content.page("uasc/arrival", "First line.\n\nSecond line.\n")
    found: ContentStore = app.extensions["content_store"]
    assert not found.library.refresh().faults
    assert found.repository.head()
    return found


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run a command of the site."""
    return lambda *arguments: app.test_cli_runner().invoke(args=[str(one) for one in arguments])


@pytest.fixture
def archive(store: ContentStore, run: Callable[..., Result], tmp_path: Path) -> Path:
    """A backup of the site."""
    path = tmp_path / "backup.tar.gz"
    made = run("backup", "create", path)
    assert made.exit_code == 0, made.output
    return path


@dataclass(frozen=True)
class Place:
    """Somewhere else to restore the site to: settings of its own."""

    settings: Settings

    def run(self, *arguments: object) -> Result:
        """Run a command of the site that is to be here."""
        with self.app() as app:
            return app.test_cli_runner().invoke(args=[str(one) for one in arguments])

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The site that is here."""
        app = create_app(self.settings)
        app.testing = True
        try:
            yield app
        finally:
            app.extensions["search_index"].close()
            app.extensions["database"].dispose()


@contextmanager
def new_place(settings: Settings, folder: Path, *, backend: str = BACKEND) -> Iterator[Place]:
    """Make an empty place with the secret key of a site."""
    (folder / "instance").mkdir(mode=0o700, parents=True)
    with empty_database_on(backend, folder / "instance") as url:
        yield Place(
            replace(
                settings,
                database_url=url,
                content_dir=folder / "content",
                index_dir=folder / "index",
                instance_dir=folder / "instance",
            )
        )


@pytest.fixture
def place(settings: Settings, tmp_path: Path) -> Iterator[Place]:
    """An empty place, which has the secret key."""
    with new_place(settings, tmp_path / "elsewhere") as found:
        yield found


def publish_words(store: ContentStore, words: str, *, by: Contributor, path: str = SHARE) -> str:
    """Add words to a page, and return the commit."""
    base = store.files.read(path) or b""
    change = Change((FileChange(path, base + f"\n{words}\n".encode(), base),), subject=path[:-3], note=words)
    return publish(store, change, by=by, now=NOW).revision


Members = list[tuple[tarfile.TarInfo, bytes]]


def members_of(archive: Path) -> Members:
    """Return what is in an archive."""
    with tarfile.open(archive) as tar:
        return [(entry, found.read() if (found := tar.extractfile(entry)) else b"") for entry in tar]


def write_members(path: Path, members: Members) -> Path:
    """Write an archive as somebody else might."""
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as tar:
        for entry, content in members:
            if entry.isreg():
                entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def with_manifest(archive: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Return a copy of an archive whose manifest somebody has changed."""
    (entry, text), *others = members_of(archive)
    manifest = json.loads(text)
    change(manifest)
    return write_members(archive.with_name("changed.tar.gz"), [(entry, json.dumps(manifest).encode()), *others])


def manifest_of(archive: Path) -> dict[str, Any]:
    """Return what an archive says of itself."""
    found: dict[str, Any] = json.loads(members_of(archive)[0][1])
    return found


def tree_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder but git's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@contextmanager
def publishing_without_pause(
    store: ContentStore, jane: Contributor, *, stop: Path, processes: int = 1
) -> Iterator[TextIO]:
    """Let other processes publish until the end. Yields a file that has a line for each publication confirmed."""
    read, write = os.pipe()
    children = []
    for number in range(processes):
        if not (child := os.fork()):
            publish_until(stop, store, jane, write, who=number)
        children.append(child)
    os.close(write)
    with os.fdopen(read) as confirmed:
        try:
            yield confirmed
        finally:
            stop.touch()
            for child in children:
                os.waitpid(child, 0)


def publish_until(stop: Path, store: ContentStore, jane: Contributor, write: int, *, who: int) -> NoReturn:
    try:
        for number in count():
            if stop.exists():
                break
            try:
                revision = publish_words(store, f"Number {number} of {who}.", by=jane, path=BUSY_PAGE)
            except PublishingError:
                # Another process has changed the same lines.
                continue
            os.write(write, f"{revision}\n".encode())
    finally:
        os._exit(0)
