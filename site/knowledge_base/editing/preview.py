"""A draft as readers would see it once published: made by what makes the pages, never beyond its author."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from knowledge_base.access.policy import Viewer, audiences_of
from knowledge_base.access.view_as import Choice, Whom
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import url_of
from knowledge_base.pages.page_view import PageView, PageViews

ONESELF = "oneself"
FAULTY = "The page cannot be shown as it is: what has to be mended is listed under “Checks”."
NOT_FOR_THEM = "This reader does not get the page."


@dataclass(frozen=True)
class Reader:
    """A reader whom a draft can be shown as. `key` names them in a form."""

    key: str
    title: str
    viewer: Viewer


@dataclass(frozen=True)
class Preview:
    """What a reader would see, or why that is nothing."""

    reader: Reader
    view: PageView | None
    reason: str = ""


def readers_for(person: Viewer, edition: Edition) -> tuple[Reader, ...]:
    """Return whom the person can look at a draft as: never anybody who sees more than they do."""
    audiences = edition.audiences
    names = [name for name in audiences.by_name if name in audiences_of(person, audiences)]
    groups = sorted({group for name in names for group in audiences.groups_of(name)} & person.groups)
    choices = [Choice(Whom.ANONYMOUS), *(Choice(Whom.AUDIENCE, name) for name in names)]
    choices += [Choice(Whom.GROUP, group) for group in groups]
    others = tuple(
        Reader(
            choice.key,
            choice.title(audiences).removeprefix("an ").removeprefix("the ").capitalize(),
            _viewer(choice, person),
        )
        for choice in choices
    )
    return (Reader(ONESELF, "Yourself", person), *others)


def reader_of(key: str, person: Viewer, edition: Edition) -> Reader:
    """Return the reader of this key, or the person for one that there is not."""
    readers = readers_for(person, edition)
    return next((one for one in readers if one.key == key), readers[0])


def preview(  # noqa: PLR0913 - who sees which page of which site, when and where
    edition: Edition, page_path: str, reader: Reader, *, today: date, base_url: str, files: Mapping[str, str]
) -> Preview:
    """Show a page of an edition to a reader. `files` says where those that are not published can be had."""
    page = edition.page(url_of(page_path))
    if page is None:
        return Preview(reader, None, FAULTY)
    may_read = edition.may_read(reader.viewer)
    if not may_read(page.requirement):
        return Preview(reader, None, NOT_FOR_THEM)
    view = PageViews(edition, may_read, today=today, base_url=base_url).view(page)
    html = str(view.html)
    for url, place in files.items():
        html = html.replace(f'"{url}"', f'"{place}"')
    return Preview(reader, replace(view, html=Markup(html)))  # noqa: S704 - sanitised by pages/markdown.py


def _viewer(choice: Choice, person: Viewer) -> Viewer:
    is_group = choice.whom is Whom.GROUP
    return Viewer(
        groups=frozenset({choice.name}) if is_group else frozenset(),
        in_audience="" if is_group else choice.name,
        viewing_as=choice.key,
        person=person,
    )
