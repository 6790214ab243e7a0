"""Make a draft page of a Word document."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import utc_now
from knowledge_base.editing.access import OWN_PAGES, may_edit
from knowledge_base.editing.draft_files import add_file
from knowledge_base.editing.drafts import begin_draft
from knowledge_base.editing.errors import DraftExistsError, EditingError, UploadRefusedError
from knowledge_base.editing.forms import ImportForm
from knowledge_base.editing.page_text import write_page_text
from knowledge_base.editing.uploads import plain_name
from knowledge_base.editing.word_import import WordDocument, read_word
from knowledge_base.pages.attachments import ADDRESS
from knowledge_base.pages.file_kinds import LARGEST_FILE
from knowledge_base.pages.files import RESERVED
from knowledge_base.publishing.changes import PAGE_FILE
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

blueprint = Blueprint("imports", __name__)


@blueprint.get("/edit/import")
@requires(EDITOR, PUBLISHER)
def show() -> str:
    """Ask for a Word document, and where its page is to stand."""
    return _page(ImportForm(_folders(), sent=False))


@blueprint.post("/edit/import")
@requires(EDITOR, PUBLISHER)
def read() -> ResponseReturnValue:
    """Make a draft of the document and open it in the editor."""
    form = ImportForm(_folders(), sent=True)
    if not form.validate():
        return _page(form), 422
    sent = form.file.data
    name = plain_name(f"{form.name.data or sent.filename.rpartition('.')[0]}.x").rpartition(".")[0]
    path = "/".join(filter(None, [form.folder.data, name]))
    try:
        _check_place(path)
        _begin(path, read_word(sent.filename, sent.read(LARGEST_FILE + 1), files_url=f"{ADDRESS}/{path}"))
    except DraftExistsError as error:
        form.name.errors = [str(error)]
    except UploadRefusedError as error:
        form.file.errors = [str(error)]
    except EditingError as error:
        form.name.errors = [str(error)]
    else:
        return redirect(f"/edit/{path}", 303)
    return _page(form), 422


def _begin(path: str, document: WordDocument) -> None:
    store, now = content_store(), utc_now()
    text = write_page_text("---\n---\n", fields={"title": document.title}, body=document.body)
    draft = begin_draft(store, path, by=current_viewer(), text=text, now=now)
    for file in document.files:
        add_file(store, draft, file, now=now)
    if document.left_out:
        flash(f"Left out: {'; '.join(document.left_out)}.", "editing")


def _check_place(path: str) -> None:
    store = content_store()
    is_own = path.partition("/")[0] in RESERVED or path in OWN_PAGES
    if is_own or not PAGE_FILE.fullmatch(f"{path}.md") or not may_edit(store, path, viewer=current_viewer()):
        message = "There can be no page of this name there. Choose another name."
        raise EditingError(message)
    if store.files.read(f"{path}.md") is not None:
        message = "There is a page of this name already. Choose another name."
        raise EditingError(message)


def _folders() -> list[tuple[str, str]]:
    """Return the folders in which the person may write, by the names that people know."""
    store, viewer = content_store(), current_viewer()
    pages = [page for page in store.library.edition().pages.values() if page.is_index]
    return [
        (page.path.rpartition("/")[0], f"{page.meta.title} ({page.url})")
        for page in pages
        if may_edit(store, f"{page.path.removesuffix('index')}a-new-page", viewer=viewer)
    ]


def _page(form: ImportForm) -> str:
    return render_template("editing/import.html", form=form)
