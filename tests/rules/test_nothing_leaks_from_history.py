"""No answer about what was, waits or was reported holds a word that stands where a person may not read."""

from collections.abc import Iterator

import pytest
from flask import Flask

from knowledge_base.access.audiences import Requirement
from knowledge_base.approval.submissions import submit
from knowledge_base.audit.events import Actor
from knowledge_base.db import utc_now
from knowledge_base.editing.drafts import begin_draft
from knowledge_base.feedback.reports import take_in
from knowledge_base.history.log import read_log
from knowledge_base.publishing.changes import Change, Contributor, FileChange
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.repository import Author
from tests.content_folder import ContentFolder
from tests.rules.everybody import Everybody, Who
from tests.rules.marked_content import COMMON_WORD, READERS, MarkedContent, Marker, marker_word
from tests.rules.test_nothing_leaks import READERS as WALKERS
from tests.rules.test_nothing_leaks import all_of, leaked

WRITERS = frozenset({Who.EDITOR, Who.PUBLISHER})
# What the part for staff of a page is for.
INNER = {"open": "staff", "members": "members+staff"}
LISTS = ("/changes", "/changes.atom", "/approvals", "/approvals/1", "/feedback", "/feedback?state=done", "/overdue")
MORE = (
    "/edit",
    "/data",
    "/bring-back",
    "/drafts/1/publish",
    "/drafts/1/links",
    "/drafts/1/conflict",
    "/data/contacts.yml",
    "/history/_data/contacts.yml",
)


@pytest.fixture
def store(app: Flask) -> ContentStore:
    found: ContentStore = app.extensions["content_store"]
    return found


@pytest.fixture
def marked(app: Flask, content: ContentFolder, store: ContentStore, everybody: Everybody) -> MarkedContent:
    """Write the folder, change each page and each part for staff in a commit of its own, and leave things waiting."""
    made = MarkedContent(content)
    made.write()
    store.library.refresh()
    assert store.repository.head()
    for url, (path, first, fields) in made.page_files.items():
        key = next(one.key for one in made.markers if one.leads_to == url and one.place.startswith("title of"))
        longer = first.replace("First", f"Once {mark(made, f'word that went from {url}', key)}. First", 1)
        commit(made, store, path, longer, fields, mark(made, f"note on {url}", key))
        body = longer.replace(marker_word(f"word that went from {url} {key}"), "more", 1)
        commit(made, store, path, body, fields, mark(made, f"second note on {url}", key))
        if key in INNER:
            inner = body.replace("More", f"Besides {mark(made, f'gated word of {url}', INNER[key])}.\n\nMore", 1)
            commit(made, store, path, inner, fields, mark(made, f"gated note on {url}", INNER[key]))
            # One that everybody notices, for it changes the open text too, and whose note is not for everybody.
            both = body.replace("Once more", "Once again", 1)
            assert both != body
            commit(made, store, path, both, fields, mark(made, f"second gated note on {url}", INNER[key]))
    leave_things_waiting(made, store, everybody)
    app.extensions["archive"].look()
    return made


def mark(made: MarkedContent, place: str, key: str, readers: frozenset[Who] | None = None) -> str:
    word = marker_word(f"{place} {key}")
    made.markers.append(
        Marker(word, place, key, READERS[key] if readers is None else readers, is_shown=True, leads_to="")
    )
    return word


def commit(
    made: MarkedContent, store: ContentStore, path: str, body: str, fields: dict[str, object], note: str
) -> None:
    made.folder.page(path, body, **fields)
    git = store.repository.git
    git.run("add", "-A", ".")
    who = {f"GIT_{kind}_{what}": "jo@example.gov.uk" for kind in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git.run("commit", "-q", "-m", f"Note {note}", environment=who)
    store.library.refresh()


def leave_things_waiting(made: MarkedContent, store: ContentStore, everybody: Everybody) -> None:
    """Hand a change of a page for staff in, begin a draft of it, and report something about it."""
    url = next(url for url, (path, _, fields) in made.page_files.items() if fields.get("audience") == "staff")
    path = made.page_files[url][0]
    editor, now = everybody.person(Who.EDITOR), utc_now()
    by = Contributor(editor.viewer, Author(editor.name, editor.email), Actor.of(editor.viewer))
    base = store.files.read(f"{path}.md") or b""
    submitted = mark(made, "submitted text", "staff", WRITERS)
    files = (FileChange(f"{path}.md", base.replace(b"First", f"{submitted} First".encode(), 1), base),)
    change = Change(files, subject=path, note=f"Note {mark(made, 'note of a submission', 'staff', WRITERS)}")
    assert submit(store, change, by=by, now=now) == 1
    begun = f"{base.decode()}\n{mark(made, 'draft', 'staff', frozenset({Who.EDITOR}))}\n"
    begin_draft(store, path, by=editor.viewer, text=begun, now=now)
    page = store.library.refresh().page(url)
    assert page
    message = f"It is wrong: {mark(made, 'report', 'staff', WRITERS)}"
    asked = Requirement(frozenset({"staff"}))
    take_in(store.database, page, section="", requirement=asked, message=message, address_key="", now=now)


def addresses(marked: MarkedContent, store: ContentStore) -> Iterator[str]:
    yield from (*LISTS, *MORE)
    yield from (f"/changes?area={folder}" for folder in {url.split("/")[1] for url in marked.urls})
    for url, (path, *_) in marked.page_files.items():
        yield from (url, f"/history/{path}", f"/history/{path}?on=1/1/2090", f"/report?page={url}")
        yield from (f"/{what}/{path}" for what in ("edit", "move", "merge", "withdraw", "delete", "bring-back"))
        revisions = [one.revision for one in read_log(store.repository, f"{path}.md")]
        yield from (f"/history/{path}/{one}" for one in revisions)
        for older in revisions:
            for view in ("", "&view=written"):
                yield f"/history/{path}/compare?from={older}&to={revisions[0]}{view}"


@pytest.mark.parametrize("who", [*WALKERS, Who.EDITOR])
def test_nothing_of_the_past_or_of_what_waits_is_told_to_whoever_may_not_read_it(
    everybody: Everybody, marked: MarkedContent, store: ContentStore, who: Who
) -> None:
    browser = everybody.browser(who)
    unreadable, told, seen = marked.may_not_read(who), {}, []

    for url in addresses(marked, store):
        answer = browser.get(url, buffered=True)
        text = all_of(answer, asked=url)
        assert answer.status_code < 500, url
        if found := leaked(text, unreadable):
            told[url] = found
        seen.append(text)

    assert told == {}
    everything = "\n".join(seen)
    new = [one for one in marked.may_read(who) if one.is_shown and ("note on" in one.place or not one.leads_to)]
    of_history = [one for one in new if one.place.startswith(("note", "second", "gated", "word that", "submitted"))]
    assert [f"{one.place} ({one.key})" for one in of_history if one.word not in everything] == []
    assert of_history
    assert COMMON_WORD in everything
