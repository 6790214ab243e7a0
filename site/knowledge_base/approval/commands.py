"""The commands that publish: the same operations as the browser's, for scripts and for whoever has the machine."""

from pathlib import Path

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.approval.due import run_due
from knowledge_base.approval.notices import send_notices
from knowledge_base.approval.submissions import submit
from knowledge_base.db import utc_now
from knowledge_base.pages.commands import content
from knowledge_base.publishing.changes import Change, FileChange
from knowledge_base.publishing.commands import (
    NOT_ALLOWED,
    base_of,
    contributor,
    file_of,
    read_text,
    stop,
)
from knowledge_base.publishing.errors import (
    ApprovalNeededError,
    EditConflictError,
    GateError,
    NotAllowedError,
    PublishingError,
)
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.merge import WINDOWS_END
from knowledge_base.publishing.publish import publish

# The group, with the commands of this module in it.
__all__ = ["content"]

CONFLICT, GATE, SUBMITTED = 3, 4, 6


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
    6 when the folder asks for a second person: the change waits for one then.
    """
    path = file_of(page)
    try:
        text, old = read_text(file), base_of(path, base)
        if old is not None and WINDOWS_END not in old:
            text = text.replace(WINDOWS_END, b"\n")
        change = Change((FileChange(path, text, old),), subject=page, note=note, is_minor=minor)
        click.echo(_publish_or_submit(change, email))
    except EditConflictError as error:
        stop(CONFLICT, str(error))
    except GateError as error:
        stop(GATE, "\n".join([*map(str, error.findings), str(error)]))
    except NotAllowedError as error:
        stop(NOT_ALLOWED, str(error))
    except PublishingError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        message = "The database cannot be used. Has `flask --app wsgi prepare` been run, and is there room on its disk?"
        raise click.ClickException(message) from error


@content.command("publish-due")
def publish_what_is_due() -> None:
    """Publish the changes whose time has come, and send the notices that are due. The site does so by itself."""
    store = content_store()
    count = run_due(store, now=utc_now())
    sent = send_notices(store, current_app.extensions["settings"])
    click.echo(f"Changes dealt with: {count}. Letters sent: {sent}.")


def _publish_or_submit(change: Change, email: str) -> str:
    """Return the revision of what is live, or end with 6 when it waits for a second person."""
    store, by, now = content_store(), contributor(email), utc_now()
    try:
        published = publish(store, change, by=by, now=now)
    except ApprovalNeededError:
        number = submit(store, change, by=by, now=now)
        address = f"{current_app.extensions['settings'].base_url}/approvals/{number}"
        stop(SUBMITTED, f"The folder asks for a second person, so the change waits for one: {address}")
    for warning in published.warnings:
        click.echo(str(warning), err=True)
    return published.revision
