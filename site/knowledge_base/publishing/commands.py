"""The commands that publish: the same operation as the browser's, for scripts and for whoever has the machine."""

from pathlib import Path
from typing import NoReturn

import click
from flask import current_app

from knowledge_base.accounts.errors import AccountsError
from knowledge_base.accounts.people import Person, find_active_person
from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now
from knowledge_base.pages.commands import content
from knowledge_base.pages.files import LARGEST_PAGE
from knowledge_base.publishing.changes import PAGE_FILE, Change, Contributor, FileChange
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    ChangeRefusedError,
    EditConflictError,
    GateError,
    NotAllowedError,
    PublishingBusyError,
)
from knowledge_base.publishing.publish import publish
from knowledge_base.publishing.recovery import recover
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.git import GitError
from knowledge_base.repository.repository import Author

CONFLICT, GATE, NOT_ALLOWED, SUBMITTED = 3, 4, 5, 6


@content.command("revision")
@click.argument("page")
def print_revision(page: str) -> None:
    """Print the published revision of a page: the commit that last changed it. For `publish --base`."""
    click.echo(_revision_of(_file_of(page)))


@content.command("publish")
@click.argument("page")
@click.option("--file", "file", required=True, type=click.Path(path_type=Path), help="The page's new text.")
@click.option("--note", required=True, help="What changed, for readers.")
@click.option("--as", "email", required=True, help="The email address of the person who publishes.")
@click.option("--base", "base", help="The revision that the text was made from. Left out: the published one.")
@click.option("--minor", is_flag=True, help="A small correction that nobody needs to be told of.")
def publish_page(  # noqa: PLR0913 - each option is a thing to say about a publication
    page: str, *, file: Path, note: str, email: str, base: str | None, minor: bool
) -> None:
    """Publish a page's text from a file and print the new revision.

    Ends with 3 when somebody else changed the same lines, 4 when the checks find an error, 5 when that person may not,
    6 when the folder asks for a second person.
    """
    path = _file_of(page)
    try:
        files = (FileChange(path, _read(file), _base_of(path, base)),)
        change = Change(files, subject=page, note=note, is_minor=minor)
        published = publish(_store(), change, by=_contributor(email), now=utc_now())
    except EditConflictError as error:
        _stop(CONFLICT, str(error))
    except GateError as error:
        _stop(GATE, "\n".join([*map(str, error.findings), str(error)]))
    except NotAllowedError as error:
        _stop(NOT_ALLOWED, str(error))
    except ApprovalNeededError as error:
        _stop(SUBMITTED, str(error))
    except (ChangeRefusedError, PublishingBusyError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(published.revision)


def _file_of(page: str) -> str:
    path = f"{page}.md"
    if not PAGE_FILE.fullmatch(path):
        message = f"'{page}' is not the path of a page, such as referral/share or training/index."
        raise click.UsageError(message)
    return path


def _revision_of(path: str) -> str:
    try:
        revision = _store().repository.revision_of(path)
    except PublishingBusyError as error:
        raise click.ClickException(str(error)) from error
    if revision is None:
        message = f"{path} has never been published."
        raise click.ClickException(message)
    return revision


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_PAGE:
            message = f"{file} is larger than a page may be ({LARGEST_PAGE // 1_000} kB)."
            raise click.ClickException(message)
        return file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}."
        raise click.ClickException(message) from error


def _base_of(path: str, revision: str | None) -> bytes | None:
    """Return the text that an author started from. Raises ClickException for a revision that there is not."""
    store = _store()
    if revision is None:
        return store.files.read(path)
    if not store.repository.holds(revision):
        message = f"There is no revision {revision}. `content revision` prints that of a page."
        raise click.ClickException(message)
    return store.repository.read(revision, path)


def _contributor(email: str) -> Contributor:
    """Return the person in whose name an operating-system user publishes; the record names both."""
    try:
        person: Person = find_active_person(current_app.extensions["accounts"], email)
    except AccountsError as error:
        _stop(NOT_ALLOWED, f"{error}.")
    actor = Actor(person.account_id, f"{Actor.of_command().name} as {person.name}")
    return Contributor(person.viewer, Author(person.name, person.email), actor)


def _store() -> ContentStore:
    store: ContentStore = current_app.extensions["content_store"]
    return store


def follow_up() -> None:
    """Finish what a process that was killed while publishing has left. Says so when it cannot be done now."""
    store = _store()
    try:
        with store.locked():
            recover(store, now=utc_now())
    except (PublishingBusyError, GitError, OSError) as error:
        click.echo(f"Nothing can be published for the moment. {error}")


def _stop(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(code)
