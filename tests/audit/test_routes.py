"""The record's page and its export, as an administrator and as everyone else meet them."""

import csv
import html
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts.models import Role
from knowledge_base.audit.events import NOBODY, Actor, Event, Kind
from knowledge_base.audit.routes import ADMINISTRATOR
from knowledge_base.audit.verification import Verification
from knowledge_base.db import Database
from tests.databases import only_on_sqlite, refuse_rows

Write = Callable[..., None]
Check = Callable[..., Verification]
Attack = Callable[..., None]
Browser = Callable[..., FlaskClient]

SAM_OUT = Event(Kind.SIGNED_OUT, Actor(9, "Sam Poe"))


def read(browser: FlaskClient, url: str) -> str:
    """Return the words of a page, with single spaces."""
    page = browser.get(url)
    assert page.status_code in {200, 422}, page.status_code
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def rows(browser: FlaskClient, url: str = "/audit.csv") -> list[dict[str, str]]:
    answer = browser.get(url)
    assert answer.status_code == 200
    return list(csv.DictReader(answer.text.splitlines(keepends=True)))


@pytest.mark.parametrize("url", ["/audit", "/audit.csv"])
def test_record_is_for_administrators_alone(
    anonymous: FlaskClient, browser_of: Browser, administrator: FlaskClient, url: str
) -> None:
    assert anonymous.get(url).location == f"/login?next={url}"
    assert browser_of("editor", "publisher").get(url).status_code == 404
    assert browser_of().get(url).status_code == 404
    assert browser_of("admin").get(url).status_code == 200


def test_role_is_the_one_that_accounts_have() -> None:
    assert ADMINISTRATOR == Role.ADMIN


def test_events_are_told_in_sentences_newest_first(administrator: FlaskClient, write: Write) -> None:
    write(2, at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))

    page = read(administrator, "/audit")

    first = page.index("Jane Doe added the group group-1 to the account of Sam Poe.")
    assert first < page.index("added the group group-0") < page.index("The site began this record.")
    assert "2 July 2026 at 00:31:00 BST . By Jane Doe (account 7). Group added. Row 3." in page
    assert "3 events" in page


def test_names_are_shown_as_text(administrator: FlaskClient, write: Write) -> None:
    write(event=Event(Kind.SIGNED_OUT, Actor(9, "<script>alert(1)</script>")))

    assert "<script>alert" not in administrator.get("/audit").text


def test_page_is_kept_by_no_cache(administrator: FlaskClient) -> None:
    for url in ("/audit", "/audit.csv"):
        assert administrator.get(url).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=sign-in.signed-out", ["Sam Poe signed out."]),
        ("person=sam+poe", ["Sam Poe signed out.", "the account of Sam Poe"]),
        ("person=7", ["Jane Doe added the group"]),
        ("person=9", ["Sam Poe signed out.", "the account of Sam Poe"]),
        ("since=2/7/2026", ["Sam Poe signed out."]),
        ("until=1+July+2026", ["Jane Doe added the group", "began this record"]),
        ("since=2026-07-02&until=2.7.2026&person=+Sam++Poe+", ["Sam Poe signed out."]),
    ],
)
def test_record_is_filtered(administrator: FlaskClient, write: Write, query: str, found: list[str]) -> None:
    write(1, at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    write(event=SAM_OUT, at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    everything = ["Sam Poe signed out.", "Jane Doe added the group", "the account of Sam Poe", "began this record"]

    page = read(administrator, f"/audit?{query}")

    entries = page.partition("Export")[2]
    told = {words for words in everything if words in entries}
    assert told >= set(found)
    assert ("Sam Poe signed out." in told) == ("Sam Poe signed out." in found)
    assert ("began this record" in told) == ("began this record" in found)


def test_signs_that_mean_anything_to_the_database_do_not(administrator: FlaskClient, write: Write) -> None:
    write(event=SAM_OUT)

    assert "Nothing that is kept fits this filter" in read(administrator, "/audit?person=S%25m")
    assert "Nothing that is kept fits this filter" in read(administrator, "/audit?person=%27+OR+1=1")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("since=31/2/2026", "“From” must be a real day, such as 27/3/2026"),
        ("until=tomorrow", "“To” must be a real day, such as 27/3/2026"),
        ("until=1/1/0001", "“To” must be a real day"),
        ("until=31/12/9999", "“To” must be a real day"),
        ("since=2/7/2026&until=1/7/2026", "must be the same as the day in “From”, or after it"),
        ("kind=moon.landed", "Choose a kind of event from the list"),
        ("person=99999999999", "Enter the number of an account, or part of a name"),
        (f"person={'x' * 201}", "Name must be 200 characters or fewer"),
    ],
)
def test_filter_that_makes_no_sense_is_explained_at_its_field(
    administrator: FlaskClient, write: Write, query: str, message: str
) -> None:
    write(1)

    answer = administrator.get(f"/audit?{query}")

    name, _, typed = query.rsplit("&", maxsplit=1)[-1].partition("=")
    words = html.unescape(" ".join(answer.text.split()))
    assert answer.status_code == 422
    assert "<title>Error: Record of events" in answer.text
    assert f'href="#{name}">' in answer.text
    assert f'id="{name}-error"' in answer.text
    assert words.count(message) == 2
    assert f'value="{typed}"' in answer.text or name == "kind"
    assert "added the group" not in words
    assert administrator.get(f"/audit.csv?{query}").location.startswith("/audit?")


