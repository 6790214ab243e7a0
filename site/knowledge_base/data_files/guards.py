"""What every view of a data file begins with: which file, who may change it, and what they have of it."""

import json
from collections.abc import Mapping

from flask import abort, request
from flask_wtf.csrf import generate_csrf

from knowledge_base.access.guards import current_viewer
from knowledge_base.access.policy import audiences_of
from knowledge_base.data_files.drafting import Work, work_on
from knowledge_base.data_files.entries import NEW, Entry
from knowledge_base.data_files.kinds import BY_NAME, DataFile
from knowledge_base.db import utc_now
from knowledge_base.editing.forms import PREFIX, audience_titles
from knowledge_base.editing.guards import holder_sent, sign_holder
from knowledge_base.editing.kept_texts import forget_text, keep_text, kept_text
from knowledge_base.editing.models import LONGEST_PATH
from knowledge_base.publishing.errors import DataFileError
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import can_change_data

HOLDER = f"{PREFIX}holder"


def file_of(name: str) -> DataFile:
    """Return a data file that the person may change. Answers 404 for any other."""
    file = BY_NAME.get(name)
    return file if file and can_change_data(current_viewer(), file.path) else abort(404)


def work_of(file: DataFile) -> Work:
    """Return what the person has of a file: their draft of it, or what is published."""
    return work_on(content_store(), file, viewer=current_viewer(), now=utc_now())


def entry_of(name: str, key: str) -> tuple[DataFile, Work, Entry]:
    """Return an entry that the person may know of. Answers 404 for any other."""
    file = file_of(name)
    work = work_of(file)
    try:
        entry = work.entries.get(key)
    except DataFileError:
        entry = None
    return (file, work, entry) if entry else abort(404)


def audiences_to_choose() -> Mapping[str, str]:
    """Return the audiences that the person is in, with their titles."""
    viewer, audiences = current_viewer(), content_store().library.edition().audiences
    return audience_titles(audiences, audiences_of(viewer, audiences))


def holder_of(file: DataFile, key: str) -> str:
    """Return what a form shows of whose it is, so that its words can be kept when nobody is signed in."""
    return sign_holder(current_viewer().account_id, _place(file, key))


def keep_what_was_typed(data_file: str, key: str) -> bool:
    """Keep what a form holds for whom it says it is of, until they are back. Says whether it could be kept."""
    sent, file = holder_sent(), BY_NAME.get(data_file)
    if file is None or sent[1] != _place(file, key) or len(sent[1]) > LONGEST_PATH:
        return False
    typed = {name: value for name, value in request.form.items() if name not in {"csrf_token", HOLDER, "then"}}
    return keep_text(content_store(), sent[0], sent[1], text=json.dumps(typed), version=0, now=utc_now())


def kept_words(file: DataFile, key: str) -> Mapping[str, str] | None:
    """Return what the person sent for an entry after their sign-in had ended."""
    kept = kept_text(content_store(), current_viewer().account_id, _place(file, key), now=utc_now())
    try:
        typed = json.loads(kept.text) if kept else None
    except ValueError:
        return None
    return {**typed, "csrf_token": generate_csrf()} if isinstance(typed, dict) else None


def forget_words(file: DataFile, key: str) -> None:
    """Forget them, once they are in a draft."""
    forget_text(content_store(), current_viewer().account_id, _place(file, key))


def _place(file: DataFile, key: str) -> str:
    return f"{file.path}/{key or NEW}"
