"""The command line: `flask --app wsgi ...`. Each capability defines its own commands; this module gathers them."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from knowledge_base.accounts import commands as accounts
from knowledge_base.accounts.readers import has_accounts
from knowledge_base.approval import commands as approval
from knowledge_base.audit import commands as audit
from knowledge_base.db import upgrade_database
from knowledge_base.pages import commands as pages
from knowledge_base.publishing import commands as publishing
from knowledge_base.publishing import sync_commands  # noqa: F401 - its commands join the group `content`
from knowledge_base.search import commands as search


def register(app: Flask) -> None:
    """Add the commands to the application."""
    for group in (accounts.users, audit.audit, approval.content, search.search, database):
        app.cli.add_command(group)
    app.cli.add_command(prepare)


@click.group("database")
def database() -> None:
    """Look after the database."""


@database.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database to the newest schema, making it if it is missing."""
    _bring_database_up_to_date()
    click.echo("The database is up to date.")


@click.command("prepare")
@click.pass_context
@with_appcontext
def prepare(context: click.Context) -> None:
    """Do what a start needs: the database, the index, a link for the first administrator."""
    click.echo("==> Bringing the database up to date")
    _bring_database_up_to_date()
    publishing.follow_up()
    click.echo("==> Bringing the search index up to date")
    search.bring_up_to_date()
    pages.say_what_is_wrong()
    context.invoke(accounts.first_link)


def _bring_database_up_to_date() -> None:
    was_there = audit.is_there()
    upgrade_database(current_app.extensions["settings"].database_url)
    # While there are no people, a start that was interrupted, or another machine's, may have made the tables.
    audit.bring_up_to_date(is_new=not was_there or not has_accounts(current_app.extensions["accounts"]))
