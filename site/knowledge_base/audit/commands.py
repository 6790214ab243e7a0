"""The `audit` commands: finding out whether the record is whole."""

import re
import time
from collections.abc import Callable

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.audit.events import Actor, Event, Kind, rows_in_words
from knowledge_base.audit.guards import chain_keys
from knowledge_base.audit.log import record
from knowledge_base.audit.models import AuditEvent
from knowledge_base.audit.retention import Housekeeping
from knowledge_base.audit.verification import Progress, Seen, Verification, verify
from knowledge_base.db import utc_now
from knowledge_base.web import current

QUIET_FOR = 2.0
SEAL_SHOWN = 32
SEEN = re.compile(r"([0-9]{1,9}):([0-9a-f]{16,64})")


@click.group("audit", cls=AppGroup)
def audit() -> None:
    """Look after the record of who did what."""


@audit.command("verify")
@click.option("--seen", metavar="NUMBER:SEAL", help="What an earlier check printed: finds a database put back since.")
def verify_record(*, seen: str | None) -> None:
    """Find out whether anything in the record was changed, removed, moved or put in.

    Ends with 1 and names the first row that is wrong. The record keeps that it was checked, and by whom.
    """
    noted = _read_seen(seen) if seen else None
    try:
        with current.database().read() as session:
            found = verify(session, chain_keys(), seen=noted, progress=progress_after(QUIET_FOR))
    except SQLAlchemyError as error:
        message = "The database does not answer. script/server makes it, and brings it up to date."
        raise click.ClickException(message) from error
    _record_check(found)
    if not found.ok:
        message = f"The record is not whole. {found.fault} Rows checked before that: {found.checked:,}."
        raise click.ClickException(message)
    click.echo(f"The record is whole. Rows checked: {found.checked:,}, up to row {found.last.number}.")
    click.echo("Note this outside the database, for --seen at the next check:")
    click.echo(f"{found.last.number}:{found.last.hash[:SEAL_SHOWN]}")


def is_there() -> bool:
    """Return whether the database has the tables of the record."""
    return inspect(current.database().engine).has_table(AuditEvent.__tablename__)


def bring_up_to_date(*, is_new: bool) -> None:
    """Do what a start needs: begin a record that is new, and delete what is past its time.

    Only the caller knows whether it is new: to the tables alone one that somebody has emptied looks the same.
    """
    _housekeeping().start(now=utc_now(), is_new=is_new)


def progress_after(seconds: float, *, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return what says how far a check is, once it has taken so many seconds, and then as often."""
    next_word = clock() + seconds

    def say(done: int, total: int) -> None:
        nonlocal next_word
        if clock() >= next_word:
            click.echo(f"Checked {done:,} of {total:,} rows", err=True)
            next_word = clock() + seconds

    return say


def _read_seen(text: str) -> Seen:
    match = SEEN.fullmatch(text.strip())
    if not match:
        message = "--seen takes what an earlier check printed, such as 1234:0123456789abcdef0123456789abcdef."
        raise click.ClickException(message)
    return Seen(int(match[1]), match[2])


def _record_check(found: Verification) -> None:
    details = {"rows": rows_in_words(found.checked)} if found.ok else {"fault": found.fault}
    kind = Kind.RECORD_CHECKED if found.ok else Kind.RECORD_FOUND_BROKEN
    event = Event(kind, Actor.of_command(), details=details)
    try:
        with current.database().write() as session:
            record(session, event, keys=chain_keys(), now=utc_now())
    except SQLAlchemyError:
        click.echo("That the record was checked could not be recorded: the database takes no writes now.", err=True)


def _housekeeping() -> Housekeeping:
    housekeeping: Housekeeping = current_app.extensions["audit_housekeeping"]
    return housekeeping
