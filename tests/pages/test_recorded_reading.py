"""Who read a page is recorded where a restricted folder asks for it, and nowhere else."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from knowledge_base.access.policy import Viewer
from knowledge_base.audit.reading import Filters, export_entries
from knowledge_base.db import Database
from knowledge_base.pages.recorded_reading import record_reading
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder

ADA = Viewer(account_id=7, name="Ada Byron")


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page("referral/index", title="Worried?")
    content.page("procedures/index", audience="staff", record_reading="true")
    content.page("procedures/uucr", "The record.")
    content.page("procedures/deeper/index")
    content.page("procedures/deeper/step")
    content.page("quiet/index", audience="staff")
    content.page("quiet/page")


def recorded(database: Database) -> list[str]:
    sentences = [entry.sentence for entry in export_entries(database, Filters(kind="page.restricted-read"))]
    return sentences[::-1]


def test_each_person_and_page_is_recorded_once_a_day(
    staff: FlaskClient, signed_in: SignedIn, database: Database
) -> None:
    other = signed_in("staff", "leads")

    for url in ("/procedures/uucr", "/procedures/uucr", "/procedures", "/procedures/deeper/step", "/quiet/page"):
        staff.get(url)
    other.get("/procedures/uucr")

    assert recorded(database) == [
        "A staff read the restricted page /procedures/uucr.",
        "A staff read the restricted page /procedures.",
        "A staff read the restricted page /procedures/deeper/step.",
        "A staff-leads read the restricted page /procedures/uucr.",
    ]


def test_what_was_not_read_is_not_recorded(staff: FlaskClient, member: FlaskClient, database: Database) -> None:
    staff.head("/procedures/uucr")
    staff.get("/procedures/uucr/")
    staff.get("/procedures/nothing")
    member.get("/procedures/uucr")
    staff.get("/search?q=record")

    assert recorded(database) == []


def test_a_new_day_begins_at_midnight_in_london(app: Flask, database: Database) -> None:
    keys = app.extensions["chain_keys"]
    # In summer London is an hour ahead, so this is two minutes before and two after midnight there.
    before = datetime(2026, 7, 1, 22, 58, tzinfo=UTC)

    for moment in (before, before + timedelta(minutes=1), before + timedelta(minutes=4), before + timedelta(hours=20)):
        record_reading(database, keys, ADA, "/procedures/uucr", now=moment)

    assert len(recorded(database)) == 2


def test_whoever_views_as_another_reader_is_recorded_by_their_own_name(signed_in: SignedIn, database: Database) -> None:
    publisher = signed_in("staff", roles=["publisher"])
    fill_in(publisher, "/view-as", {"reader": "group:staff"})

    publisher.get("/procedures/uucr")

    assert recorded(database) == ["A staff-publisher read the restricted page /procedures/uucr."]


def test_the_page_says_so_to_its_readers(staff: FlaskClient) -> None:
    notice = "That you read this page is recorded"

    assert notice in staff.get("/procedures/deeper/step").text
    assert notice not in staff.get("/quiet/page").text
    assert notice not in staff.get("/referral").text


def test_a_page_is_shown_while_the_database_takes_no_writes(staff: FlaskClient, database: Database) -> None:
    with database.write() as session:
        session.execute(text("SELECT 1"))
        answer = staff.get("/procedures/uucr")

    assert answer.status_code == 200
    assert recorded(database) == []
    staff.get("/procedures/uucr")
    assert len(recorded(database)) == 1


def test_a_page_is_shown_though_the_record_is_gone(staff: FlaskClient, database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE audit_events"))

    assert staff.get("/procedures/uucr").status_code == 200


@pytest.mark.parametrize(
    ("path", "header", "words"),
    [
        ("referral/index", {}, "a folder that is not open"),
        ("index", {}, "index.md of a folder"),
        ("procedures/uucr", {}, "index.md of a folder"),
        ("quiet/index", {"audience": "open"}, "a folder that is not open"),
    ],
)
def test_only_a_folder_that_is_not_open_may_ask_for_it(
    content: ContentFolder, path: str, header: dict[str, str], words: str
) -> None:
    content.page(path, record_reading="true", **header)

    edition = content.edition()

    assert [words in fault.message for fault in edition.faults] == [True]
    assert edition.faults[0].path == f"{path}.md"


def test_a_folder_in_a_restricted_one_may_ask_for_itself(content: ContentFolder) -> None:
    content.page("quiet/deeper/index", record_reading="true")
    content.page("quiet/deeper/step")

    edition = content.edition()

    asking = [url for url, page in edition.pages.items() if url.startswith("/quiet") and edition.records_reading(page)]
    assert edition.faults == ()
    assert sorted(asking) == ["/quiet/deeper", "/quiet/deeper/step"]


def test_an_index_with_another_fault_asks_all_the_same(content: ContentFolder) -> None:
    content.page("procedures/index", audience="staff", record_reading="true", review_by="someday")

    edition = content.edition()

    page = edition.page("/procedures/uucr")
    assert page
    assert edition.records_reading(page)


def test_an_edition_that_records_otherwise_is_another(content: ContentFolder) -> None:
    content.page("procedures/index", audience="staff", review_by="someday")
    before = content.edition().version

    content.page("procedures/index", audience="staff", record_reading="true", review_by="someday")

    assert content.edition().version != before
