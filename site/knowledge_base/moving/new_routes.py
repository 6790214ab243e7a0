"""The page on which an editor begins a new page from a template."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextInput
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from knowledge_base.access.guards import current_viewer, requires
from knowledge_base.db import london_today, utc_now
from knowledge_base.editing.drafts import begin_draft
from knowledge_base.editing.errors import EditingError
from knowledge_base.moving.errors import MovingError
from knowledge_base.moving.page_templates import FOLDER_TEMPLATE, PageTemplate, list_templates, new_text
from knowledge_base.moving.places import check_place, path_at
from knowledge_base.publishing.guards import content_store
from knowledge_base.publishing.permission import EDITOR, PUBLISHER

blueprint = Blueprint("new_page", __name__)


class NewPageForm(FlaskForm):  # type: ignore[misc]
    """What a new page begins with."""

    template = RadioField("What kind of page?", widget=GovRadioInput(), validators=[InputRequired("Choose a kind")])
    title = StringField("Title", widget=GovTextInput(), validators=[InputRequired("Type the title"), Length(max=200)])
    summary = StringField(
        "Summary",
        widget=GovTextInput(),
        description="One sentence, shown in lists and search results",
        validators=[InputRequired("Type a summary"), Length(max=400)],
    )
    address = StringField(
        "Address",
        widget=GovTextInput(),
        description="Such as /referral/share. It can be changed later.",
        validators=[InputRequired("Type the address")],
    )


@blueprint.get("/edit/new")
@requires(EDITOR, PUBLISHER)
def show() -> str:
    """Ask what the new page is to be."""
    templates = list_templates(content_store())
    return _page(_form(templates), templates)


@blueprint.post("/edit/new")
@requires(EDITOR, PUBLISHER)
def begin() -> ResponseReturnValue:
    """Begin a draft of the new page."""
    store, viewer, templates = content_store(), current_viewer(), list_templates(content_store())
    form = _form(templates)
    if not form.validate():
        return _page(form, templates), 422
    template = next(one for one in templates if one.name == form.template.data)
    try:
        path = path_at(form.address.data or "")
        check_place(store.library.edition(), path, viewer=viewer)
        path = f"{path}/index" if template.name == FOLDER_TEMPLATE else path
        text = new_text(template, title=form.title.data or "", summary=form.summary.data or "", today=london_today())
        begin_draft(store, path, by=viewer, text=text, now=utc_now())
    except (MovingError, EditingError) as error:
        form.address.errors = [str(error)]
        return _page(form, templates), 422
    return redirect(f"/edit/{path}", 303)


def _form(templates: tuple[PageTemplate, ...]) -> NewPageForm:
    form = NewPageForm()
    form.template.choices = [(one.name, one.title) for one in templates]
    return form


def _page(form: NewPageForm, templates: tuple[PageTemplate, ...]) -> str:
    return render_template("moving/new.html", form=form, templates=templates, problem="", findings=())
