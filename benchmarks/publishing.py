"""The publishing torture run: many processes publish at once, are killed, and files change by hand meanwhile.

What counts is what is there afterwards: every publication that was confirmed, in the history and in the record, pages
that can be read, an index that agrees with them, and no lock.
"""

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import click
from flask import Flask

from benchmarks.aftermath import Aftermath, look_at
from benchmarks.crowd import WHO, Task, edits
from benchmarks.measuring import machine
from knowledge_base.app import create_app
from knowledge_base.settings import ROOT, read_settings

# Its end is there so that no line which is published stands next to one by hand.
_PAGE = "---\ntitle: {title}\nsummary: A page that many people change at once.\n---\n\n{lines}\n\nThe end.\n"
_SECONDS_BETWEEN_HAND_EDITS = 0.5
_SECONDS_BETWEEN_REPORTS = 5.0


@dataclass
class _Run:
    """The processes of a run, and what was done to them."""

    folder: Path
    app: Flask
    task: Task
    environment: dict[str, str]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0
    hand_edits: int = 0

    def start(self, process: int) -> None:
        """Start a process, or start it again after the last edit of which it said what came of it, and the next."""
        task = replace(self.task, process=process)
        said = task.said.read_text().splitlines() if task.said.exists() else []
        first = json.loads(said[-1])[1] + 2 if said else 0
        command = [sys.executable, "-m", "benchmarks.crowd", json.dumps(asdict(replace(task, first=first)))]
        self.processes[process] = subprocess.Popen(  # noqa: S603 - no shell, our words
            command, cwd=ROOT, env=self.environment, start_new_session=True
        )

    def kill_one(self) -> None:
        """Kill a process with all that it has started, and start it again."""
        running = [number for number, one in self.processes.items() if one.poll() is None]
        if running:
            number = self.chance.choice(running)
            self._kill(number)
            self.kills += 1
            self.start(number)

    def edit_by_hand(self) -> None:
        """Add a line to a page as a text editor saves it."""
        page = self.folder / "content" / "crowd" / f"page-{self.chance.randrange(self.task.pages)}.md"
        text = page.read_text()
        new = page.with_name(f".{page.name}~")
        new.write_text(f"{text}\nBy hand, {self.hand_edits}.\n")
        new.replace(page)
        self.hand_edits += 1

    def count(self) -> int:
        """Return of how many edits it is known what came of them."""
        return sum(len(file.read_text().splitlines()) for file in self.folder.glob("said-*"))

    def end(self) -> None:
        """Let no process outlive the run."""
        for number in self.processes:
            self._kill(number)

    def _kill(self, number: int) -> None:
        one = self.processes[number]
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()


@click.command("publish")
@click.option("--processes", default=8, show_default=True, type=click.IntRange(min=1))
@click.option("--edits", "count", default=1000, show_default=True, type=click.IntRange(min=1), help="Of all together.")
@click.option("--pages", default=50, show_default=True, type=click.IntRange(min=1))
@click.option("--kills", default=20, show_default=True, type=click.IntRange(min=0), help="Processes ended by -9.")
@click.option(
    "--beside",
    default=ROOT / "content",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The other pages of the site. Left out: the shipped ones.",
)
@click.option("--with-commands", is_flag=True, help="Publish with `flask content publish`, a process for each.")
def publish(  # noqa: PLR0913 - each option is a thing to choose
    *, processes: int, count: int, pages: int, kills: int, beside: Path, with_commands: bool
) -> None:
    """Publish from many processes at once, with kills and edits by hand, and say what is there afterwards.

    Ends with 1 when anything was lost. Everything is in a temporary folder, which is gone afterwards.
    """
    each = -(-count // processes)
    click.echo(f"{machine()}\n")
    with TemporaryDirectory(prefix="benchmark-") as name:
        task = Task(name, 0, 0, processes, each, pages, with_commands)
        with _started(Path(name), task, beside) as run:
            started_at = time.monotonic()
            for number in range(processes):
                run.start(number)
            _torment(run, kills)
            took = time.monotonic() - started_at
            found = look_at(run.app, run.folder, task)
        click.echo(_told(found, run, took))
    if found.problems:
        raise SystemExit(1)


@contextmanager
def _started(folder: Path, task: Task, beside: Path) -> Iterator[_Run]:
    """Make a site of other pages and those that are changed, with its database, index and one publisher."""
    content = folder / "content"
    copytree(beside, content)
    (content / "crowd").mkdir()
    (content / "crowd" / "index.md").write_text(_PAGE.format(title="Pages of many", lines="Words."))
    todo = list(edits(processes=task.processes, each=task.each, pages=task.pages))
    for number in range(task.pages):
        lines = "\n\n".join(edit.before for edit in todo if edit.page == f"crowd/page-{number}") or "Words."
        (content / "crowd" / f"page-{number}.md").write_text(_PAGE.format(title=f"Page {number}", lines=lines))
    places = {"INSTANCE": "instance", "CONTENT": "content", "INDEX": "index"}
    variables = {f"KB_{name}_DIR": str(folder / place) for name, place in places.items()}
    variables |= {"KB_BASE_URL": "http://127.0.0.1", "PYTHONPATH": "site"}
    app = create_app(read_settings(variables))
    run = _Run(folder, app, task, os.environ | variables)
    try:
        _flask(app, "prepare")
        _flask(app, "users", "create", WHO, "--name", "Pat Doe", "--role", "publisher", "--password-stdin")
        yield run
    finally:
        run.end()
        app.extensions["search_index"].close()
        app.extensions["database"].dispose()


def _flask(app: Flask, *arguments: str) -> None:
    done = app.test_cli_runner().invoke(args=arguments, input=f"{secrets.token_hex()}\n")
    if done.exit_code:
        raise click.ClickException(done.output)


def _torment(run: _Run, kills: int) -> None:
    """Until all is done, kill a process now and then, change files by hand, and keep the index as a server would."""
    total = run.task.processes * run.task.each
    every, said = total / (kills + 1), 0.0
    while any(one.poll() is None for one in run.processes.values()):
        done = run.count()
        if run.kills < kills and done >= every * (run.kills + 1):
            run.kill_one()
        run.edit_by_hand()
        run.app.extensions["search_index"].sync(run.app.extensions["library"].edition())
        if time.monotonic() - said > _SECONDS_BETWEEN_REPORTS:
            said = time.monotonic()
            click.echo(f"Edit {done:,} of {total:,}, {run.kills} killed, {run.hand_edits} by hand", err=True)
        time.sleep(_SECONDS_BETWEEN_HAND_EDITS)


def _told(found: Aftermath, run: _Run, took: float) -> str:
    count = len(found.confirmed)
    lines = [
        f"{count:,} confirmed in {took:.0f} seconds ({took / max(1, count):.2f} each)",
        f"{sum(found.reasons.values()):,} refused, {run.kills} processes killed, {run.hand_edits} edits by hand",
        *(f"  refused {number} times: {why}" for why, number in found.reasons.items()),
        *(f"LOST OR WRONG: {problem}" for problem in found.problems),
    ]
    return "\n".join(lines if found.problems else [*lines, "Nothing is lost, wrong or locked."])
