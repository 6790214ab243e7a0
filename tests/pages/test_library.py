"""The content folder: what is served, what is left out and why, and how changes are noticed."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages import library as library_module
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.library import Library
from knowledge_base.pages.reading import read_page_file
from knowledge_base.settings import ROOT
from tests.content_folder import ContentFolder
from tests.pages.files_of_pages import jpeg

STAFF = Viewer(account_id=1, groups=frozenset({"staff"}))
MEMBER = Viewer(account_id=2, groups=frozenset({"members"}))
LEAD_ON_STAFF = Viewer(account_id=3, groups=frozenset({"staff", "leads"}))


class Clock:
    """A clock that a test moves on."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def readable(edition: Edition, viewer: Viewer) -> set[str]:
    return {page.url for page in edition.readable_pages(edition.may_read(viewer))}


def reasons(edition: Edition) -> dict[str, str]:
    return {fault.path: fault.message for fault in edition.faults}


def test_addresses_are_the_paths_of_the_files(content: ContentFolder) -> None:
    for path in ("index", "referral/index", "referral/share", "uasc/procedures/uucr"):
        content.page(path)

    assert set(content.edition().pages) == {"/", "/referral", "/referral/share", "/uasc/procedures/uucr"}


def test_a_page_has_its_own_audience_and_those_of_the_folders_above(content: ContentFolder) -> None:
    content.page("open")
    content.page("area/index", audience="members")
    content.page("area/page")
    content.page("area/staff-page", audience="staff")
    content.page("area/deep/index", audience="staff")
    content.page("area/deep/page", audience="leads")
    content.page("area/deep/wider", audience="open")

    edition = content.edition()

    assert readable(edition, ANONYMOUS) == {"/open"}
    assert readable(edition, MEMBER) == {"/open", "/area", "/area/page"}
    assert readable(edition, STAFF) == set(edition.pages) - {"/area/deep/page"}
    assert readable(edition, LEAD_ON_STAFF) == set(edition.pages)


@pytest.mark.parametrize("audience", [None, "open", "staff"])
def test_nobody_may_read_what_is_in_a_folder_without_an_index(content: ContentFolder, audience: str | None) -> None:
    content.page("area/index")
    content.page("area/plain/page", audience=audience)
    content.page("area/plain/below/index", audience=audience)

    edition = content.edition()

    assert readable(edition, LEAD_ON_STAFF) == {"/area"}
    assert "no index.md to say who may read it" in reasons(edition)["area/plain/"]


def test_a_folder_without_an_index_is_closed_though_only_folders_stand_in_it(content: ContentFolder) -> None:
    content.page("area/below/index")

    assert readable(content.edition(), LEAD_ON_STAFF) == set()


@pytest.mark.parametrize(
    "index",
    [
        "---\ntitle: [\n---\n",
        "no header",
        "---\naudence: staff\n---\n",
        "---\naudience: nobody-knows\n---\n",
        b"\xff",
        "",
    ],
)
def test_nobody_may_read_a_folder_whose_audience_is_in_doubt(content: ContentFolder, index: str | bytes) -> None:
    content.page("other")
    content.page("area/page")
    content.page("area/below/index", audience="staff")
    content.page("area/below/page")
    content.file("area/index.md", index)

    edition = content.edition()

    assert readable(edition, ANONYMOUS) == readable(edition, LEAD_ON_STAFF) == {"/other"}
    assert "area/index.md" in reasons(edition)


@pytest.mark.parametrize("name", ["Index.md", "INDEX.MD", "index.html"])
def test_an_index_of_another_name_does_not_open_its_folder(content: ContentFolder, name: str, tmp_path: Path) -> None:
    content.page("area/page")
    elsewhere = tmp_path / "elsewhere.md"
    elsewhere.write_text("---\ntitle: X\nsummary: X\naudience: staff\n---\n")
    (content.root / "area" / name).symlink_to(elsewhere)

    assert readable(content.edition(), LEAD_ON_STAFF) == set()


def test_an_index_with_another_fault_still_says_who_may_read_its_folder(content: ContentFolder) -> None:
    content.page("area/page")
    content.page("area/index", audience="staff", order="first")

    edition = content.edition()

    assert readable(edition, ANONYMOUS) == set()
    assert readable(edition, STAFF) == {"/area/page"}


def test_without_audiences_only_open_pages_are_read(content: ContentFolder) -> None:
    content.file("_data/audiences.yml", "staff: [")
    content.page("open")
    content.page("area/index", audience="staff")
    content.page("area/page")

    edition = content.edition()

    assert readable(edition, LEAD_ON_STAFF) == {"/open"}
    assert "nobody is in any audience" in reasons(edition)["_data/audiences.yml"]


