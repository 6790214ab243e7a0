"""Words that not everyone may read, repeated where more people read them."""

from datetime import date

import pytest

from knowledge_base.access.audiences import Requirement, audiences_from
from knowledge_base.pages.checks import check_pages
from knowledge_base.pages.findings import Finding
from knowledge_base.pages.library import Library
from knowledge_base.pages.quotations import GatedWords, all_may_read
from tests.content_folder import ContentFolder

TODAY = date(2026, 11, 22)
SECRET = "The duty officer keeps the key of the grey cabinet on the third floor"
TWELVE, ELEVEN = " ".join(SECRET.split()[:12]), " ".join(SECRET.split()[:11])


@pytest.fixture(autouse=True)
def home(content: ContentFolder) -> None:
    content.page("index")


def quoted(content: ContentFolder) -> list[Finding]:
    edition = content.edition()
    gated = GatedWords(edition, edition.pages.values())
    return [one for page in edition.pages.values() for one in gated.quoted_in(page)]


@pytest.mark.parametrize(
    "words",
    [
        SECRET,
        TWELVE,
        TWELVE.upper() + "!",
        f"It is said that {TWELVE}, and so on.",
        TWELVE.replace(" ", "\n", 5),
        f"- {TWELVE.replace(' key', ' *key*')}",
        TWELVE.replace("grey cabinet", "[grey cabinet](/index)"),
        f"`{TWELVE}`",
    ],
)
def test_twelve_words_of_a_page_for_staff_may_not_stand_on_an_open_one(content: ContentFolder, words: str) -> None:
    content.page("gated", f"Words.\n\n{SECRET}.\n", audience="staff")
    content.page("open", f"First.\n\n{words}\n")

    found = quoted(content)

    assert [(one.path, one.severity) for one in found] == [("open.md", "error")]
    assert found[0].line == 12
    assert "stands on /gated" in found[0].message


@pytest.mark.parametrize(
    "words",
    [ELEVEN, f"{ELEVEN} a {ELEVEN}", " ".join(reversed(SECRET.split())), f"{ELEVEN}\n\n{{{{ council.x }}}} the"],
)
def test_fewer_words_are_no_quotation(content: ContentFolder, words: str) -> None:
    content.page("gated", SECRET, audience="staff")
    content.page("open", words)

    assert quoted(content) == []


def test_a_long_quotation_is_named_once_and_a_second_one_again(content: ContentFolder) -> None:
    content.page("gated", SECRET, audience="staff")
    content.page(
        "open", f"{SECRET}.\n\nSomething else that nobody has written anywhere at all before now.\n\n{SECRET}.\n"
    )

    assert [one.line for one in quoted(content)] == [10, 14]


def test_parts_of_pages_count_by_themselves(content: ContentFolder) -> None:
    gated = f"/// staff-only\n{SECRET}\n///\n"
    content.page("both", f"{SECRET}.\n\n{gated}")
    content.page("gated", gated)

    found = quoted(content)

    assert [(one.path, one.line) for one in found] == [("both.md", 10)]
    assert "in a staff-only block of this page" in found[0].message


def test_a_summary_is_text_too(content: ContentFolder) -> None:
    content.page("gated", summary=SECRET, audience="staff")
    content.page("open", summary=f"{SECRET}.")

    assert [(one.path, one.line) for one in quoted(content)] == [("open.md", 0)]


def test_what_comes_from_the_data_files_is_no_quotation(content: ContentFolder) -> None:
    content.file("_data/council.yml", f"x: {{label: L, value: {SECRET}, audience: open, origin: national}}")
    for name, audience in (("gated", "staff"), ("open", "open")):
        content.page(
            name,
            "{{ council.x }}\n\n/// contact | one-two-three-four-five-six-seven-eight-nine-ten\n///\n",
            audience=audience,
        )

    assert quoted(content) == []


@pytest.mark.parametrize(
    ("gated", "readers", "is_quotation"),
    [
        ("staff", "members", True),
        # All staff are members, so they may read what is for members.
        ("members", "staff", False),
        ("staff", "leads", True),
        ("leads", "staff", True),
        ("staff", "staff", False),
    ],
)
def test_it_matters_who_else_reads_the_words(
    content: ContentFolder, gated: str, readers: str, *, is_quotation: bool
) -> None:
    content.page("source", SECRET, audience=gated)
    content.page("quoting", SECRET, audience=readers)

    assert ("quoting.md" in {one.path for one in quoted(content)}) is is_quotation


def test_the_source_is_named_only_to_those_who_may_read_it(content: ContentFolder) -> None:
    content.page("quokka", SECRET, audience="staff")
    content.page("open", SECRET)
    found = quoted(content)[0]

    assert "quokka" in found.as_told_to(lambda _requirement: True).message
    told = found.as_told_to(lambda requirement: requirement.is_open)
    assert "quokka" not in repr(told)
    assert (told.path, told.line, told.severity) == ("open.md", 10, "error")
    assert "The duty officer keeps the key" in told.message


def test_what_is_out_already_does_not_hold_up_a_correction(content: ContentFolder) -> None:
    content.page("gated", SECRET, audience="staff")
    page = content.page("open", f"{SECRET}.\n")
    library = Library(content.root)
    before = library.edition()
    corrected = {"open.md": page.read_bytes() + b"\nA correction.\n"}
    widened = {"gated.md": (content.root / "gated.md").read_bytes().replace(b"staff", b"members")}

    severities = [
        [one.severity for one in check_pages(after, ["open.md"], today=TODAY, before=old) if "stands on" in one.message]
        for old, after in (
            (None, before),
            (before, library.edition_with(corrected)),
            (library.edition_with({"gated.md": None}), before),
            (before, library.edition_with(widened)),
        )
    ]

    assert severities == [["error"], ["warning"], ["error"], ["warning"]]


def test_all_may_read_only_what_every_one_of_them_may() -> None:
    audiences = audiences_from(
        {
            name: {"title": name, "description": name, "groups": groups}
            for name, groups in {"a": ["x"], "b": ["x", "y"]}.items()
        }
    )

    def may(readers: str, wanted: str) -> bool:
        return all_may_read(Requirement.from_key(readers), Requirement.from_key(wanted), audiences)

    assert may("open", "open")
    assert may("a", "open")
    assert may("a", "b")
    assert may("a", "a+b")
    assert not may("b", "a")
    assert not may("open", "a")
    assert not may("a", "a+unknown")
