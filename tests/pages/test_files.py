"""Looking at the folder: what cannot be looked at is closed and named, and the rest is served."""

import os
import sys
import unicodedata
from pathlib import Path

import pytest

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages import files
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library
from tests.content_folder import ContentFolder
from tests.unprivileged import Unprivileged, unprivileged

STAFF = Viewer(account_id=1, groups=frozenset({"staff"}))
# Beyond what Python calls within calls.
DEEP = 1_200

__all__ = ["unprivileged"]


def readable(edition: Edition, viewer: Viewer) -> set[str]:
    return {page.url for page in edition.readable_pages(edition.may_read(viewer))}


def reasons(edition: Edition) -> dict[str, str]:
    return {fault.path: fault.message for fault in edition.faults}


@pytest.fixture
def library(content: ContentFolder) -> Library:
    return Library(content.root)


def test_a_folder_that_cannot_be_read_is_closed_and_the_others_are_served(
    content: ContentFolder, library: Library, unprivileged: Unprivileged
) -> None:
    content.page("good")
    content.page("area/index", audience="staff")
    content.page("area/below/index")
    folder = content.root / "area" / "below"
    folder.chmod(0)

    with unprivileged():
        edition = library.edition()
        content_changed = (content.root / "good.md").exists()
    folder.chmod(0o755)

    assert content_changed
    assert readable(edition, STAFF) == {"/good", "/area"}
    assert "nobody may read what is in it" in reasons(edition)["area/below/"]
    assert not edition.may_read(STAFF)(edition.folder_requirement("/area/below/page"))
    assert readable(library.refresh(), STAFF) == {"/good", "/area", "/area/below"}


def test_a_change_elsewhere_is_noticed_while_a_folder_could_never_be_read(
    content: ContentFolder, library: Library, unprivileged: Unprivileged
) -> None:
    content.page("good")
    content.page("area/index")
    (content.root / "area").chmod(0)
    with unprivileged():
        library.edition()

    content.page("another")
    with unprivileged():
        edition = library.refresh()
        trouble = library.trouble
    (content.root / "area").chmod(0o755)

    assert readable(edition, ANONYMOUS) == {"/good", "/another"}
    assert trouble
    assert not trouble.is_older_shown


def test_a_folder_whose_files_cannot_be_looked_at_is_closed(
    content: ContentFolder, library: Library, unprivileged: Unprivileged
) -> None:
    content.page("good")
    content.page("area/index")
    (content.root / "area").chmod(0o444)

    with unprivileged():
        edition = library.edition()
    (content.root / "area").chmod(0o755)

    assert readable(edition, STAFF) == {"/good"}
    assert "cannot be read" in reasons(edition)["area/index.md"]


@pytest.mark.parametrize("name", ["new.md", "_data/audiences.yml"])
def test_a_file_that_could_not_be_read_is_tried_again(
    content: ContentFolder, library: Library, unprivileged: Unprivileged, name: str
) -> None:
    content.page("new", audience="staff")
    (content.root / name).chmod(0)

    with unprivileged():
        before = library.edition()
        unchanged = library.refresh()
    (content.root / name).chmod(0o644)
    after = library.refresh()

    assert readable(before, STAFF) == set()
    assert "cannot be read" in reasons(before)[name]
    assert unchanged is before
    assert readable(after, STAFF) == {"/new"}


def test_folders_within_folders_end_somewhere(content: ContentFolder) -> None:
    content.page("good")
    folders = "/".join(["a"] * files.DEEPEST_FOLDER)
    for depth in range(1, files.DEEPEST_FOLDER + 1):
        content.page("/".join(["a"] * depth) + "/index")
    content.page(f"{folders}/a/index")

    edition = content.edition()

    assert f"/{folders}" in readable(edition, ANONYMOUS)
    assert f"/{folders}/a" not in edition.pages
    assert "folders deep" in reasons(edition)[f"{folders}/a/"]


def test_a_thousand_folders_within_each_other_stop_nothing(
    content: ContentFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.page("good")
    monkeypatch.chdir(content.root)
    for _ in range(DEEP):
        Path("a").mkdir()
        os.chdir("a")

    try:
        edition = content.edition()
    finally:
        # Whoever clears the folder away afterwards would run out of calls.
        for _ in range(DEEP):
            os.chdir("..")
            Path("a").rmdir()

    assert readable(edition, ANONYMOUS) == {"/good"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("\n" * 20_000, "more than 10000 lines"),
        ("## a\n" * 2_000, "more than 1000 lines: put an empty line"),
        ("x[^1]\n\n" * 1_500, "marks of footnotes"),
    ],
)
def test_a_page_that_would_keep_markdown_busy_is_refused(content: ContentFolder, body: str, words: str) -> None:
    content.page("page", f"{body}end")

    edition = content.edition()

    assert not edition.pages
    assert words in reasons(edition)["page.md"]


def test_the_pattern_of_control_characters_has_those_of_unicode_but_the_tab() -> None:
    characters = map(chr, range(sys.maxunicode + 1))

    found = {one for one in characters if unicodedata.category(one) == "Cc"} - {"\t"}

    assert found == {one for one in map(chr, range(0x300)) if files.CONTROL.search(one)}
