"""The `users` commands: making accounts, and shutting people out and letting them in, from the command line."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.accounts import changes, letters, links, notices, people, second_factor, sessions
from knowledge_base.accounts.errors import AccountsError
from knowledge_base.accounts.letters import Delivery
from knowledge_base.accounts.links import NewLink
from knowledge_base.accounts.notices import Notice
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now
from knowledge_base.web import current

COLUMNS = ("EMAIL", "NAME", "GROUPS", "ROLES", "STATE")
Command = Callable[..., Any]


class UsersGroup(AppGroup):
    """Commands that end with one line and exit code 1 when something cannot be done."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AccountsError as error:
            message = f"{error}."
            raise click.ClickException(message) from error
        except SQLAlchemyError as error:
            message = "The database does not answer. script/server makes it, and brings it up to date."
            raise click.ClickException(message) from error


def with_groups_and_roles(command: Command) -> Command:
    """Add the options that say what a new account may read and do."""
    role = click.option("--role", "roles", multiple=True, help="editor, publisher or admin. May be repeated.")
    group = click.option("--group", "groups", multiple=True, help="A group to put them in. May be repeated.")
    return group(role(command))


@click.group("users", cls=UsersGroup)
def users() -> None:
    """Manage who can sign in."""


@users.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The person's full name.")
@with_groups_and_roles
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input: one line.")
def create(email: str, name: str, groups: Iterable[str], roles: Iterable[str], *, password_stdin: bool) -> None:
    """Make an account with a password."""
    if not password_stdin:
        message = "Say --password-stdin and give the password on standard input, or use: users invite."
        raise click.ClickException(message)
    profile = people.check_profile(email=email, name=name, groups=groups, roles=roles)
    person = people.create_account(_accounts(), profile, password=_read_password(), actor=_actor(), now=utc_now())
    click.echo(f"Made an account for {person.email}.")


@users.command("list")
def list_people() -> None:
    """List all accounts, one a line."""
    rows = [
        (
            person.email,
            person.name,
            ",".join(person.groups) or "-",
            ",".join(person.roles) or "-",
            f"disabled {person.disabled_at:%Y-%m-%d}" if person.disabled_at else "active",
        )
        for person in people.list_accounts(_accounts())
    ]
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
    for row in (COLUMNS, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@users.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Shut a person out at once. Their name stays on what they did."""
    person = changes.disable_account(_accounts(), email, actor=_actor(), now=utc_now())
    click.echo(f"{person.email} can no longer sign in.")


@users.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Undo disabling. The old password is forgotten: `users reset` gives a link to choose another."""
    person = changes.enable_account(_accounts(), email, actor=_actor(), now=utc_now())
    click.echo(f"{person.email} can sign in again with a new password. Run: users reset {person.email}")


@users.command("remove-second-factor")
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """Take away the second factor of a person who has lost it, and sign them out everywhere.

    Make sure that it is the person who asks. Whose role needs one sets up another when they sign in next.
    """
    person = _person(email)
    second_factor.remove_second_factor(_accounts(), person.account_id, actor=_actor(), now=utc_now())
    notices.tell(current.settings(), person, Notice.SECOND_FACTOR_REMOVED)
    click.echo(f"{person.email} has no second factor any more.")


@users.command("sign-out")
@click.argument("email")
def sign_out(email: str) -> None:
    """Sign a person out everywhere."""
    person = _person(email)
    sessions.end_other_sessions(_accounts(), person.account_id, actor=_actor(), now=utc_now())
    click.echo(f"{person.email} is signed out everywhere.")


@users.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Send, or print, a link with which a person who has an account chooses a new password.

    It works once, for 24 hours. Send it to nobody else. The old password works until then.
    """
    link = links.make_reset_link(_accounts(), email, actor=_actor(), now=utc_now())
    _tell(link, letters.send_reset(current.settings(), link))


@users.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="The person's full name.")
@with_groups_and_roles
def invite(email: str, name: str, groups: Iterable[str], roles: Iterable[str]) -> None:
    """Send, or print, a link with which a person makes their account and chooses a password.

    It works once, for 24 hours. Send it to nobody else.
    """
    profile = people.check_profile(email=email, name=name, groups=groups, roles=roles)
    link = links.invite(_accounts(), profile, actor=_actor(), now=utc_now())
    _tell(link, letters.send_invitation(current.settings(), link))


@users.command("first-link")
def first_link() -> None:
    """Print the link for the first administrator, good for an hour. Print nothing once there is one."""
    print_first_link()


def print_first_link() -> None:
    """Print a fresh link for the first administrator while there is none. Earlier links stop working."""
    link = links.make_first_administrator_link(_accounts(), actor=_actor(), now=utc_now())
    if link:
        address = letters.address_of(current.settings(), link)
        click.echo(f"Make the first administrator here (works once, for an hour): {address}")


def _read_password() -> str:
    """Return the one line of standard input, as bytes decoded here: the terminal's settings may not know UTF-8."""
    try:
        lines = sys.stdin.buffer.read().decode().splitlines()
    except UnicodeDecodeError as error:
        message = "The password on standard input is not UTF-8 text."
        raise click.ClickException(message) from error
    if len(lines) > 1:
        message = "The password on standard input must be one line."
        raise click.ClickException(message)
    return lines[0] if lines else ""


def _tell(link: NewLink, delivery: Delivery) -> None:
    """Say that the letter went out, or print the link for somebody to hand over."""
    if delivery == Delivery.SENT:
        click.echo(f"Sent the link to {link.email}.")
        return
    if delivery == Delivery.FAILED:
        click.echo("The mail server did not take the letter. Hand this link over yourself:", err=True)
    click.echo(letters.address_of(current.settings(), link))


def _person(email: str) -> Person:
    with _accounts().database.read() as session:
        return people.person_of(people.find_account(session, email))


def _actor() -> Actor:
    return Actor.of_command()


def _accounts() -> Register:
    register: Register = current_app.extensions["accounts"]
    return register
