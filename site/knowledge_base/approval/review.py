"""What somebody looks at before they decide: each file of a change, as it is read and as it is written."""

from dataclasses import dataclass

from markupsafe import Markup

from knowledge_base.access.policy import Viewer
from knowledge_base.approval.outlook import Outlook, is_text
from knowledge_base.comparison.rendered import compare_rendered
from knowledge_base.comparison.source import Passage, compare_source
from knowledge_base.comparison.stretches import Comparison
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.file_kinds import size_in_words
from knowledge_base.pages.files import DATA_FOLDER, url_of
from knowledge_base.publishing.permission import text_seen

_TITLE = Markup("<h2>{}</h2><p>{}</p>")


@dataclass(frozen=True)
class ReviewedFile:
    """A file before and after. `rendered` is for pages, `source` for text, `size` for what is neither."""

    path: str
    title: str
    was_there: bool
    is_there: bool
    source: tuple[Passage, ...]
    rendered: Comparison | None
    size: str

    @property
    def what(self) -> str:
        """What happens to the file."""
        if not self.was_there:
            return "New"
        return "Changed" if self.is_there else "Taken away"


def review(outlook: Outlook, *, viewer: Viewer) -> tuple[ReviewedFile, ...]:
    """Return what a change would do to each file. Only for somebody who may read all that it changes in them.

    The lines around a changed entry of a data file may be of one that is not for them, and are left out then.
    """
    changed = [path for path in sorted(outlook.merged) if outlook.merged[path] != outlook.theirs[path]]
    return tuple(_file(outlook, path, viewer, name=f"change-{number}") for number, path in enumerate(changed, start=1))


def _file(outlook: Outlook, path: str, viewer: Viewer, *, name: str) -> ReviewedFile:
    before, after = outlook.theirs[path], outlook.merged[path]
    texts = _text(before), _text(after)
    if path.startswith(f"{DATA_FOLDER}/"):
        texts = (
            text_seen(texts[0], viewer=viewer, edition=outlook.before),
            text_seen(texts[1], viewer=viewer, edition=outlook.before),
        )
    rendered = (
        compare_rendered(_read(outlook.before, path), _read(outlook.after, path), name=name)
        if path.endswith(".md")
        else None
    )
    return ReviewedFile(
        path=path,
        title=_title(outlook.after, path) or _title(outlook.before, path) or path,
        was_there=before is not None,
        is_there=after is not None,
        source=compare_source(*texts) if is_text(path) else (),
        rendered=rendered,
        size="" if is_text(path) or after is None else size_in_words(len(after)),
    )


def _read(edition: Edition, path: str) -> str:
    page = edition.page(url_of(path.removesuffix(".md")))
    if page is None or f"{page.path}.md" != path:
        return ""
    html = edition.document(page).html_for(lambda _requirement: True)
    return str(_TITLE.format(page.meta.title, page.meta.summary)) + html


def _title(edition: Edition, path: str) -> str:
    page = edition.page(url_of(path.removesuffix(".md"))) if path.endswith(".md") else None
    return page.meta.title if page else ""


def _text(content: bytes | None) -> str:
    return (content or b"").decode("utf-8", "replace")
