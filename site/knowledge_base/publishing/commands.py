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
from knowledge_base.publishing.changes import PAGE_FILE, Contributor
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.recovery import make_ready
from knowledge_base.publishing.sharing import clone_if_there_is_none
from knowledge_base.repository.git import GitError
from knowledge_base.repository.repository import Author

NOT_ALLOWED = 5


@content.command("revision")
@click.argument("page")
def print_revision(page: str) -> None:
    """Print the published revision of a page: the commit that last changed it. For `publish --base`."""
    click.echo(_revision_of(file_of(page)))


def file_of(page: str) -> str:
    """Return the path of a page's file. Raises UsageError for what is no page."""
    path = f"{page}.md"
    if not PAGE_FILE.fullmatch(path):
        message = f"'{page}' is not the path of a page, such as referral/share or training/index."
        raise click.UsageError(message)
    return path


def _revision_of(path: str) -> str:
    try:
        revision = content_store().repository.revision_of(path)
    except PublishingError as error:
        raise click.ClickException(str(error)) from error
    if revision is None:
        message = f"{path} has never been published."
        raise click.ClickException(message)
    return revision


def read_text(file: Path) -> bytes:
    """Return the file that holds a page's new text. Raises ClickException."""
    try:
        if file.stat().st_size > LARGEST_PAGE:
            message = f"{file} is larger than a page may be ({LARGEST_PAGE // 1_000} kB)."
            raise click.ClickException(message)
        return file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}."
        raise click.ClickException(message) from error


def base_of(path: str, revision: str | None) -> bytes | None:
    """Return the text that an author started from. Raises ClickException for a revision that there is not."""
    store = content_store()
    if revision is None:
        return store.files.read(path)
    if not store.repository.holds(revision):
        message = f"There is no revision {revision}. `content revision` prints that of a page."
        raise click.ClickException(message)
    return store.repository.read(revision, path)


def contributor(email: str) -> Contributor:
    """Return the person in whose name an operating-system user publishes; the record names both."""
    try:
        person: Person = find_active_person(current_app.extensions["accounts"], email)
    except AccountsError as error:
        stop(NOT_ALLOWED, f"{error}.")
    actor = Actor(person.account_id, f"{Actor.of_command().name} as {person.name}")
    return Contributor(person.viewer, Author(person.name, person.email), actor)


def follow_up() -> None:
    """Finish what a process that was killed while publishing has left. Says so when it cannot be done now."""
    store = content_store()
    try:
        if clone_if_there_is_none(store):
            click.echo("The content was not here yet, so it was cloned from KB_CONTENT_REMOTE.")
        with store.locked():
            make_ready(store, now=utc_now())
            store.files.remove_unfinished()
    except (PublishingError, GitError, OSError) as error:
        click.echo(f"Nothing can be published for the moment. {error}")


def stop(code: int, message: str) -> NoReturn:
    """Say why and end with a code."""
    click.echo(message, err=True)
    raise SystemExit(code)
