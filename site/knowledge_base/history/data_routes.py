"""The history of a data file: its versions, what differs between them, and an older one taken up as a draft."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.comparison.source import compare_source
from knowledge_base.db import utc_now
from knowledge_base.editing.errors import DraftExistsError, EditingError
from knowledge_base.history.data_history import DataHistory
from knowledge_base.history.forms import CompareForm, DayForm
from knowledge_base.history.guards import archive, eyes
from knowledge_base.history.restoring import TAKEN_UP, restore_data
from knowledge_base.pages.files import DATA_FOLDER
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, can_change_data

MOST_PAGES = 100


class DataFileConverter(BaseConverter):
    """The name of a data file. Other addresses there are those of pages that do not exist."""

    regex = "[a-z-]+\\.yml"


def _know_data_files(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["data_file"] = DataFileConverter


blueprint = Blueprint("data", __name__)
blueprint.record(_know_data_files)


@blueprint.get("/history/_data/<data_file:data>")
@requires(EDITOR, PUBLISHER)
def show_history(data: str) -> ResponseReturnValue:
    """List what changed in a data file, or what was live on a day."""
    history = _history(data)
    number = max(1, min(request.args.get("page", default=1, type=int), MOST_PAGES))
    form = DayForm()
    is_valid = form.validate()
    versions, is_followed = history.on_page(number)
    return render_template(
        "history/page.html",
        path=_path(data),
        page=None,
        data_file=data,
        changes=versions,
        number=number,
        is_followed=is_followed,
        form=form,
        compare_form=CompareForm(versions),
        live=history.live_on(form.day) if is_valid and form.day else None,
        shows_names=True,
    ), 200 if is_valid else 422


@blueprint.get("/history/_data/<data_file:data>/<revision:revision>")
@requires(EDITOR, PUBLISHER)
def show_version(data: str, revision: str) -> str:
    """Show a data file as it was."""
    history = _history(data)
    return render_template(
        "history/data_version.html",
        path=_path(data),
        data_file=data,
        seen=history.version(revision) or abort(404),
        newest=history.newest_version(),
        before=history.version_before(revision),
    )


@blueprint.get("/history/_data/<data_file:data>/compare")
@requires(EDITOR, PUBLISHER)
def compare(data: str) -> str:
    """Show what differs between two versions of a data file."""
    history = _history(data)
    old, new = (history.version(request.args.get(name, "")) or abort(404) for name in ("from", "to"))
    return render_template(
        "history/compare.html",
        path=_path(data),
        old=old,
        new=new,
        title=data,
        what="file",
        as_written=True,
        may_write=False,
        source=compare_source(old.text, new.text),
        is_same=old.text == new.text,
    )


@blueprint.post("/history/_data/<data_file:data>/<revision:revision>/restore")
@requires(EDITOR, PUBLISHER)
def restore(data: str, revision: str) -> ResponseReturnValue:
    """Begin a draft with an older version."""
    version = _history(data).version(revision) or abort(404)
    path, viewer = _path(data), current_viewer()
    try:
        draft = restore_data(content_store(), path, version.text, version_at=version.at, by=viewer, now=utc_now())
    except EditingError as error:
        has_draft = isinstance(error, DraftExistsError)
        return render_template(
            "history/not_restored.html", problem=str(error), page=path, data_file=data, has_draft=has_draft
        ), 409
    flash(TAKEN_UP, "editing")
    return redirect(draft.address, 303)


def _path(data: str) -> str:
    return f"{DATA_FOLDER}/{data}"


def _history(data: str) -> DataHistory:
    """Return a data file's history. Answers 404 unless the person may change it and may know of all that is in it."""
    path, seen_with, repository = _path(data), eyes(), archive().repository
    if not can_change_data(current_viewer(), path) or seen_with is None or repository is None:
        abort(404)
    history = DataHistory(repository, seen_with, path)
    if not history.may_know(content_store().files.read(path)):
        abort(404)
    return history
