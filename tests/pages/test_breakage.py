"""What a change breaks in files that it does not touch."""

from collections.abc import Mapping

import pytest

from knowledge_base.pages.breakage import newly_broken
from knowledge_base.pages.findings import Severity
from knowledge_base.pages.library import Library
from tests.content_folder import AUDIENCES, ContentFolder
from tests.pages.files_of_pages import png

PAGE = "---\ntitle: T\nsummary: S.\n{header}---\n\n{body}\n"
VALUE = "x: {{label: X, value: 1, audience: {0}, origin: national}}"
CONTACT = "c: {{name: C, phone: 1, audience: {0}, origin: national}}"


def page(body: str = "Words.", header: str = "") -> bytes:
    return PAGE.format(header=header, body=body).encode()


@pytest.fixture
def library(content: ContentFolder) -> Library:
    content.page("index", "[x](/nothing) is broken already")
    content.page("target", "## A part\n\n![A chart](/files/target/chart.png)\n")
    content.file("_files/target/chart.png", png(3, 2))
    content.page("linking", "Words.\n\n[x](/target#a-part) [y](/target) [z](/files/target/chart.png)\n")
    content.page("superseded", status="superseded", superseded_by="/target")
    content.page("area/index")
    content.page("area/page", "{{ council.x }}\n\n/// contact | c\n///\n", sources=["briefing"])
    content.page("moved", "[x](/old)")
    content.file("_data/council.yml", VALUE.format("open"))
    content.file("_data/contacts.yml", CONTACT.format("open"))
    content.file("_data/sources.yml", "briefing: {title: B, publisher: X, date: 2023-10-05, status: current}")
    content.file("_data/pinned.yml", "- {searches: [a], leads_to: /target#a-part}")
    content.file("_data/redirects.yml", "- {from: /old, to: /target}\n")
    return Library(content.root)


Broken = set[tuple[str, str]]


def broken_by(library: Library, change: Mapping[str, bytes | None]) -> tuple[Broken, Broken]:
    """Return the errors and the warnings: each file, and the first words of what is wrong."""
    found = newly_broken(library.edition(), library.edition_with(change))
    errors = {(one.path, one.message) for one in found if one.severity is Severity.ERROR}
    warnings = {(one.path, one.message) for one in found if one.severity is Severity.WARNING}
    assert len(errors) + len(warnings) == len(found)
    assert all(one.remedy or "left out" in one.message for one in found)
    return errors, warnings


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"target.md": page("## A part\n\nOther words. ![A chart](/files/target/chart.png)")},
        {"new.md": page("[x](/nothing)")},
        {"linking.md": page("[x](/nowhere)")},
        {"linking.md": None},
        {"area/page.md": b"no header"},
        {"index.md": page("[x](/nothing)")},
        {"_data/council.yml": b"x: {label: X, value: 2, audience: open, origin: national}"},
        {"_data/council.yml": b"x: {label: X, audience: open, origin: national}"},
        {"_data/pinned.yml": b"- {searches: [a], leads_to: /nothing}"},
        {"_data/synonyms.yml": b"- odd"},
        {"_files/target/chart.png": png(4, 4)},
    ],
)
def test_a_change_that_harms_no_other_file_is_let_through(library: Library, change: dict[str, bytes | None]) -> None:
    assert broken_by(library, change) == (set(), set())


def test_without_a_heading_links_and_pins_to_it_break(library: Library) -> None:
    errors, warnings = broken_by(library, {"target.md": page("![A chart](/files/target/chart.png)")})

    assert errors == {("linking.md", "the link to /target#a-part leads nowhere: the page has no such heading")}
    assert warnings == {("_data/pinned.yml", "/target#a-part, put first for 'a', is not there")}


def test_without_a_page_all_that_leads_to_it_breaks(library: Library) -> None:
    errors, _ = broken_by(library, {"target.md": None, "_files/target/chart.png": None})

    assert errors == {
        ("_data/redirects.yml", "the old address /old leads to /target, where there is no page"),
        ("linking.md", "the link to /target leads nowhere: there is no such page"),
        ("linking.md", "the link to /target#a-part leads nowhere: there is no such page"),
        ("linking.md", "the link to /files/target/chart.png leads nowhere: there is no such file"),
        ("superseded.md", "'superseded_by': there is no page /target"),
    }


@pytest.mark.parametrize("link", [r"[x](\/target)", "[x](&#47;target)", "[x](/t&#97;rget)", "[x][y]\n\n[y]: /target"])
def test_a_link_that_is_written_in_another_way_breaks_too(library: Library, content: ContentFolder, link: str) -> None:
    content.page("linking", link)

    errors, _ = broken_by(library, {"target.md": None})

    assert ("linking.md", "the link to /target leads nowhere: there is no such page") in errors


