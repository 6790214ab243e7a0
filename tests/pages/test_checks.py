"""What authors are told, by the library and by the command."""

import json
from datetime import date

import pytest
from flask import Flask

from knowledge_base.pages.checks import Severity, check_content
from tests.content_folder import ContentFolder

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def home(content: ContentFolder) -> None:
    content.page("index")


def findings(content: ContentFolder) -> list[tuple[str, int, Severity, str]]:
    return [(one.path, one.line, one.severity, one.message) for one in check_content(content.edition(), today=TODAY)]


def the_only(content: ContentFolder) -> tuple[str, int, Severity, str]:
    found = findings(content)
    assert len(found) == 1, found
    return found[0]


def test_good_content_has_no_findings(content: ContentFolder) -> None:
    content.page(
        "area/index", "## A heading\n\n[on](/area/page#a-part), [search](/search), [out](https://www.gov.uk)\n"
    )
    content.page("area/page", "## A part\n\n### A smaller one\n\n`<b>` and <https://www.gov.uk> <!-- note -->\n")

    assert findings(content) == []


@pytest.mark.parametrize(
    ("body", "line", "severity", "words"),
    [
        ("[x](/nothing)", 10, Severity.ERROR, "there is no such page"),
        ("[x](/page#nothing)", 10, Severity.ERROR, "no such heading"),
        ("[x](#nothing)", 10, Severity.ERROR, "no such heading"),
        ("[x](other)", 10, Severity.ERROR, "write the whole address"),
        ("[x](javascript:alert)", 10, Severity.ERROR, "not allowed"),
        ("words\n\n{{ council.nothing }}", 12, Severity.ERROR, "no value of the data files"),
        ("{{ council.treshold }}", 10, Severity.ERROR, "did you mean 'council.threshold'?"),
        ("{{ contact.mash.fone }}", 10, Severity.ERROR, "did you mean 'contact.mash.phone'?"),
        ("/// contact | nobody\n///", 10, Severity.ERROR, "there is no contact"),
        ("/// contact | mahs\n///", 10, Severity.ERROR, "did you mean 'mash'?"),
        (
            "1. Ring. {wh: You}",
            10,
            Severity.WARNING,
            "{wh: …} is shown to readers as it stands: did you mean {who: …}?",
        ),
        ("1. Ring. {Who: You}", 10, Severity.WARNING, "did you mean {who: …}?"),
        ("1. Ring. {who : You}", 10, Severity.WARNING, "did you mean {who: …}?"),
        ("1. Ring. {zzz: You}", 10, Severity.WARNING, "the facts of a step are {who: …}"),
        ("words\n{who: You\nand I", 11, Severity.WARNING, "did you mean {who: …}?"),
        ("{{ council threshold }}", 10, Severity.WARNING, "braces are shown"),
        ("ends }", 10, Severity.WARNING, "braces are shown"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 | 3 |", 13, Severity.WARNING, "3 cells and the table's head 2"),
        ("| a | b |\n|---|---|\n| 1 |\n", 12, Severity.WARNING, "the rest stay empty"),
        ("a | b\n---|---\n1\n", 12, Severity.WARNING, "1 cells"),
        ("| a | b |\n|---|\n| 1 |\n", 11, Severity.WARNING, "no table is shown"),
        ("a <b>bold</b> word", 10, Severity.WARNING, "HTML is shown"),
        ("![alt](/image.png)", 10, Severity.ERROR, "images"),
        ("# Title", 10, Severity.WARNING, "only main heading"),
        ("### Deep", 10, Severity.WARNING, "skips a level"),
        ("/// staff-only\nx\n///\n: y", 0, Severity.ERROR, "inside a list"),
    ],
)
def test_a_slip_in_the_body_is_named_with_its_line(
    content: ContentFolder, body: str, line: int, severity: Severity, words: str
) -> None:
    content.file("_data/council.yml", "threshold: {label: T, value: 44, audience: open, origin: national}")
    content.file("_data/contacts.yml", "mash: {name: M, phone: 1, audience: open, origin: national}")
    content.page("page", body)

    found = the_only(content)

    assert found[0] == "page.md"
    assert found[2] is severity
    assert words in found[3]
    assert found[1] == line


@pytest.mark.parametrize(
    "body",
    [
        "1. Ring. {who: You} {by: the\n   next day} {on: {{ council.threshold }}}",
        "## A heading {#a-heading}",
        "`{wh: x}` and ``| ` {``",
        "```\n{wh: x}\n| a | b |\n|---|---|\n| 1 |\n<b>\n```",
        "<!-- {wh: x}\n<b> -->",
        "| a | b |\n|---|:-:|\n| 1 \\| 2 | `|` |\n\n| 1 | 2 | 3 |",
        "a | b\n--- | ---\n1 | 2",
    ],
)
def test_what_only_looks_like_a_slip_is_not_named(content: ContentFolder, body: str) -> None:
    content.file("_data/council.yml", "threshold: {label: T, value: 44, audience: open, origin: national}")
    content.page("page", body)

    assert findings(content) == []


@pytest.mark.parametrize(
    ("header", "severity", "words"),
    [
        ({"owner": None}, Severity.WARNING, "'owner' is missing"),
        ({"last_reviewed": None}, Severity.WARNING, "'last_reviewed' is missing"),
        ({"review_by": "2026-11-21"}, Severity.WARNING, "the review was due by 2026-11-21"),
        ({"status": "superseded"}, Severity.WARNING, "'superseded_by' is missing"),
        ({"status": "superseded", "superseded_by": "/gone"}, Severity.ERROR, "there is no page /gone"),
        ({"sources": ["nothing"]}, Severity.ERROR, "not in the register"),
        ({"sources": ["briefing#late"]}, Severity.WARNING, "no part 'late'"),
    ],
)
def test_a_slip_in_the_header_is_named(
    content: ContentFolder, header: dict[str, object], severity: Severity, words: str
) -> None:
    content.file(
        "_data/sources.yml", "briefing: {title: B, publisher: X, date: 2023-10-05, status: current, parts: {early: E}}"
    )
    content.page("page", "Some words.\n", **header)

    found = the_only(content)

    assert found[2] is severity
    assert words in found[3]


def test_values_that_are_not_set_or_confirmed_are_noted(content: ContentFolder) -> None:
    content.file(
        "_data/council.yml",
        "unset: {label: U, audience: open, origin: Thurrock}\n"
        "set: {label: S, value: 1, audience: open, origin: Thurrock}\n"
        "gated: {label: G, value: 2, audience: staff, origin: Thurrock}\n",
    )
    content.file(
        "_data/contacts.yml",
        "a: {name: A, audience: open, origin: Thurrock}\nb: {name: B, audience: open, phone: 1, origin: Thurrock}\n"
        "c: {name: C, audience: staff, phone: 1, origin: national}\n"
        "d: {name: D, audience: open, phone: 1, origin: national}\n",
    )
    body = "{{ council.unset }}\n{{ council.set }}\n{{ council.gated }}\n\n/// staff-only\n{{ council.gated }}\n///\n\n"
    content.page("page", body + "".join(f"/// contact | {key}\n///\n\n" for key in "abcd"))

    found = [(line, severity) for _, line, severity, _ in findings(content)]

    assert found == [
        (10, Severity.NOTE),
        (11, Severity.NOTE),
        (12, Severity.ERROR),
        (15, Severity.NOTE),
        (18, Severity.NOTE),
        (21, Severity.NOTE),
        (24, Severity.ERROR),
    ]


def test_a_folder_without_an_index_is_named(content: ContentFolder) -> None:
    content.page("area/page")

    path, _, severity, message = the_only(content)

    assert (path, severity) == ("area/", Severity.ERROR)
    assert "the folder has no index.md" in message
    assert "nobody may read what is in it" in message


def test_open_in_a_folder_that_is_not_changes_nothing_and_is_named(content: ContentFolder) -> None:
    content.page("area/index", audience="staff")
    content.page("area/page", audience="open")

    path, _, severity, message = the_only(content)

    assert (path, severity) == ("area/page.md", Severity.WARNING)
    assert "changes nothing" in message


def test_a_question_under_two_sections_is_named(content: ContentFolder) -> None:
    content.page("a", "Words.\n\n/// asked\nWho  do I tell\nonly here\n///\n")
    content.page("b", "## Part\n\nWords.\n\n/// asked\nwho do i TELL\nwho do i tell\n///\n")

    found = findings(content)

    assert {(path, line, severity) for path, line, severity, _ in found} == {
        ("b.md", 15, Severity.WARNING),
        ("b.md", 16, Severity.WARNING),
    }
    assert "is asked under /a# too" in found[0][3]


def test_what_readers_ask_is_not_checked_as_words_of_the_page(content: ContentFolder) -> None:
    content.page("a", "Words.\n\n/// asked\nwhat is <b> and {{ x }} and {who: y\n///\n")

    assert findings(content) == []


class TestTheCommand:
    def test_it_names_what_is_left_out_and_ends_with_1(self, content: ContentFolder, app: Flask) -> None:
        content.file("broken.md", "---\ntitel: X\n---\n")

        result = app.test_cli_runner().invoke(args=["content", "check"])

        assert result.exit_code == 1
        assert "broken.md:2: error: left out: 'titel' is not a key" in result.output
        assert "1 pages can be shown" in result.output

    def test_warnings_do_not_make_it_fail(self, content: ContentFolder, app: Flask) -> None:
        content.page("page", owner=None)

        result = app.test_cli_runner().invoke(args=["content", "check", "--json"])

        assert result.exit_code == 0
        assert json.loads(result.output)["findings"][0]["severity"] == "warning"
