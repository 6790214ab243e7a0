"""One of the processes that publish at once: `python -m benchmarks.crowd`, which publishing.py starts and kills."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.accounts.people import find_active_person
from knowledge_base.app import create_app
from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.publish import publish
from knowledge_base.repository.repository import Author
from knowledge_base.settings import ROOT

WHO = "pat.doe@example.gov.uk"
# What confirms a publication, and what says why there was none.
CONFIRMED, REFUSED = "confirmed", "refused"


class NotPublishedError(Exception):
    """An edit was refused. The message says why."""


@dataclass(frozen=True)
class Edit:
    """One process's change of one line of one page."""

    process: int
    number: int
    page: str

    @property
    def before(self) -> str:
        """The line as the page begins with it."""
        return f"Line {self.number} for process {self.process}."

    @property
    def after(self) -> str:
        """The line as it is published."""
        return f"Process {self.process} wrote this as its edit {self.number}."

    def of(self, text: bytes | None) -> bytes:
        """Return a page's text with the edit made."""
        if text is None:
            message = f"{self.page} is not there."
            raise NotPublishedError(message)
        return text.replace(self.before.encode(), self.after.encode())


def edits(*, processes: int, each: int, pages: int) -> Iterator[Edit]:
    """Yield the same edits for the same numbers, those of each process in order, each of a page by chance."""
    chance = random.Random(processes * each)
    for process in range(processes):
        for number in range(each):
            yield Edit(process, number, f"crowd/page-{chance.randrange(pages)}")


Publish = Callable[[Edit], str]


def by_function() -> Publish:
    """Return what publishes as the site's own code does."""
    app = create_app()
    store = app.extensions["content_store"]
    person = find_active_person(app.extensions["accounts"], WHO)
    me = Contributor(person.viewer, Author(person.name, person.email), Actor.of(person.viewer))

    def run(edit: Edit) -> str:
        base = store.files.read(f"{edit.page}.md")
        file = FileChange(f"{edit.page}.md", edit.of(base), base)
        change = Change((file,), subject=edit.page, note=edit.after)
        try:
            return publish(store, change, by=me, now=utc_now()).revision
        except PublishingError as error:
            raise NotPublishedError(str(error)) from error

    return run


def by_command(folder: Path) -> Publish:
    """Return what publishes with the site's commands, each a process of its own, from the page as git has it."""
    file, content = folder / f"text-{os.getpid()}.md", Path(os.environ["KB_CONTENT_DIR"])

    def run(edit: Edit) -> str:
        base = _printed_by_site("revision", edit.page)
        file.write_bytes(edit.of(_printed(["git", "show", f"{base}:{edit.page}.md"], folder=content)))
        said = ["--note", edit.after, "--as", WHO, "--base", base]
        return _printed_by_site("publish", edit.page, "--file", str(file), *said)

    return run


def _printed_by_site(*arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "content", *arguments]
    return _printed(command, folder=ROOT).decode().split()[-1]


def _printed(command: list[str], *, folder: Path) -> bytes:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - no shell, our words
    if done.returncode:
        message = f"{done.returncode}: {done.stderr.decode().strip()}"
        raise NotPublishedError(message)
    return done.stdout


@dataclass(frozen=True)
class Task:
    """What one process does: its edits from the first on."""

    folder: str
    process: int
    first: int
    processes: int
    each: int
    pages: int
    with_commands: bool

    @property
    def edits(self) -> list[Edit]:
        """The edits that are left to do."""
        found = edits(processes=self.processes, each=self.each, pages=self.pages)
        return [edit for edit in found if edit.process == self.process and edit.number >= self.first]

    @property
    def said(self) -> Path:
        """Where it writes down what was confirmed and what was refused."""
        return Path(self.folder, f"said-{self.process}")


def work(task: Task) -> None:
    """Publish one edit after the other."""
    publish_one = by_command(Path(task.folder)) if task.with_commands else by_function()
    with task.said.open("a") as said:
        for edit in task.edits:
            try:
                line = [CONFIRMED, edit.number, publish_one(edit)]
            except NotPublishedError as error:
                line = [REFUSED, edit.number, str(error)]
            print(json.dumps(line), file=said, flush=True)


if __name__ == "__main__":
    work(Task(**json.loads(sys.argv[1])))
