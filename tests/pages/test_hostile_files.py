"""Files that make a parser do the unexpected: they are left out, and the others are served."""

from pathlib import Path

import pytest

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages.edition import Edition
from tests.content_folder import ContentFolder

STAFF = Viewer(account_id=1, groups=frozenset({"staff"}))
LEAD_ON_STAFF = Viewer(account_id=3, groups=frozenset({"staff", "leads"}))


def readable(edition: Edition, viewer: Viewer) -> set[str]:
    return {page.url for page in edition.readable_pages(edition.may_read(viewer))}


def reasons(edition: Edition) -> dict[str, str]:
    return {fault.path: fault.message for fault in edition.faults}


@pytest.mark.parametrize(
    "header",
    [
        "on: x",
        "1: x",
        "null: x",
        "<<: {audience: nobody}",
        "order: !!int abc",
        "audience: staff\naudience: open",
        "audience: staff\n'audience': open",
        "a: &a [x]\naudience: *a",
        pytest.param("title: " + "{a: " * 60_000, id="deep"),
    ],
)
def test_whatever_a_header_makes_yaml_do_the_others_are_served(content: ContentFolder, header: str) -> None:
    content.page("good")
    content.file("area/index.md", f"---\ntitle: T\nsummary: S\n{header}\n---\nwords\n")
    content.page("area/page")

    edition = content.edition()

    assert readable(edition, LEAD_ON_STAFF) == {"/good"}
    assert "area/index.md" in reasons(edition)


@pytest.mark.parametrize("name", ["audiences.yml", "council.yml", "contacts.yml", "sources.yml", "synonyms.yml"])
@pytest.mark.parametrize(
    "text", ["a: {as_of: 2024-02-31}", "a: {}\na: {}", "a: !!int abc", "[" * 2_000, "x: {date: 2024-02-31}"]
)
def test_whatever_a_data_file_makes_yaml_do_pages_are_served(content: ContentFolder, name: str, text: str) -> None:
    content.page("good")
    content.file(f"_data/{name}", text)

    edition = content.edition()

    assert readable(edition, ANONYMOUS) == {"/good"}
    assert any(path.startswith("_data") for path in reasons(edition))


def test_an_audience_that_stands_twice_has_nobody_in_it(content: ContentFolder) -> None:
    staff = "staff: {title: Staff, description: D, groups: [staff]}\n"
    content.file("_data/audiences.yml", staff + staff.replace("[staff]", "[staff, members]"))
    content.page("area/index", audience="staff")

    edition = content.edition()

    assert readable(edition, STAFF) == set()
    assert "'staff' stands twice" in reasons(edition)["_data/audiences.yml"]
    assert "_data/audiences.yml:2:" in str(edition.faults[0])


def test_data_behind_a_link_is_not_read(content: ContentFolder, tmp_path: Path) -> None:
    content.page("area/index", audience="staff")
    outside = (content.root / "_data" / "audiences.yml").rename(tmp_path / "audiences.yml")
    (content.root / "_data" / "audiences.yml").symlink_to(outside)

    edition = content.edition()

    assert readable(edition, STAFF) == set()
    assert "is a link" in reasons(edition)["_data/"]


def test_a_renamed_page_makes_another_edition(content: ContentFolder) -> None:
    path = content.page("area/x")
    before = content.edition()

    path.rename(path.with_name("y.md"))

    assert content.edition().version != before.version


def test_a_glossary_heading_without_words_harms_nothing(content: ContentFolder) -> None:
    content.page("glossary/index", "## \n\n## Channel\n\nHelp.\n")

    edition = content.edition()

    assert [term.name for term in edition.glossary.terms] == ["Channel"]


def test_without_an_audiences_file_nobody_is_in_any_audience(content: ContentFolder) -> None:
    content.page("good")
    content.page("area/index", audience="staff")
    (content.root / "_data" / "audiences.yml").unlink()

    edition = content.edition()

    assert readable(edition, STAFF) == {"/good"}
    assert "there is no such file" in reasons(edition)["_data/audiences.yml"]
