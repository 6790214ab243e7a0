"""What the site would be after a change: the same as when the change is made."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.files import folder_of, folders_above, url_of
from knowledge_base.pages.library import Library
from tests.content_folder import AUDIENCES, ContentFolder
from tests.pages.files_of_pages import docx, gif, png

STAFF = Viewer(account_id=1, groups=frozenset({"staff"}))
PAGE = "---\ntitle: {0}\nsummary: S.\naudience: {1}\n---\n\n[x](/files/a/one/x.png) {{{{ council.number }}}} {0}\n"
TEXTS = [
    *(PAGE.format(title, audience).encode() for title in ("One", "Two") for audience in ("open", "staff", "unknown")),
    b"---\ntitle: One\nsummary: S.\n---\n\n/// staff-only\nGated.\n///\n",
    b"---\ntitle: One\nsummary: S.\npublishing: two-person\n---\n\nWords.\n",
    b"---\ntitle: One\nsummary: S.\n---\n\n/// staff-only\nNever ends.\n",
    *(b"", b"no header", b"\xff\xfe", b"---\naudience: staff\nodd: key\n---\n", b"x" * 400_001),
]
PAGE_NAMES = [
    *("index.md", "a/index.md", "a/one.md", "a/two.md", "a/one/index.md", "a/b/index.md", "a/b/page.md", "c/page.md"),
    *("c/index.md", "search/index.md", "a/Upper.md", "a/_drafts/x.md", ".hidden/x.md", "a/.hidden.md", "a/x.MD"),
    *("a/x.txt", "/".join(["d"] * 12) + "/index.md", "/".join(["d"] * 13) + "/page.md", "_odd/x.md"),
]
DATA = {
    "_data/council.yml": [
        b"number: {label: N, value: 1, audience: open, origin: national}",
        b"number: {label: N, value: 2, audience: staff, origin: national}",
        b"number: [",
    ],
    "_data/audiences.yml": [AUDIENCES.encode(), b"staff: {title: S, description: S, groups: [members]}", b"staff: ["],
    "_data/redirects.yml": [b"- {from: /old, to: /a/one}", b"- {from: /old, to: /old}", b"- {from: /a, to: /c/page}"],
    "_data/other/x.yml": [b"x"],
}
ATTACHED = {
    "a/_files/one/x.png": [png(2, 3), png(4, 5), b"no picture"],
    "a/_files/index/form.docx": [docx(), b"PK\x03\x04"],
    "_files/index/x.gif": [gif(1, 1)],
    "a/_files/gone/x.png": [png(1, 1)],
    "a/_files/x.png": [png(1, 1)],
    "a/_files/one/deep/x.png": [png(1, 1)],
    "a/_files/one/X.png": [png(1, 1)],
    "_files/Odd/x.svg": [b"<svg/>"],
    "_data/_files/one/x.png": [png(1, 1)],
}
CONTENTS = dict.fromkeys(PAGE_NAMES, TEXTS) | DATA | ATTACHED
changes = st.fixed_dictionaries(
    {}, optional={name: st.none() | st.sampled_from(contents) for name, contents in CONTENTS.items()}
)


def make(folder: ContentFolder, files: dict[str, bytes | None]) -> None:
    for name, content in files.items():
        if content is None:
            (folder.root / name).unlink(missing_ok=True)
        else:
            folder.file(name, content)


def seen(edition: Edition) -> object:
    """Return all that anybody gets to see of an edition."""
    readers = [edition.may_read(viewer) for viewer in (ANONYMOUS, STAFF)]
    return (
        edition.version,
        edition.faults,
        dict(edition.folders),
        dict(edition.redirects),
        [
            (page, [edition.document(page).html_for(may_read) for may_read in readers])
            for page in edition.pages.values()
        ],
        [(one, [edition.may_have(one, may_read) for may_read in readers]) for one in edition.attachments.values()],
    )


@settings(derandomize=True, deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(changes, changes)
def test_a_change_that_is_only_thought_of_is_the_same_as_one_that_is_made(
    before: dict[str, bytes | None], change: dict[str, bytes | None]
) -> None:
    with TemporaryDirectory() as name:
        folder, done = ContentFolder(Path(name) / "content"), ContentFolder(Path(name) / "done")
        folder.file("_data/audiences.yml", AUDIENCES)
        make(folder, before)
        shutil.copytree(folder.root, done.root)
        make(done, change)
        library = Library(folder.root)
        live = seen(library.edition())

        thought_of = library.edition_with(change)

        assert seen(thought_of) == seen(done.edition())
        assert seen(library.refresh()) == live


@settings(derandomize=True, deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(changes, changes)
def test_the_changed_pages_alone_are_for_whom_they_are_among_all(
    before: dict[str, bytes | None], change: dict[str, bytes | None]
) -> None:
    with TemporaryDirectory() as name:
        folder = ContentFolder(Path(name) / "content")
        folder.file("_data/audiences.yml", AUDIENCES)
        make(folder, before)
        library = Library(folder.root)

        alone, among_all = library.changed_pages_with(change), library.edition_with(change)

    for path in (one.removesuffix(".md") for one in PAGE_NAMES if change.get(one) is not None):
        assert asked_by(alone, path) == asked_by(among_all, path)


def asked_by(edition: Edition, path: str) -> object:
    page = edition.page(url_of(path))
    folders = {folder for folder in ("", *folders_above(folder_of(path))) if folder in edition.two_person}
    return edition.folder_requirement(url_of(path)), folders, page and (page.path, page.requirement, page.body)


def test_nothing_on_disk_is_touched(content: ContentFolder) -> None:
    content.page("index")
    library = Library(content.root)
    before = sorted(content.root.rglob("*"))

    library.edition_with({"index.md": None, "area/index.md": TEXTS[0], "_data/council.yml": b""})

    assert sorted(content.root.rglob("*")) == before


def test_a_page_that_stays_the_same_is_rendered_once(content: ContentFolder) -> None:
    content.page("index")
    content.page("other")
    library = Library(content.root)

    changed = library.edition_with({"other.md": TEXTS[0]})

    same, other = changed.pages["/"], changed.pages["/other"]
    assert changed.document(same) is library.edition().document(library.edition().pages["/"])
    assert changed.document(other) is changed.document(other)
    assert len(library._renderer._packed) == 1


def test_what_only_changes_would_show_is_forgotten_with_them(content: ContentFolder) -> None:
    content.page("index")
    library = Library(content.root)
    live = library.edition()
    live.document(live.pages["/"])

    for number in range(20):
        draft = library.edition_with({"index.md": PAGE.format(f"Draft {number}", "open").encode()})
        draft.document(draft.pages["/"])

    assert len(library._renderer._packed) == 1


def test_a_data_folder_that_a_change_would_make_is_read(tmp_path: Path) -> None:
    folder, done = ContentFolder(tmp_path / "content"), ContentFolder(tmp_path / "done")
    for one in (folder, done):
        one.page("index")
    done.file("_data/audiences.yml", AUDIENCES)

    changed = Library(folder.root).edition_with({"_data/audiences.yml": AUDIENCES.encode()})

    assert (changed.version, changed.faults) == (done.edition().version, done.edition().faults)


def test_a_page_behind_a_link_to_another_folder_is_not_there(content: ContentFolder, tmp_path: Path) -> None:
    content.page("index")
    (tmp_path / "elsewhere").mkdir()
    (content.root / "area").symlink_to(tmp_path / "elsewhere")

    changed = Library(content.root).edition_with({"area/index.md": TEXTS[0]})

    assert set(changed.pages) == {"/"}


@pytest.mark.parametrize("path", ["../index.md", "/etc/index.md", "a//b.md", "a/./b.md", "", "a/../b.md", "a\0.md"])
def test_a_path_that_leads_elsewhere_is_refused(content: ContentFolder, path: str) -> None:
    content.page("index")

    with pytest.raises(ValueError, match="no path of a file"):
        Library(content.root).edition_with({path: b""})
