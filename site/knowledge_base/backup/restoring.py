"""Find out whether a backup is whole, and bring the site back from one."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from knowledge_base.audit.chain import ChainKeys
from knowledge_base.audit.events import Actor, Event, Kind
from knowledge_base.audit.log import record
from knowledge_base.audit.verification import Verification, verify
from knowledge_base.backup.archive import read_archive
from knowledge_base.backup.content import restored_content, top_of
from knowledge_base.backup.creating import Tell, is_sealed_with
from knowledge_base.backup.errors import ArchiveFaultError, BackupError, OtherKeyError
from knowledge_base.backup.loading import check_empty, check_known, loaded_database
from knowledge_base.backup.manifest import Manifest
from knowledge_base.backup.tables import Progress
from knowledge_base.backup.unfinished import nobody_else, noted, remove_left_over, too_late_to_stop
from knowledge_base.backup.workplace import workplace
from knowledge_base.db import LONDON
from knowledge_base.settings import Settings


@dataclass(frozen=True)
class Found:
    """What a backup holds. Without the secret key that it was made with, nobody can check the record in it."""

    manifest: Manifest
    is_ours: bool
    record: Verification | None


def verify_backup(path: Path, *, keys: ChainKeys, instance_dir: Path, tell: Tell) -> Found:
    """Check everything in a backup, by restoring it beside the site, into files that are deleted after.

    Raises BackupError with the first fault, but for one of the record, which it returns.
    """
    with workplace(instance_dir) as folder:
        manifest, is_ours = _unpack(path, folder, keys, tell)
        check_known(manifest)
        tell("The history of the pages", 0, 0)
        with restored_content(folder / "restored", manifest.content, folder, note=lambda _places: None):
            pass
        url = f"sqlite:///{folder / 'restored.sqlite3'}"
        with loaded_database(url, manifest, folder, progress=_rows(tell)) as session:
            return Found(manifest, is_ours, verify(session, keys) if is_ours else None)


def restore_backup(  # noqa: PLR0913 - what it works with, and two decisions of whoever restores
    path: Path, settings: Settings, *, keys: ChainKeys, now: datetime, with_lost_key: bool, tell: Tell
) -> Found:
    """Bring the site back into an empty database and an empty content folder. If it fails, both are empty again.

    If it is killed no start goes on, and the next one takes away what is left. Raises BackupError; OtherKeyError when
    the secret key is not the one that the backup was made with, unless that one is lost.
    """
    with nobody_else(settings.instance_dir), workplace(settings.instance_dir) as folder:
        check_empty(settings.database_url)
        manifest, is_ours = _unpack(path, folder, keys, tell)
        if not is_ours and not with_lost_key:
            message = (
                "This backup was made with another secret key than the site has here. Put the key that you kept apart "
                f"from the backups into KB_SECRET_KEY, or into {settings.instance_dir / 'secret_key'}; "
                "then restore it again. If that key is lost, add --lost-secret-key."
            )
            raise OtherKeyError(message)
        check_known(manifest)
        for place in remove_left_over(settings.instance_dir):
            tell(f"Taken away, from a restore that was cut short: {place}", 0, 0)
        top = top_of(settings.content_dir, manifest.content)
        tell("The pages and their history", 0, 0)
        with (
            too_late_to_stop() as finish,
            noted(settings.instance_dir) as note,
            restored_content(top, manifest.content, folder, note=note.write),
            loaded_database(settings.database_url, manifest, folder, progress=_rows(tell)) as session,
        ):
            found = verify(session, keys) if is_ours else None
            _record(session, manifest, keys, now=now)
            # The pages are on the disk before the database says that all is there.
            os.sync()
            finish()
        return Found(manifest, is_ours, found)


def _unpack(path: Path, folder: Path, keys: ChainKeys, tell: Tell) -> tuple[Manifest, bool]:
    tell("Unpacking", 0, 0)
    try:
        return read_archive(
            path,
            folder,
            is_sealed=is_sealed_with(keys),
            progress=lambda done, total: tell("Bytes", done, total),
        )
    except ArchiveFaultError as error:
        message = f"{path} cannot be used. {error}"
        raise ArchiveFaultError(message) from error
    except OSError as error:
        message = f"{path} cannot be unpacked: {error.strerror}."
        raise BackupError(message) from error


def _rows(tell: Tell) -> Progress:
    return lambda done, total: tell("Rows", done, total)


def _record(session: Session, manifest: Manifest, keys: ChainKeys, *, now: datetime) -> None:
    made = manifest.made_at.astimezone(LONDON)
    event = Event(Kind.SITE_RESTORED, Actor.of_command(), details={"made": f"{made.day} {made:%B %Y at %H:%M}"})
    record(session, event, keys=keys, now=now)
