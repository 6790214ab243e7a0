"""What authors are told, by the library and by the command."""

import json
from datetime import date

import pytest
from flask import Flask

from knowledge_base.pages.checks import check_content, check_pages
from knowledge_base.pages.findings import Severity
from tests.content_folder import ContentFolder
from tests.pages.files_of_pages import png

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def home(content: ContentFolder) -> None:
    content.page("index")


def findings(content: ContentFolder) -> list[tuple[str, int, Severity, str]]:
    found = check_content(content.edition(), today=TODAY)
    return [(one.path, one.line, one.severity, one.words) for one in found if "no source is given" not in one.message]


def the_only(content: ContentFolder) -> tuple[str, int, Severity, str]:
    found = findings(content)
    assert len(found) == 1, found
    return found[0]


def test_good_content_has_no_findings(content: ContentFolder) -> None:
    content.page(
        "area/index", "## A heading\n\n[on](/area/page#a-part), [search](/search), [out](https://www.gov.uk)\n"
    )
    content.page("area/page", "## A part\n\n### A smaller one\n\n`<b>` and <!-- note -->\n")

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
        ("Bring:\n- a pen\n- paper", 11, Severity.WARNING, "put an empty line before the list"),
        ("| a | b |\n|---|---|\n| 1 |\n", 12, Severity.WARNING, "the rest stay empty"),
        ("a | b\n---|---\n1\n", 12, Severity.WARNING, "1 cells"),
        ("| a | b |\n|---|\n| 1 |\n", 11, Severity.WARNING, "no table is shown"),
        ("a <b>bold</b> word", 10, Severity.WARNING, "HTML is shown"),
        ("![alt](/image.png)", 10, Severity.ERROR, "cannot be shown: put the picture into _files/page/"),
        ("![alt](/files/other/chart.png)", 10, Severity.ERROR, "belongs to another page"),
        ("![alt](/files/page/form.txt)", 10, Severity.ERROR, "it is a document: link to it"),
        ("![ ](/files/page/chart.png)", 10, Severity.ERROR, "no alternative text"),
        ("![chart.png](/files/page/chart.png)", 10, Severity.ERROR, "no alternative text"),
        ("[x](/files/page/nothing.pdf)", 10, Severity.ERROR, "there is no such file"),
        ("[x](/files/gated/form.txt)", 10, Severity.ERROR, "not everyone who reads this may have the file"),
        ("[x](/old)", 10, Severity.WARNING, "leads to an old address: link to /page"),
        ("[x](/gone)", 10, Severity.ERROR, "the page was withdrawn"),
        ("Read [more](/other).", 10, Severity.WARNING, "'more' does not say where it leads"),
        ("<https://www.gov.uk/x>", 10, Severity.WARNING, "are an address"),
        ("See [www.gov.uk](https://www.gov.uk)", 10, Severity.WARNING, "are an address"),
        ("Click here.", 10, Severity.WARNING, "say where the link leads"),
        ("Ring 07700 900123.", 10, Severity.ERROR, "mobile number"),
        ("a\n`jo.bloggs@council.gov.uk`", 11, Severity.ERROR, "a person's own address"),
        ("[Team](mailto:team@council.gov.uk)", 10, Severity.ERROR, "not in contacts.yml"),
        (
            "".join(["Notwithstanding multidisciplinary organisational considerations, "] * 8),
            0,
            Severity.WARNING,
            "grade",
        ),
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
    content.file("_data/redirects.yml", "- {from: /old, to: /page}\n- {from: /gone, to: , reason: Done.}\n")
    content.page("other")
    content.page("gated", audience="staff")
    for name, file in (("page", "chart.png"), ("other", "chart.png")):
        content.file(f"_files/{name}/{file}", png(3, 2))
    for name in ("page", "gated"):
        content.file(f"_files/{name}/form.txt", "A form.")
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
        "![A chart](/files/page/chart.png) [Form](/files/page/form.txt) [Other](/files/other/form.txt)",
        "[GOV.UK](https://www.gov.uk) and [what is here](/page), and more",
        "Ring 0700 or 01375 390000, or +1 770 090 0123. Write to TEAM@council.gov.uk or jo.bloggs@example.org.",
        "| Notwithstanding multidisciplinary organisational considerations |\n|---|\n" + "| institutional |\n" * 30,
    ],
)
def test_what_only_looks_like_a_slip_is_not_named(content: ContentFolder, body: str) -> None:
    content.file("_data/council.yml", "threshold: {label: T, value: 44, audience: open, origin: national}")
    content.file("_data/contacts.yml", "t: {name: T, email: team@council.gov.uk, audience: open, origin: national}")
    content.page("other")
    content.file("_files/page/chart.png", png(3, 2))
    for name in ("page", "other"):
        content.file(f"_files/{name}/form.txt", "A form.")
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


def test_of_a_single_page_a_question_that_another_asks_in_other_writing_is_named(content: ContentFolder) -> None:
    content.page("a", "Words.\n\n/// asked\nWho  do I TELL\n///\n")
    content.page("b", "Words.\n\n/// asked\nwho do i tell\n///\n")

    found = check_pages(content.edition(), ["b.md"], today=TODAY)

    assert "'who do i tell' is asked under /a# too" in [one.message for one in found]


