"""The `backup` commands: keep the whole site in one file, check such a file, and bring the site back from it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.backup.creating import Tell, create_backup
from knowledge_base.backup.errors import BackupError
from knowledge_base.backup.kept_settings import kept_settings
from knowledge_base.backup.manifest import Manifest
from knowledge_base.backup.restoring import Found, restore_backup, verify_backup
from knowledge_base.backup.unfinished import check_finished
from knowledge_base.db import LONDON, utc_now
from knowledge_base.publishing.errors import PublishingError
from knowledge_base.publishing.standing import standing
from knowledge_base.publishing.store import ContentStore
from knowledge_base.search import commands as search
from knowledge_base.settings import Settings

QUIET_FOR = 2.0
KEY_REMINDER = (
    "The secret key is not in it. Keep that apart from the backups (KB_SECRET_KEY, or the file secret_key in the "
    "instance folder): without it second factors are lost, and nobody can check the record of events."
)

backup = AppGroup("backup", help="Keep the whole site in one file, and bring it back.")


@backup.command("create")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--verify", "is_verified", is_flag=True, help="Check it too, and count it only when it is whole.")
def create(path: Path, *, is_verified: bool) -> None:
    """Make a backup of the whole site at PATH, as it is at this moment. The site may be in use."""
    store = _store()
    with _in_order():
        check_finished(_settings().instance_dir)
        made = create_backup(store, path, environ=os.environ, now=utc_now(), tell=_teller())
    for name in made.left_out:
        click.echo(f"Left out, for its name: {_plain(name)}", err=True)
    click.echo(f"Backup made: {made.path} ({made.path.stat().st_size:,} bytes).")
    if is_verified:
        _verify(path)
    else:
        _say_what_is_in(made.manifest)
    # The alarm for want of a backup goes by this.
    try:
        with store.database.write() as session:
            record(session, Event(Kind.BACKUP_MADE, Actor.of_command()), keys=store.keys, now=utc_now())
    except SQLAlchemyError:
        click.echo("That a backup was made could not be recorded: the database takes no writes now.", err=True)
    click.echo(KEY_REMINDER)


@backup.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
def verify_file(path: Path) -> None:
    """Check everything in the backup at PATH, and say what it holds. Ends with 1 when anything is wrong."""
    _verify(path)


def _verify(path: Path) -> None:
    with _in_order():
        found = verify_backup(path, keys=_store().keys, instance_dir=_settings().instance_dir, tell=_teller())
    _say_what_is_in(found.manifest)
    if not found.is_ours:
        click.echo(
            "It was made with another secret key than this site has, or by somebody else, so the record of events in "
            "it was not checked. Everything else is whole."
        )
    elif found.record and not found.record.ok:
        message = f"The record of events in it is not whole. {found.record.fault} Everything else is whole."
        raise click.ClickException(message)
    else:
        click.echo("It is whole, and so is the record of events in it.")


@backup.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--lost-secret-key", is_flag=True, help="The key is lost: go on with another, without what it protects.")
def restore(path: Path, *, lost_secret_key: bool) -> None:
    """Bring the site back from the backup at PATH, into an empty database and content folder."""
    with _in_order():
        found = restore_backup(
            path,
            _settings(),
            keys=_store().keys,
            now=utc_now(),
            with_lost_key=lost_secret_key,
            tell=_teller(),
        )
    _say_what_is_in(found.manifest)
    _say_what_is_left_to_do(found)
    # The last that is done, because a start does it too.
    _store().library.refresh()
    search.bring_up_to_date()
    click.echo("The site is restored. Start it.")


def _say_what_is_in(manifest: Manifest) -> None:
    made = manifest.made_at.astimezone(LONDON)
    part = manifest.content
    rows = {table.name: table.rows for table in manifest.tables}
    at = f"at revision {part.revision[:12]}" if part.revision else "without a history"
    changed = len(part.changed) + len(part.removed)
    click.echo(f"Made on {made.day} {made:%B %Y at %H:%M} (London) by {_plain(manifest.code)}.")
    click.echo(f"Content: {at}, and {changed} files that were changed by hand.")
    click.echo(
        f"Database: schema {manifest.schema_name}, {sum(rows.values()):,} rows in {len(rows)} tables: "
        f"{rows.get('accounts', 0):,} accounts, {rows.get('drafts', 0):,} drafts, "
        f"{rows.get('draft_files', 0):,} uploads, {rows.get('audit_events', 0):,} events."
    )


def _say_what_is_left_to_do(found: Found) -> None:
    plain, _ = kept_settings(os.environ)
    differing = {name: value for name, value in found.manifest.settings.items() if plain.get(name) != value}
    for name, value in differing.items():
        click.echo(f"It was set otherwise: {_plain(name)}={_plain(value)}")
    if secrets := found.manifest.secrets:
        click.echo(f"Set then, with a value that is not in the backup: {_plain(', '.join(secrets))}")
    for name, url in found.manifest.content.remotes.items():
        click.echo(f"The content had a git remote. Add it again: git remote add {_plain(name)} {_plain(url)}")
    with suppress(PublishingError):
        if said := standing(_store()):
            click.echo(said)
    if found.record and not found.record.ok:
        click.echo(f"The record of events was not whole when the backup was made. {found.record.fault}")
    if not found.is_ours:
        click.echo(
            "The secret key is a new one: second factors have to be set up again "
            "(users remove-second-factor EMAIL), and the record of events cannot be checked."
        )


def _plain(text: str) -> str:
    """Return a text from a file that anybody may have made, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _teller() -> Tell:
    """Return what says each step, and how far a long one is."""
    last_word = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal last_word
        now = time.monotonic()
        if not total:
            click.echo(f"==> {what}", err=True)
        elif now < last_word + QUIET_FOR:
            return
        else:
            click.echo(f"    {what}: {done:,} of {total:,}", err=True)
        last_word = now

    return tell


@contextmanager
def _in_order() -> Iterator[None]:
    """Say in one line what stops a command, and let a timer that gives up stop it as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        message = f"{error.filename or 'The disk'} cannot be used: {error.strerror}."
        raise click.ClickException(message) from error
    except KeyboardInterrupt as error:
        message = "Stopped. Nothing was changed, and nothing half is left."
        raise click.ClickException(message) from error
    finally:
        signal.signal(signal.SIGTERM, before)


def _store() -> ContentStore:
    store: ContentStore = current_app.extensions["content_store"]
    return store


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