def test_long_record_is_paged_and_keeps_its_filter(administrator: FlaskClient, write: Write) -> None:
    write(120)

    first = administrator.get("/audit?kind=account.group-added")
    second = read(administrator, "/audit?kind=account.group-added&page=2")
    last = read(administrator, "/audit?kind=account.group-added&page=99")

    assert 'href="/audit?kind=account.group-added&amp;page=2"' in first.text
    assert "120 events, page 2 of 3" in second
    assert "added the group group-69 " in second
    assert "page 3 of 3" in last
    assert "page 1 of 3" in read(administrator, "/audit?kind=account.group-added&page=-4")


def test_many_pages_are_not_all_listed(administrator: FlaskClient, write: Write) -> None:
    write(360)

    page = administrator.get("/audit?page=4").text

    assert "govuk-pagination__item--ellipsis" in page
    assert 'href="/audit?page=8"' in page
    assert 'href="/audit?page=6"' not in page


def test_empty_record_says_what_that_means(administrator: FlaskClient) -> None:
    page = read(administrator, "/audit")

    assert "No events" in page
    assert "The record is empty. Each start of the site writes a first row" in page


def test_page_says_how_long_rows_are_kept(administrator: FlaskClient, write: Write) -> None:
    write(1, at=datetime(2026, 5, 3, 12, 0, tzinfo=UTC))

    page = read(administrator, "/audit")

    assert "kept for 24 months and then deleted. The oldest one kept is of 3 May 2026 and goes after 3 May 2028" in page


def test_page_says_whether_the_last_check_found_the_record_whole(
    app: Flask, administrator: FlaskClient, write: Write, attack: Attack
) -> None:
    write(2)
    unchecked = read(administrator, "/audit")
    app.test_cli_runner().invoke(args=["audit", "verify"])
    whole = read(administrator, "/audit")
    attack("UPDATE audit_events SET subject = 'x' WHERE number = 2")
    app.test_cli_runner().invoke(args=["audit", "verify"])
    broken = read(administrator, "/audit")

    assert "It has not been checked yet" in unchecked
    assert "flask --app wsgi audit verify" in unchecked
    assert re.search(r"At the last check, on \d+ \w+ \d{4} at [\d:]+ (GMT|BST), the record was found whole", whole)
    assert "The record may not be whole." in broken
    assert "Row 2 has been changed" in broken


def test_disturbance_found_after_a_check_is_told(
    app: Flask, administrator: FlaskClient, write: Write, attack: Attack
) -> None:
    write(2)
    app.test_cli_runner().invoke(args=["audit", "verify"])
    attack("UPDATE audit_heads SET seal = ''")

    write(1)

    assert "The record may not be whole." in read(administrator, "/audit")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("details = 'not JSON'", marks=only_on_sqlite),
        pytest.param("at = 'yesterday'", marks=only_on_sqlite),
        "at = '0001-01-01 00:00:00.000000'",
        pytest.param("actor_name = CAST(x'ff' AS TEXT)", marks=only_on_sqlite),
    ],
)
@pytest.mark.parametrize("number", [1, 2])
def test_row_that_cannot_be_shown_is_explained(
    app: Flask, administrator: FlaskClient, write: Write, attack: Attack, change: str, number: int
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    write(2)
    attack(f"UPDATE audit_events SET {change} WHERE number = {number}")

    answer = administrator.get("/audit")

    assert answer.status_code == 500
    assert "The record cannot be shown" in answer.text


def test_export_holds_what_is_filtered(administrator: FlaskClient, write: Write) -> None:
    write(1)
    write(event=SAM_OUT)
    write(event=Event(Kind.SIGN_IN_UNKNOWN, NOBODY))

    answer = administrator.get("/audit.csv?kind=sign-in.signed-out")

    assert answer.is_streamed
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert re.fullmatch(r'attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    (row,) = csv.DictReader(answer.text.splitlines(keepends=True))
    assert (row["who"], row["what happened"]) == ("Sam Poe", "Sam Poe signed out.")


def test_long_export_is_complete_and_in_order(administrator: FlaskClient, write: Write) -> None:
    write(1100)

    numbers = [int(row["number"]) for row in rows(administrator)]

    assert numbers == list(range(1101, 0, -1))


def test_export_is_recorded_with_its_filter(administrator: FlaskClient, write: Write, check: Check) -> None:
    write(1)

    rows(administrator)
    rows(administrator, "/audit.csv?person=Jane&since=1/7/2026")

    page = read(administrator, "/audit")
    assert "Jane Doe exported 2 rows of this record: all of it." in page
    assert "rows of this record: person or page Jane, from 1/7/2026." in page
    assert check().ok


def test_asking_for_the_headers_alone_exports_nothing(administrator: FlaskClient, write: Write) -> None:
    write(1)

    administrator.head("/audit.csv")

    assert "exported" not in read(administrator, "/audit").partition("Filter")[2].partition("Export")[2]


def test_export_that_cannot_be_recorded_is_not_sent(
    app: Flask, administrator: FlaskClient, write: Write, database: Database
) -> None:
    write(1)
    refuse_rows(database, "audit_events")
    app.testing = False

    answer = administrator.get("/audit.csv")

    assert answer.status_code == 500
    assert "Jane Doe" not in answer.text.partition("<main")[2]
