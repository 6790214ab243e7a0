"""The files that belong to pages: which there are, how a page shows them, and who may have which."""

import os

import pytest

from knowledge_base.access.audiences import Requirement
from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages.attachments import folder_for, page_of, read_attachment
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library
from tests.content_folder import ContentFolder
from tests.pages.files_of_pages import png

STAFF = Viewer(account_id=1, groups=frozenset({"staff"}))
LEAD = Viewer(account_id=2, groups=frozenset({"staff", "leads"}))
CHART = "/files/area/page/chart.png"


@pytest.fixture(autouse=True)
def area(content: ContentFolder) -> None:
    content.page("index")
    content.page("area/index")
    content.page("area/page", f"![How it goes]({CHART})\n")
    content.file("area/_files/page/chart.png", png(30, 20))


def html_of(edition: Edition, url: str, viewer: Viewer = ANONYMOUS) -> str:
    return edition.document(edition.pages[url]).html_for(edition.may_read(viewer))


def readers_of(edition: Edition, url: str) -> list[str]:
    people = {"anonymous": ANONYMOUS, "staff": STAFF, "lead": LEAD}
    file = edition.attachments[url]
    return [name for name, viewer in people.items() if edition.may_have(file, edition.may_read(viewer))]


def test_a_file_has_the_address_of_its_page(content: ContentFolder) -> None:
    content.file("_files/index/logo.png", png(1, 1))
    content.file("area/_files/index/form.txt", "A form.")

    edition = content.edition()

    assert set(edition.attachments) == {"/files/logo.png", "/files/area/form.txt", CHART}
    assert edition.faults == ()
    assert [file.url for file in edition.pages["/area"].files] == ["/files/area/form.txt"]


@pytest.mark.parametrize("page", ["index", "page", "area/index", "area/page", "a/b/page"])
def test_a_page_has_one_folder_for_its_files(page: str) -> None:
    assert page_of(f"{folder_for(page)}/x.png") == page


def test_a_picture_has_its_size_and_its_words(content: ContentFolder) -> None:
    html = html_of(content.edition(), "/area/page")

    assert f'<img alt="How it goes" src="{CHART}" width="30" height="20" loading="lazy">' in html


@pytest.mark.parametrize(
    "address",
    [
        "/files/area/page/other.png",
        "https://example.org/x.png",
        "//example.org/x.png",
        "/static/x.png",
        "data:image/png;base64,AAAA",
        "/files/area/index.png",
        "/files/area/page/../page/chart.png",
        "/files/area/page/notes.txt",
    ],
)
def test_of_any_other_picture_the_words_are_shown(content: ContentFolder, address: str) -> None:
    content.file("area/_files/page/notes.txt", "Notes.")
    content.page("area/page", f"Before ![a map]({address} 'Title') after.")

    html = html_of(content.edition(), "/area/page")

    assert "<img" not in html
    assert '<p>Before <span class="kb-picture-missing">a map</span> after.</p>' in html


def test_a_link_to_a_file_says_what_it_is(content: ContentFolder) -> None:
    content.file("area/_files/page/form.pdf", b"%PDF-" + b" " * 240_000)
    content.page("area/page", "Fill in [the form](/files/area/page/form.pdf#page=2), then send it.")

    edition = content.edition()

    assert '</a> <span class="kb-file-details">(PDF, 240 kB)</span>, then send it.' in html_of(edition, "/area/page")
    assert "the form (PDF, 240 kB), then" in edition.document(edition.pages["/area/page"]).sections[0].text


def test_a_section_is_found_by_what_its_picture_tells(content: ContentFolder) -> None:
    section = content.edition().document(content.edition().pages["/area/page"]).sections[0]

    assert section.hidden_words == "How it goes"
    assert "How it goes" not in section.text


def test_a_page_changes_with_its_files(content: ContentFolder) -> None:
    library = Library(content.root)
    before = library.edition()

    content.file("area/_files/page/chart.png", png(30, 21))
    after = library.refresh()

    assert after.version != before.version
    assert after.pages["/area/page"].fingerprint != before.pages["/area/page"].fingerprint
    assert after.pages["/area"].fingerprint == before.pages["/area"].fingerprint


