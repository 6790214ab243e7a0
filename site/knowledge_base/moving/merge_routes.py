"""The pages on which one page is merged into another."""

import hashlib

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.moving.carrying import carried_text
from knowledge_base.moving.errors import MovingError
from knowledge_base.moving.forms import IntoForm, MergeForm
from knowledge_base.moving.guards import act, form_page, free_name, page_to_change, plans
from knowledge_base.pages.page import Page
from knowledge_base.publishing.changes import Change, FileChange
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER, can_edit_page

blueprint = Blueprint("merge", __name__)


@blueprint.get("/merge/<path:path>")
@requires(EDITOR, PUBLISHER)
def show(path: str) -> ResponseReturnValue:
    """Ask for the page to merge into, then for the text of both."""
    page = page_to_change(path)
    wanted = request.args.get("into")
    if wanted is None:
        return _into_page(_into_form(""), page)
    other = _other(wanted, page)
    if other is None:
        form = _into_form(wanted)
        form.into.errors = ["There is no other page of this address that you may change"]
        return _into_page(form, page), 422
    words = carried_text(content_store().library.edition(), page, other)
    text = f"{_text(other).decode().rstrip()}\n\n{words.strip()}\n"
    form = MergeForm(formdata=None, text=text, into=other.url, base=_digest(page, other), name=free_name())
    return form_page("moving/merge.html", form, page, other=other)


@blueprint.post("/merge/<path:path>")
@requires(EDITOR, PUBLISHER)
def merge(path: str) -> ResponseReturnValue:
    """Merge the page into the other."""
    form = MergeForm()
    page = page_to_change(path, sent=form.name.data)
    other = _other(form.into.data or "", page)
    if other is None:
        return _into_page(_into_form(form.into.data or ""), page), 422
    return act(
        form,
        lambda: _change(form, page, other),
        lambda **more: form_page("moving/merge.html", form, page, other=other, **more),
    )


def _change(form: MergeForm, page: Page, other: Page) -> Change:
    base, digest = _text(other), _digest(page, other)
    if digest != form.base.data:
        form.base.data = digest
        message = "Somebody changed one of the two pages meanwhile. Look at both, and bring their change into the text"
        raise MovingError(message)
    text = (form.text.data or "").replace("\r\n", "\n")
    file = FileChange(f"{other.path}.md", f"{text.rstrip()}\n".encode(), base)
    return plans().merge(page, other, file=file, note=form.note.data or "", name=free_name(form))


def _other(address: str, page: Page) -> Page | None:
    edition = content_store().library.edition()
    other = edition.page(f"/{address.strip().strip('/')}")
    if other is None or other == page or not can_edit_page(current_viewer(), edition, other.path):
        return None
    return other


def _into_page(form: IntoForm, page: Page) -> str:
    return render_template("moving/merge_into.html", form=form, page=page, problem="", findings=())


def _into_form(address: str) -> IntoForm:
    return IntoForm(formdata=None, into=address, meta={"csrf": False})


def _text(page: Page) -> bytes:
    return content_store().files.read(f"{page.path}.md") or b""


def _digest(*pages: Page) -> str:
    """Return one word for what pages say: what somebody changes in either of them meanwhile must not be lost."""
    return hashlib.sha256(repr([_text(page) for page in pages]).encode()).hexdigest()