def test_the_home_page_is_open(content: ContentFolder) -> None:
    content.page("index", audience="staff")
    content.page("open")

    edition = content.edition()

    assert set(edition.pages) == {"/open"}
    assert "open to everyone" in reasons(edition)["index.md"]


def test_what_cannot_be_a_page_is_named_and_the_rest_is_served(content: ContentFolder, tmp_path: Path) -> None:
    content.page("good")
    content.file("no-header.md", "Words")
    content.file("not-text.md", b"---\ntitle: X\nsummary: \xff\n---\n")
    content.file("empty.md", "  \n")
    content.file("control.md", "---\ntitle: X\nsummary: Y\n---\na\x02b\n")
    content.page("huge", "x" * 5_000_000)
    content.page("brackets", ("[" * 1_000 + "\n") * 20)
    content.page("two")
    content.page("two/index")
    content.page("bad-block", "/// wraning\nx\n///")
    content.page("Upper")
    content.page("search")
    content.page("api/pages")
    outside = tmp_path / "outside.md"
    outside.write_text("---\ntitle: Secret\nsummary: Secret\n---\n")
    (content.root / "link.md").symlink_to(outside)
    (content.root / "folder-link").symlink_to(tmp_path)
    os.mkfifo(content.root / "pipe.md")

    edition = content.edition()

    assert set(edition.pages) == {"/good"}
    expected = {
        "no-header.md": "no header",
        "not-text.md": "line 3 is not UTF-8",
        "empty.md": "empty",
        "control.md": "line 5 holds a control character",
        "huge.md": "larger than 400 kB",
        "brackets.md": "more than 250 opening square brackets",
        "two.md": "another file has the address /two",
        "two/index.md": "another file has the address /two",
        "bad-block.md": "'wraning' is not a block",
        "Upper.md": "makes no address",
        "search.md": "belongs to the program",
        "api/pages.md": "belongs to the program",
        "link.md": "is a link",
        "folder-link": "is a link",
        "pipe.md": "is not a file",
    }
    found = reasons(edition)
    assert set(found) == set(expected)
    for path, words in expected.items():
        assert words in found[path], path


def test_a_fault_names_the_line_of_the_file(content: ContentFolder) -> None:
    content.file("page.md", "---\ntitle: X\nsummary: Y\n---\nWords\n\n/// wraning\nx\n///\n")

    fault = content.edition().faults[0]

    assert str(fault).startswith("page.md:7: ")


def test_a_byte_order_mark_and_windows_line_ends_are_read(content: ContentFolder) -> None:
    content.file("page.md", b"\xef\xbb\xbf---\r\ntitle: X\r\nsummary: Y\r\n---\r\nWords\r\n")

    edition = content.edition()

    assert edition.pages["/page"].meta.title == "X"


def test_hidden_files_and_folders_are_not_pages(content: ContentFolder) -> None:
    content.page(".git/page")
    content.page("_drafts/page")
    content.file("notes.txt", "x")

    edition = content.edition()

    assert not edition.pages
    assert not edition.faults


