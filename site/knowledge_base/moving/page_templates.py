"""New pages from a template: Markdown files under `content/_templates/`, which are no pages themselves."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge_base.pages.files import UnreadableFileError, text_of
from knowledge_base.pages.front_matter import FrontMatterError, parse, split
from knowledge_base.publishing.store import ContentStore

FOLDER = "_templates"
# From this one comes the page of a new folder.
FOLDER_TEMPLATE = "folder"
REVIEWED_AFTER = timedelta(days=182)


@dataclass(frozen=True)
class PageTemplate:
    """A template: what its header calls it, what its summary says it is for, and the text."""

    name: str
    title: str
    summary: str
    text: str


def list_templates(store: ContentStore) -> tuple[PageTemplate, ...]:
    """Return the templates that can be read, by their title."""
    names = [path for path in store.files.paths() if re.fullmatch(rf"{FOLDER}/[a-z0-9-]+\.md", path)]
    found = (_template(store, path) for path in names)
    return tuple(sorted((one for one in found if one), key=lambda one: one.title))


def new_text(template: PageTemplate, *, title: str, summary: str, today: date) -> str:
    """Return the text of a new page. It counts as reviewed today, and is due again in half a year."""
    values = {
        "title": _quoted(title),
        "summary": _quoted(summary),
        "last_reviewed": today.isoformat(),
        "review_by": (today + REVIEWED_AFTER).isoformat(),
    }
    header, body, _ = split(template.text)
    for key, value in values.items():
        # As a whole line: what was typed must not be taken for a pattern.
        header = "\n".join(f"{key}: {value}" if line.startswith(f"{key}:") else line for line in header.split("\n"))
    return f"---\n{header}---\n{body}"


def _template(store: ContentStore, path: str) -> PageTemplate | None:
    try:
        text = text_of(store.files.read(path) or b"")
        header, _, _ = split(text)
        meta = parse(header, audiences={"open", *store.library.edition().audiences.by_name})
    except (UnreadableFileError, FrontMatterError):
        return None
    return PageTemplate(path.rpartition("/")[2].removesuffix(".md"), meta.title, meta.summary, text)


def _quoted(words: str) -> str:
    """Return words as a YAML value on one line."""
    return json.dumps(" ".join(words.split()), ensure_ascii=False)
