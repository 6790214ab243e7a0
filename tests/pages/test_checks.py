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
        ("/// contact | nobody\n///", 10, Severity.ERROR, "there is no contact"),
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
    content.page("page", body)

    found = the_only(content)

    assert found[0] == "page.md"
    assert found[2] is severity
    assert words in found[3]
    assert found[1] == line


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


def test_a_folder_that_nothing_leads_to_is_named(content: ContentFolder) -> None:
    content.page("area/page")

    assert the_only(content)[:1] == ("area/",)


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