class TestNoticingChanges:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def library(self, content: ContentFolder, clock: Clock) -> Library:
        content.page("page", "Before.")
        library = Library(content.root, clock=clock)
        library.edition()
        return library

    @pytest.fixture
    def later(self, library: Library, clock: Clock) -> Callable[[], Edition]:
        """Let time pass, and return what the library then finds."""

        def look() -> Edition:
            clock.now += library_module.SECONDS_BETWEEN_LOOKS
            return library.edition()

        return look

    def test_an_unchanged_folder_gives_the_same_edition(self, library: Library, later: Callable[[], Edition]) -> None:
        assert later() is library.edition()

    def test_the_disk_is_not_looked_at_again_at_once(self, content: ContentFolder, library: Library) -> None:
        content.page("new")

        assert "/new" not in library.edition().pages
        assert "/new" in library.refresh().pages

    def test_a_changed_page_is_noticed(
        self, content: ContentFolder, library: Library, later: Callable[[], Edition]
    ) -> None:
        before = library.edition()

        content.page("page", "After.")
        after = later()

        assert before.version != after.version
        assert "After." in after.document(after.pages["/page"]).html_for(lambda _requirement: True)

    def test_a_removed_page_is_noticed(self, content: ContentFolder, later: Callable[[], Edition]) -> None:
        (content.root / "page.md").unlink()

        assert not later().pages

    def test_a_narrowed_folder_is_noticed(self, content: ContentFolder, later: Callable[[], Edition]) -> None:
        content.page("area/page")
        content.page("area/index")
        before = later()

        content.page("area/index", audience="staff")
        after = later()

        assert readable(before, ANONYMOUS) == {"/page", "/area", "/area/page"}
        assert readable(after, ANONYMOUS) == {"/page"}
        assert before.pages["/area/page"].fingerprint != after.pages["/area/page"].fingerprint

    def test_a_changed_value_is_noticed(self, content: ContentFolder, later: Callable[[], Edition]) -> None:
        content.file("_data/council.yml", "name: {label: N, value: Old, audience: open, origin: national}")
        content.page("page", "{{ council.name }}")
        before = later()

        content.file("_data/council.yml", "name: {label: N, value: Newer, audience: open, origin: national}")
        after = later()

        assert before.pages["/page"].fingerprint != after.pages["/page"].fingerprint
        assert "Newer" in after.document(after.pages["/page"]).html_for(lambda _requirement: True)

    def test_a_value_that_a_page_does_not_use_leaves_it_as_it_is(
        self, content: ContentFolder, later: Callable[[], Edition]
    ) -> None:
        content.page("group", "/// contacts | team\n///")
        before = later()

        content.file("_data/council.yml", "name: {label: N, value: New, audience: open, origin: national}")
        content.file("_data/contacts.yml", "a: {name: A, audience: open, origin: national, group: team}")
        after = later()

        assert before.version != after.version
        assert before.pages["/page"].fingerprint == after.pages["/page"].fingerprint
        assert before.pages["/group"].fingerprint != after.pages["/group"].fingerprint

    def test_a_folder_whose_index_is_taken_away_is_closed_until_it_is_back(
        self, content: ContentFolder, later: Callable[[], Edition]
    ) -> None:
        index = content.page("area/index", audience="staff")
        content.page("area/page", audience="open")
        later()

        index.unlink()
        gone, of_a_new_process = later(), content.edition()
        content.page("area/index", audience="staff")
        back = later()

        for edition in (gone, of_a_new_process):
            assert readable(edition, LEAD_ON_STAFF) == {"/page"}
        assert gone.version == of_a_new_process.version
        assert readable(back, ANONYMOUS) == {"/page"}
        assert readable(back, STAFF) == {"/page", "/area", "/area/page"}
        assert not back.faults

    def test_while_the_folder_is_away_the_last_edition_is_served(
        self, content: ContentFolder, library: Library, later: Callable[[], Edition]
    ) -> None:
        before = library.edition()

        assert library.trouble is None
        away = content.root.rename(content.root.with_name("away"))

        assert later() is before
        assert later() is before
        assert library.trouble
        away.rename(content.root)
        assert later() is before
        assert library.trouble is None

    def test_a_page_that_has_changed_a_moment_ago_is_read_once_more(
        self, content: ContentFolder, library: Library, later: Callable[[], Edition]
    ) -> None:
        known, (signature, _) = library.edition(), library._files["page"]
        other = read_page_file(content.root, content.page("other", "Written within the same tick.").stem)
        library._files["page"] = (signature, other)

        after = later()

        assert after is not known
        assert after.pages["/page"].meta.title == "Page"

    def test_without_the_data_folder_nobody_is_in_any_audience(
        self, content: ContentFolder, later: Callable[[], Edition]
    ) -> None:
        content.page("gated", audience="staff")
        later()

        data = (content.root / "_data").rename(content.root.with_name("data"))
        gone = later()
        data.rename(content.root / "_data")
        back = later()

        assert readable(gone, LEAD_ON_STAFF) == {"/page"}
        assert "nobody is in any audience" in reasons(gone)["_data/"]
        assert readable(back, STAFF) == {"/page", "/gated"}

    def test_a_folder_that_was_never_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            Library(tmp_path / "nothing").edition()

    def test_equal_content_has_equal_versions_in_every_process(self, content: ContentFolder) -> None:
        content.page("area/index", audience="staff")
        content.page("area/below/index", audience="leads")
        content.file("area/_files/index/map.jpeg", jpeg(3, 2))
        command = (
            "import sys; from pathlib import Path; from knowledge_base.pages.library import Library;"
            "print(Library(Path(sys.argv[1])).edition().version)"
        )

        versions = {
            subprocess.check_output(
                [sys.executable, "-c", command, str(content.root)],
                env={**os.environ, "PYTHONPATH": str(ROOT / "site"), "PYTHONHASHSEED": seed},
            )
            for seed in ("1", "2", "3")
        }

        assert len(versions) == 1


def test_a_page_that_cannot_be_rendered_says_so_and_leaves_the_others(content: ContentFolder) -> None:
    content.page("broken", "/// staff-only\nSecret.\n///\n: which Markdown would take for a definition")
    content.page("good", "Fine.")

    edition = content.edition()

    assert "cannot be shown" in edition.document(edition.pages["/broken"]).html_for(lambda _requirement: True)
    assert "Fine." in edition.document(edition.pages["/good"]).html_for(lambda _requirement: True)
    assert edition.document(edition.pages["/broken"]).sections == ()