def test_a_page_that_moves_with_an_old_address_breaks_no_link(library: Library) -> None:
    change = {
        "target.md": None,
        "_files/target/chart.png": None,
        "new.md": page("## A part"),
        "superseded.md": None,
        "_data/redirects.yml": b"- {from: /old, to: /target}\n- {from: /target, to: /new}\n",
    }

    errors, warnings = broken_by(library, change)

    assert errors == {("linking.md", "the link to /files/target/chart.png leads nowhere: there is no such file")}
    assert ("linking.md", "the link to /target leads to an old address") in warnings


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("_data/council.yml", b"", "{{ council.x }} is no value"),
        ("_data/council.yml", VALUE.format("staff").encode(), "{{ council.x }} is no value"),
        ("_data/contacts.yml", b"", "there is no contact"),
        ("_data/contacts.yml", CONTACT.format("staff").encode(), "the contact 'C' is not for everyone"),
        ("_data/sources.yml", None, "'briefing' is not in the register"),
    ],
)
def test_without_its_data_a_page_breaks(library: Library, name: str, data: bytes | None, words: str) -> None:
    errors, _ = broken_by(library, {name: data})

    assert [(path, words in message) for path, message in errors] == [("area/page.md", True)]


def test_a_folder_without_its_index_is_named_with_its_pages(library: Library) -> None:
    errors, warnings = broken_by(library, {"area/index.md": None})

    assert [path for path, _ in errors] == ["area/"]
    assert [path for path, _ in warnings] == ["area/page.md"]


def test_who_else_could_read_a_page_is_told(library: Library, content: ContentFolder) -> None:
    _, narrower = broken_by(library, {"area/index.md": page(header="audience: staff\n")})
    content.page("area/index", audience="staff")
    library.refresh()
    _, wider = broken_by(library, {"area/index.md": page()})

    assert narrower == {("area/page.md", "everyone could read this page before, and Staff could then")}
    assert wider == {("area/page.md", "Staff could read this page before, and everyone could then")}


def test_what_an_editor_may_not_read_is_told_without_its_place(library: Library, content: ContentFolder) -> None:
    content.page("quokka", "[x](/target#a-part)", audience="staff")
    content.page("block", "Words.\n\n/// staff-only\n[x](/target#a-part)\n///\n")
    content.file("wombat/index.md", page(header="audience: staff\n"))
    content.page("wombat/page")
    before = library.refresh()
    change = {"target.md": page("![A chart](/files/target/chart.png)"), "wombat/index.md": None}

    found = newly_broken(before, library.edition_with(change))
    staff, others = ({one.as_told_to(can) for one in found} for can in (lambda _: True, lambda needed: needed.is_open))

    assert staff == set(found)
    assert {"quokka.md", "block.md", "wombat/"} < {one.path for one in staff}
    assert {one.path for one in others} == {"linking.md", "_data/pinned.yml", ""}
    assert "quokka" not in repr(others)
    assert "wombat" not in repr(others)
    assert {one.severity for one in others if not one.path} == {Severity.ERROR, Severity.WARNING}


def test_two_files_for_one_address_are_both_left_out(library: Library) -> None:
    errors, _ = broken_by(library, {"target/index.md": page()})

    assert (
        "target.md",
        "would be left out: another file has the address /target too; neither is shown: rename one",
    ) in errors
    assert "target/index.md" not in {path for path, _ in errors}


def test_an_audience_that_goes_takes_its_pages_along(library: Library, content: ContentFolder) -> None:
    content.page("gated", audience="staff")
    library.refresh()

    errors, _ = broken_by(library, {"_data/audiences.yml": AUDIENCES.replace("staff:", "others:").encode()})

    assert [path for path, _ in errors] == ["gated.md"]


def test_a_file_that_becomes_gated_breaks_links_of_others(library: Library) -> None:
    gated = page("## A part\n\n/// staff-only\n![A chart](/files/target/chart.png)\n///\n")

    errors, _ = broken_by(library, {"target.md": gated})

    assert errors == {("linking.md", "not everyone who reads this may have the file /files/target/chart.png")}


def test_an_audience_of_other_groups_is_named(library: Library) -> None:
    changed = AUDIENCES.replace("groups: [staff]", "groups: [stafff, leads]").encode()

    errors, warnings = broken_by(library, {"_data/audiences.yml": changed})

    said = "'staff' is for the group staff and would be for the groups leads, stafff"
    assert errors == set()
    assert [(path, said in message) for path, message in warnings] == [("_data/audiences.yml", True)]