@pytest.mark.parametrize(
    ("name", "content_of_it", "words"),
    [
        ("area/_files/page/chart.svg", b"<svg/>", "of no kind that can be used"),
        ("area/_files/page/other.png", b"no picture", "not what its name says"),
        ("area/_files/page/Chart.png", png(1, 1), "makes no address"),
        ("area/_files/page/a chart.png", png(1, 1), "makes no address"),
        ("area/_files/page/chart", png(1, 1), "makes no address"),
        ("area/_files/chart.png", png(1, 1), "belongs to no page"),
        ("area/_files/nothing/chart.png", png(1, 1), "there is no page area/nothing.md"),
        ("area/_files/page/deep/chart.png", png(1, 1), "without folders in it"),
    ],
)
def test_what_cannot_be_served_is_named(content: ContentFolder, name: str, content_of_it: bytes, words: str) -> None:
    content.file(name, content_of_it)

    edition = content.edition()

    assert set(edition.attachments) == {CHART}
    assert [words in fault.message for fault in edition.faults] == [True]


def test_a_link_to_a_file_elsewhere_is_not_followed(content: ContentFolder) -> None:
    (content.root / "area/_files/page/other.png").symlink_to(content.root / "area/_files/page/chart.png")
    (content.root / "_files").symlink_to(content.root / "area/_files")

    edition = content.edition()

    assert set(edition.attachments) == {CHART}
    assert {fault.path for fault in edition.faults} == {"area/_files/page/other.png", "_files"}


def test_what_is_no_file_is_not_waited_for(content: ContentFolder) -> None:
    os.mkfifo(content.root / "area/_files/page/other.png")

    edition = content.edition()

    assert set(edition.attachments) == {CHART}
    assert [(fault.path, fault.message) for fault in edition.faults] == [
        ("area/_files/page/other.png", "is not a file")
    ]


def test_a_file_that_is_gone_or_another_one_is_not_handed_out(content: ContentFolder) -> None:
    library = Library(content.root)
    chart = library.edition().attachments[CHART]

    assert library.content_of(chart) == png(30, 20)
    path = content.file("area/_files/page/chart.png", png(30, 21))
    assert library.content_of(chart) is None
    path.unlink()
    assert library.content_of(chart) is None
    assert [fault.may_pass for fault in read_attachment(content.root, chart.path).faults] == [True]


def test_a_page_that_is_not_shown_has_no_files(content: ContentFolder) -> None:
    content.page("area/page", audience="unknown")

    assert set(content.edition().attachments) == set()


GATED = f"/// staff-only\n![x]({CHART})\n///\n"


@pytest.mark.parametrize(
    ("body", "audience", "readers"),
    [
        (f"![x]({CHART})", None, ["anonymous", "staff", "lead"]),
        (f"[x]({CHART})", None, ["anonymous", "staff", "lead"]),
        (f"[x][y]\n\n[y]: {CHART}", None, ["anonymous", "staff", "lead"]),
        (f"![x]({CHART})", "staff", ["staff", "lead"]),
        (GATED, None, ["staff", "lead"]),
        (GATED, "leads", ["lead"]),
        (f"![x]({CHART})\n\n{GATED}", None, ["anonymous", "staff", "lead"]),
        # What nothing uses is for whoever may read the whole page.
        ("Words.", None, ["anonymous", "staff", "lead"]),
        ("Words.\n\n/// staff-only\nMore.\n///\n", None, ["staff", "lead"]),
        (f"`{CHART}` is no link.\n\n/// staff-only\nMore.\n///\n", None, ["staff", "lead"]),
        # Nobody knows what a page holds that cannot be rendered.
        (f"![x]({CHART})\n\n/// staff-only\nx\n///\n: y", None, []),
    ],
)
def test_who_may_have_a_file(content: ContentFolder, body: str, audience: str | None, readers: list[str]) -> None:
    content.page("area/page", body, audience=audience)

    assert readers_of(content.edition(), CHART) == readers


def test_another_page_opens_a_file_to_nobody(content: ContentFolder) -> None:
    content.page("area/page", GATED)
    content.page("other", f"![x]({CHART}) [x]({CHART})")

    edition = content.edition()

    assert readers_of(edition, CHART) == ["staff", "lead"]
    assert edition.attachment_requirements(edition.attachments[CHART]) == (Requirement(frozenset({"staff"})),)
    assert "<img" not in html_of(edition, "/other")
    assert "kB" not in html_of(edition, "/other")
