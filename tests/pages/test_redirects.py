"""Old addresses: where their pages are now, and which were withdrawn."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.pages.redirects import Gone
from tests.content_folder import ContentFolder


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index")
    content.page("area/index")
    content.page("area/page")
    content.page("staff/index", audience="staff")
    content.page("staff/page")
    content.page("only-staff", audience="staff")


def redirects(content: ContentFolder, *entries: str) -> None:
    content.file("_data/redirects.yml", "".join(f"- {{{entry}}}\n" for entry in entries))


def messages(content: ContentFolder) -> list[str]:
    return [fault.message for fault in content.edition().faults if fault.path == "_data/redirects.yml"]


def test_an_old_address_leads_to_the_end_of_its_chain(content: ContentFolder) -> None:
    redirects(
        content,
        "from: /a, to: /b",
        "from: /b, to: '/area/page#part'",
        "from: /c, to: /d",
        "from: /d, to: '', reason: Out of date.",
        "from: /e, to: /",
        # There is a page again at both ends of these.
        "from: /area, to: /area/page",
        "from: /f, to: /area",
    )

    found = {old: (gone.to, gone.reason) for old, gone in content.edition().redirects.items()}

    assert found == {
        "/a": ("/area/page#part", ""),
        "/b": ("/area/page#part", ""),
        "/c": ("", "Out of date."),
        "/d": ("", "Out of date."),
        "/e": ("/", ""),
        "/f": ("/area", ""),
    }
    assert messages(content) == []


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (["from: /a, to: /a"], "leads back to itself"),
        (["from: /a, to: /a#part"], "leads back to itself"),
        (["from: /a, to: /area", "from: /a, to: /"], "stands twice"),
        (["from: /a, to: "], "give the 'reason'"),
        (["from: /a, to: /area, reason: x"], "needs no 'reason'"),
        (["from: /a"], "entry 1: Field required"),
        (["from: a, to: /area"], "entry 1: String should match"),
        (["from: /a/, to: /area"], "entry 1: String should match"),
        (["from: /, to: /area"], "entry 1: String should match"),
        (["from: /a, to: 'https://example.org'"], "entry 1: String should match"),
        (["from: /a, to: //example.org"], "entry 1: String should match"),
        (["from: /login/x, to: /area"], "belongs to the program"),
        (["from: /a, to: /area, audience: nobody"], "no audience 'nobody'"),
        (["from: /a, to: /area, until: 2030"], "Extra inputs"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(content: ContentFolder, entries: list[str], words: str) -> None:
    redirects(content, *entries)

    assert len(messages(content)) == 1
    assert words in messages(content)[0]


def test_what_leads_in_a_circle_is_left_out_and_the_rest_holds(content: ContentFolder) -> None:
    redirects(content, "from: /a, to: /b", "from: /b, to: /c", "from: /c, to: /b", "from: /d, to: /area")

    assert content.edition().redirects.keys() == {"/d"}
    assert len(messages(content)) == 3


def test_all_audiences_of_a_chain_count(content: ContentFolder) -> None:
    redirects(content, "from: /a, to: /b, audience: staff", "from: /b, to: /area, audience: leads")

    requirement = content.edition().redirects["/a"].requirement

    assert requirement.audiences == {"staff", "leads"}
    assert Gone("/area", "", requirement) == content.edition().redirects["/a"]


def test_a_moved_page_is_found_at_its_new_address(content: ContentFolder, anonymous: FlaskClient) -> None:
    redirects(content, "from: /old/page, to: /area/page#part")

    for url in ("/old/page", "/old/page/", "/old/page?q=x"):
        answer = anonymous.get(url)
        assert (answer.status_code, answer.location) == (301, "/area/page#part"), url
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_who_may_not_read_the_new_page_learns_nothing_of_the_old_one(
    app: Flask, content: ContentFolder, anonymous: FlaskClient, member: FlaskClient, staff: FlaskClient
) -> None:
    redirects(
        content,
        "from: /old, to: /only-staff",
        "from: /older, to: /area, audience: staff",
        "from: /staff/old, to: /area",
        "from: /area/old, to: /staff/page",
    )
    app.extensions["library"].refresh()

    for url in ("/old", "/older", "/area/old"):
        old, unknown = anonymous.get(url), anonymous.get(f"{url}-unknown")
        assert old.status_code == unknown.status_code == 404
        assert old.text == unknown.text.replace(f"{url}-unknown", url)
    assert anonymous.get("/staff/old").location == "/login?next=/staff/old"
    for url in ("/old", "/older", "/area/old", "/staff/old"):
        assert member.get(url).status_code == 404
        assert staff.get(url).status_code == 301


def test_a_withdrawn_page_says_why(
    app: Flask, content: ContentFolder, anonymous: FlaskClient, member: FlaskClient, staff: FlaskClient
) -> None:
    redirects(
        content, "from: /old, to: , reason: <b>Overtaken</b>.", "from: /odd, to: '', reason: Secret., audience: staff"
    )
    app.extensions["library"].refresh()

    answer = anonymous.get("/old")

    assert answer.status_code == 410
    assert "&lt;b&gt;Overtaken&lt;/b&gt;." in answer.text
    assert "This page has been withdrawn" in answer.text
    assert "999" in answer.text
    assert anonymous.get("/odd").status_code == member.get("/odd").status_code == 404
    assert "Secret." in staff.get("/odd").text


def test_a_new_address_that_is_gone_leads_nowhere(content: ContentFolder, anonymous: FlaskClient) -> None:
    redirects(content, "from: /old, to: /nothing")

    assert anonymous.get("/old").status_code == 404


def test_old_addresses_stand_in_no_list(content: ContentFolder, anonymous: FlaskClient) -> None:
    redirects(content, "from: /quokka, to: /area", "from: /wombat, to: , reason: Done.")

    for url in ("/sitemap.xml", "/api/pages", "/"):
        assert "quokka" not in anonymous.get(url).text
        assert "wombat" not in anonymous.get(url).text
