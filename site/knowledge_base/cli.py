"""The command line: `flask --app wsgi ...`. Each capability defines its own commands; this module gathers them."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from knowledge_base.accounts import commands as accounts
from knowledge_base.accounts.readers import has_accounts
from knowledge_base.approval import commands as approval
from knowledge_base.audit import commands as audit
from knowledge_base.backup import commands as backup
from knowledge_base.backup.errors import UnfinishedRestoreError
from knowledge_base.backup.unfinished import check_finished
from knowledge_base.db import downgrade_database, upgrade_database
from knowledge_base.pages import commands as pages
from knowledge_base.publishing import commands as publishing
from knowledge_base.publishing import sync_commands  # noqa: F401 - its commands join the group `content`
from knowledge_base.schema import DatabaseNewerError, known_schemas, schema_of
from knowledge_base.search import commands as search


def register(app: Flask) -> None:
    """Add the commands to the application."""
    for group in (accounts.users, audit.audit, approval.content, search.search, backup.backup, database):
        app.cli.add_command(_Group(group))
    app.cli.add_command(prepare)


class _Group(click.Group):
    """A group as it is, but that all its commands say in one line what of the site cannot be used."""

    def __init__(self, group: click.Group) -> None:
        super().__init__(group.name, commands=group.commands, help=group.help)
        self._group = group

    def invoke(self, context: click.Context) -> object:
        """Run one of the commands."""
        try:
            return self._group.invoke(context)
        except (DatabaseNewerError, UnfinishedRestoreError) as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            message = f"The database cannot be used: {str(error.orig).strip() or 'it does not answer'}"
            raise click.ClickException(message) from error
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            message = f"Files cannot be read or written: {error.strerror or error}{where}."
            raise click.ClickException(message) from error


@click.group("database")
def database() -> None:
    """Look after the database."""


@database.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database to the newest schema, making it if it is missing."""
    _bring_database_up_to_date()
    click.echo("The database is up to date.")


@database.command("schema")
@with_appcontext
def show_schema() -> None:
    """Print the schema that the database has, and the newest that this version of the site knows."""
    click.echo(f"{_schema() or 'none'}\t(this version of the site: {known_schemas()[-1]})")


@database.command("downgrade")
@click.argument("schema")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def downgrade(*, schema: str, yes: bool) -> None:
    """Bring the database back to an older SCHEMA, before an older version of the site is installed.

    What that schema has no place for is deleted, so make a backup first, and stop the site.
    """
    current = _schema()
    older = [one for one in known_schemas() if current is not None and one < current]
    if schema not in older:
        message = f"The database has schema {current or 'none'}. Older ones are: {', '.join(older) or 'none'}."
        raise click.ClickException(message)
    if not yes:
        click.confirm(f"Go back from schema {current} to {schema}, and delete what has no place there?", abort=True)
    downgrade_database(_url(), to=schema, progress=_say_step)
    click.echo(f"The database has schema {schema}. Install the version of the site that it belongs to.")


@click.command("prepare")
@click.pass_context
@with_appcontext
def prepare(context: click.Context) -> None:
    """Do what a start needs: the database, the index, a link for the first administrator."""
    click.echo("==> Bringing the database up to date")
    try:
        _bring_database_up_to_date()
    except (DatabaseNewerError, UnfinishedRestoreError) as error:
        raise click.ClickException(str(error)) from error
    publishing.follow_up()
    click.echo("==> Bringing the search index up to date")
    search.bring_up_to_date()
    pages.say_what_is_wrong()
    context.invoke(accounts.first_link)


def _bring_database_up_to_date() -> None:
    check_finished(current_app.extensions["settings"].instance_dir)
    was_there = audit.is_there()
    upgrade_database(_url(), progress=_say_step if was_there else None)
    # While there are no people, a start that was interrupted, or another machine's, may have made the tables.
    audit.bring_up_to_date(is_new=not was_there or not has_accounts(current_app.extensions["accounts"]))


def _say_step(step: str) -> None:
    click.echo(f"    {step}")


def _schema() -> str | None:
    with current_app.extensions["database"].read() as session:
        return schema_of(session.connection())


def _url() -> str:
    url: str = current_app.extensions["settings"].database_url
    return url