def test_what_readers_ask_is_not_checked_as_words_of_the_page(content: ContentFolder) -> None:
    content.page("a", "Words.\n\n/// asked\nwhat is <b> and {{ x }} and {who: y\n///\n")

    assert findings(content) == []


def test_a_page_without_a_source_is_named_unless_it_is_about_the_site(content: ContentFolder) -> None:
    content.page("area/index")
    content.page("about/index")

    found = check_content(content.edition(), today=TODAY)

    assert [(one.path, one.severity, "no source" in one.message) for one in found] == [
        ("area/index.md", Severity.WARNING, True)
    ]


def test_an_old_address_that_leads_nowhere_and_one_that_is_in_use_again_are_named(content: ContentFolder) -> None:
    content.page("page")
    content.file(
        "_data/redirects.yml", "- {from: /old, to: /nothing}\n- {from: /page, to: /}\n- {from: /x, to: /page}\n"
    )

    found = findings(content)

    assert [(path, severity) for path, _, severity, _ in found] == [
        ("_data/redirects.yml", Severity.ERROR),
        ("_data/redirects.yml", Severity.WARNING),
    ]


def test_a_pin_that_leads_nowhere_is_named(content: ContentFolder) -> None:
    content.page("page", "## A part\n")
    content.file(
        "_data/pinned.yml",
        "- {searches: [a], leads_to: /page}\n- {searches: [b], leads_to: /page#a-part}\n"
        "- {searches: [c], leads_to: /page#other}\n- {searches: [d], leads_to: /other}\n",
    )

    found = findings(content)

    assert [(path, severity, words.partition(",")[0]) for path, _, severity, words in found] == [
        ("_data/pinned.yml", Severity.WARNING, "/other"),
        ("_data/pinned.yml", Severity.WARNING, "/page#other"),
    ]


def test_details_of_a_person_in_the_header_are_named(content: ContentFolder) -> None:
    content.page("page", summary="Ring Jo on 07700 900123.")

    assert the_only(content)[:3] == ("page.md", 0, Severity.ERROR)


def test_an_address_for_fewer_people_is_named_where_more_read_it(content: ContentFolder) -> None:
    content.file("_data/contacts.yml", "t: {name: T, email: team@council.gov.uk, audience: staff, origin: national}")
    content.page("page", "Write to team@council.gov.uk.\n\n/// staff-only\nWrite to team@council.gov.uk.\n///\n")

    path, line, severity, words = the_only(content)

    assert (path, line, severity) == ("page.md", 10, Severity.ERROR)
    assert "not in contacts.yml for those who read this" in words


def test_a_contact_that_looks_like_a_person_is_named(content: ContentFolder) -> None:
    content.file(
        "_data/contacts.yml",
        "a: {name: A, email: jo.bloggs@council.gov.uk, audience: open, origin: national}\n"
        "b: {name: B, phone: 07700 900123, audience: open, origin: national}\n"
        "c: {name: C, email: prevent.team@council.gov.uk, phone: 01375 390000, audience: open, origin: national}\n",
    )

    assert [(severity, words[-31:]) for _, _, severity, words in findings(content)] == [
        (Severity.WARNING, "a team, which stays when people go"[-31:]),
        (Severity.WARNING, "a team's and not somebody's own"),
    ]


class TestSinglePages:
    @pytest.fixture(autouse=True)
    def pages(self, content: ContentFolder) -> None:
        content.page("a", "[x](/nothing)\n\n/// asked\nwho do I tell\n///\n")
        content.page("b", "[x](/nothing)\n\n/// asked\nwho do I tell\n///\n")
        content.file("c.md", "no header")
        content.file("_data/pinned.yml", "- {searches: [a], leads_to: /nothing}")
        content.file("_data/synonyms.yml", "- odd")

    @pytest.mark.parametrize(
        ("paths", "found"),
        [
            ([], []),
            (["a.md"], ["no source", "leads nowhere", "asked under /b# too"]),
            (["b.md"], ["no source", "leads nowhere", "asked under /a# too"]),
            (["c.md"], ["left out"]),
            (["_data/pinned.yml"], ["is not there"]),
            (["_data/synonyms.yml"], ["left out"]),
            (["nothing.md", "_files/a/x.png"], []),
        ],
    )
    def test_only_what_is_asked_for_is_checked(
        self, content: ContentFolder, paths: list[str], found: list[str]
    ) -> None:
        told = check_pages(content.edition(), paths, today=TODAY)

        assert {one.path for one in told} <= set(paths)
        assert sorted(next(words for words in found if words in one.message) for one in told) == sorted(found)

    def test_all_pages_one_by_one_are_all_of_the_content(self, content: ContentFolder) -> None:
        edition = content.edition()
        names = [*(f"{page.path}.md" for page in edition.pages.values()), "c.md", *edition.files.found.data]

        one_by_one = {one for name in names for one in check_pages(edition, [name], today=TODAY)}

        whole = set(check_content(edition, today=TODAY))
        assert whole <= one_by_one
        assert {one.message for one in one_by_one - whole} == {"'who do I tell' is asked under /b# too"}


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
        finding = json.loads(result.output)["findings"][0]
        assert finding["severity"] == "warning"
        assert finding["remedy"]
