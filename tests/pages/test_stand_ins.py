from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from knowledge_base.pages.assembly import NOBODY
from knowledge_base.pages.library import Library
from knowledge_base.repository.repository import SITE_AUTHOR, Repository
from knowledge_base.repository.versions import EarlierVersions
from tests.conftest import SignedIn
from tests.content_folder import ContentFolder

Commit = Callable[..., str]


@pytest.fixture
def commit(content: ContentFolder) -> Commit:
    """Commit files of the folder as they are, or the first ones of a site."""
    content.page("index", title="Home")
    content.page("referral/index")
    content.page("referral/share", "Tell the lead.\n")
    content.page("uasc/index", audience="staff")
    content.page("uasc/arrival", "Ring the carer.\n")
    repository = Repository.of(content.root)

    def commit(*paths: str) -> str:
        contents: dict[str, bytes | None] = {
            path: file.read_bytes() if (file := content.root / path).exists() else None for path in paths
        }
        return repository.commit(contents, author=SITE_AUTHOR, message="A version\n")

    files = [path.relative_to(content.root).as_posix() for path in content.root.rglob("*") if path.is_file()]
    commit(*(path for path in files if not path.startswith(".git")))
    return commit


def shown(content: ContentFolder, url: str) -> str | None:
    page = library(content.root).edition().page(url)
    return page.body.strip() if page else None


def library(root: Path) -> Library:
    return Library(root, versions=EarlierVersions(root))


def change(content: ContentFolder, path: str, old: str, new: str) -> None:
    file = content.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Share", "titel: Share"),
        ("title: Share", "title: Share: now"),
        ("review_by: '2099-05-01'", "review_by: soon"),
        ("\n---\n", "\n"),
        ("Tell the lead.", "/// warning\n\nTell everybody.\n"),
        ("Tell the lead.", "Tell\x07 everybody."),
    ],
)
def test_the_last_good_version_of_a_broken_page_stays_live(
    content: ContentFolder, commit: Commit, old: str, new: str
) -> None:
    change(content, "referral/share.md", old, new)

    edition = library(content.root).edition()

    page = edition.page("/referral/share")
    assert page is not None
    assert (page.body.strip(), page.is_stand_in) == ("Tell the lead.", True)
    faults = [fault.message for fault in edition.faults if fault.path == "referral/share.md"]
    assert faults
    assert all("readers get the last version without a fault" in fault for fault in faults)


def test_it_is_the_newest_committed_version_without_a_fault(content: ContentFolder, commit: Commit) -> None:
    change(content, "referral/share.md", "Tell the lead.", "Tell the team.")
    commit("referral/share.md")
    change(content, "referral/share.md", "title: Share", "titel: Share")
    commit("referral/share.md")

    assert shown(content, "/referral/share") == "Tell the team."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Share", "titel: Share\naudience: staff"),
        ("title: Share", "titel: Share\naudience: open"),
        ("title: Share", "titel: Share\naudience: saff"),
        ("title: Share", "title: Share\nadience: saff"),
        ("title: Share", "title: Share\nreaders: few"),
        ("title: Share", "title: Share\nvisible to staff"),
        ("title: Share", "title: Share audience: staff"),
        ("Tell the lead.", "/// staff-only\n\nTell the lead."),
        ("Tell the lead.", "//// staff_only\n\nTell the lead.\n\n///"),
    ],
)
def test_nothing_is_shown_where_the_broken_file_may_be_meant_for_fewer(
    content: ContentFolder, commit: Commit, old: str, new: str
) -> None:
    change(content, "referral/share.md", old, new)

    assert shown(content, "/referral/share") is None


def test_a_page_that_was_narrowed_does_not_come_back_wider(content: ContentFolder, commit: Commit) -> None:
    change(content, "referral/share.md", "title: Share", "title: Share\naudience: staff")
    commit("referral/share.md")
    change(content, "referral/share.md", "title: Share", "titel: Share")

    page = library(content.root).edition().page("/referral/share")

    assert page is not None
    assert page.requirement.key == "staff"


def test_a_page_that_was_taken_away_does_not_come_back(content: ContentFolder, commit: Commit) -> None:
    broken = (content.root / "referral" / "share.md").read_text().replace("title: Share", "titel: Share")
    (content.root / "referral" / "share.md").unlink()
    commit("referral/share.md")
    content.file("referral/share.md", broken)
    commit("referral/share.md")

    assert shown(content, "/referral/share") is None


@pytest.mark.parametrize("broken", ["", "  \n"])
def test_an_emptied_file_is_in_doubt(content: ContentFolder, commit: Commit, broken: str) -> None:
    content.file("referral/share.md", broken)

    assert shown(content, "/referral/share") is None


def test_a_broken_folder_keeps_the_audience_it_had(content: ContentFolder, commit: Commit) -> None:
    change(content, "uasc/index.md", "title: Index", "title: Index: new")

    edition = library(content.root).edition()

    assert edition.folders["uasc"].key == "staff"
    assert {"/uasc", "/uasc/arrival"} <= edition.pages.keys()


def test_nobody_reads_a_folder_whose_broken_index_may_narrow_it(content: ContentFolder, commit: Commit) -> None:
    change(content, "uasc/index.md", "audience: staff", "audience: [leads")

    edition = library(content.root).edition()

    assert edition.folders["uasc"] == NOBODY


def test_a_broken_folder_still_asks_for_a_second_person(content: ContentFolder, commit: Commit) -> None:
    change(content, "uasc/index.md", "title: Index", "title: Index\npublishing: two-person\nsumary: x")

    edition = library(content.root).edition()

    assert edition.page("/uasc")
    assert "uasc" in edition.two_person


def test_without_a_history_a_broken_page_is_left_out(content: ContentFolder) -> None:
    content.page("index")
    content.page("broken", nonsense="x")

    assert shown(content, "/broken") is None


def test_a_change_that_would_break_a_page_is_told_of(content: ContentFolder, commit: Commit) -> None:
    edition = library(content.root).edition_with({"referral/share.md": b"---\ntitle: Share\n---\nWords.\n"})

    assert edition.page("/referral/share") is None


def test_a_mended_page_is_live_again(content: ContentFolder, commit: Commit) -> None:
    live = library(content.root)
    change(content, "referral/share.md", "title: Share", "titel: Share")
    live.edition()
    change(content, "referral/share.md", "titel: Share", "title: Share it")

    page = live.refresh().page("/referral/share")

    assert page is not None
    assert (page.meta.title, page.is_stand_in) == ("Share it", False)


def test_editors_are_told_on_the_page_and_nobody_else(
    app: Flask, content: ContentFolder, commit: Commit, signed_in: SignedIn
) -> None:
    change(content, "referral/share.md", "title: Share", "titel: Share")
    app.extensions["library"].refresh()

    to_editor = signed_in(roles=["editor"]).get("/referral/share").text
    to_anybody = app.test_client().get("/referral/share").text

    assert "the newest text has a fault" in to_editor
    assert "did you mean &#39;title&#39;" in to_editor
    assert "Tell the lead." in to_anybody
    assert "fault" not in to_anybody
