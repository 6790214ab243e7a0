from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from knowledge_base.db import Database, utc_now
from knowledge_base.feedback.models import ReportRow
from knowledge_base.feedback.reports import forget_old
from tests.conftest import SignedIn, fill_in
from tests.content_folder import ContentFolder


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index", title="Guidance")
    content.page(
        "open", "## When to call\n\nNow.\n\n/// staff-only\n## Who is on duty\n\nPat.\n///\n", owner="Prevent lead"
    )
    content.page("plain", owner="Comms", review_by="2020-01-01", last_reviewed="2019-01-01")
    content.page("staff/index", audience="staff")
    content.page("staff/rota", owner="Rota lead", review_by="2020-02-01", last_reviewed="2019-01-01")


@pytest.fixture
def editor(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["editor"])


@pytest.fixture
def outsider(signed_in: SignedIn) -> FlaskClient:
    return signed_in(roles=["editor"])


def report(
    browser: FlaskClient, page: str = "/plain", message: str = "The number is wrong.", **fields: str
) -> TestResponse:
    return fill_in(browser, f"/report?page={page}", {"message": message, "section": "", **fields})


def kept(database: Database) -> list[ReportRow]:
    with database.read() as session:
        return list(session.scalars(select(ReportRow)))


def test_anybody_reports_from_a_pages_foot_and_its_editors_read_it(
    anonymous: FlaskClient, editor: FlaskClient, outsider: FlaskClient
) -> None:
    assert 'href="/report?page=/open"' in anonymous.get("/open").text

    answer = report(anonymous, "/open", "It is <b>wrong</b>.\n\nTruly.", section="when-to-call")

    assert (answer.status_code, "Thank you" in answer.text) == (200, True)
    listed = editor.get("/feedback").text
    assert "Prevent lead" in listed
    assert "When to call" in listed
    assert "It is &lt;b&gt;wrong&lt;/b&gt;." in listed
    assert "The page is as it was." in listed
    # The page has a part that this editor may not read, so that they may not change it either.
    assert "wrong" not in outsider.get("/feedback").text


def test_only_sections_that_the_reader_may_read_are_offered(anonymous: FlaskClient, staff: FlaskClient) -> None:
    assert "Who is on duty" not in anonymous.get("/report?page=/open").text
    assert "Who is on duty" in staff.get("/report?page=/open").text
    assert report(anonymous, "/open", section="who-is-on-duty").status_code == 422


@pytest.mark.parametrize(
    ("page", "status"), [("/staff/rota", 303), ("/none", 404), ("", 404), ("//evil.example", 404), ("plain", 404)]
)
def test_what_one_may_not_read_cannot_be_reported(anonymous: FlaskClient, page: str, status: int) -> None:
    assert anonymous.get(f"/report?page={page}").status_code == status


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (" ", "Say what is wrong"),
        ("x" * 2_001, "2,000 characters or fewer"),
        ("Ask jane.doe@council.gov.uk", "Take out email addresses"),
        ("Call 07700 900123", "Take out email addresses"),
    ],
)
def test_a_report_says_something_and_nothing_about_people(
    anonymous: FlaskClient, database: Database, message: str, said: str
) -> None:
    answer = report(anonymous, message=message)

    assert answer.status_code == 422
    assert said in answer.text
    assert message.strip() in answer.text
    assert kept(database) == []


def test_a_program_that_fills_in_everything_is_thanked_and_not_kept(anonymous: FlaskClient, database: Database) -> None:
    assert "Thank you" in report(anonymous, website="http://example.com").text
    assert kept(database) == []


@pytest.mark.parametrize("moved_by", [-11, 11], ids=["later", "once the clock was set back"])
def test_from_one_address_only_so_much_is_taken_in(anonymous: FlaskClient, database: Database, moved_by: int) -> None:
    answers = [report(anonymous, message=f"Number {number}.") for number in range(11)]

    assert [one.status_code for one in answers] == [*([200] * 10), 429]
    assert "Number 10." in answers[-1].text
    assert len(kept(database)) == 10
    with database.write() as session:
        session.execute(update(ReportRow).values(at=utc_now() + timedelta(minutes=moved_by)))
    assert report(anonymous).status_code == 200


def test_addresses_are_forgotten_after_a_day_and_what_is_done_after_half_a_year(
    anonymous: FlaskClient, database: Database
) -> None:
    for message in ("Old.", "Older."):
        report(anonymous, message=message)
    now = utc_now()
    with database.write() as session:
        session.execute(update(ReportRow).values(at=now - timedelta(days=2)))
        session.execute(
            update(ReportRow).where(ReportRow.message == "Older.").values(done_at=now - timedelta(days=181))
        )

    report(anonymous, message="New.")

    assert [(row.message, bool(row.address_key)) for row in kept(database)] == [("Old.", False), ("New.", True)]


def test_what_is_past_its_time_is_forgotten_while_nobody_reports_anything(
    anonymous: FlaskClient, database: Database
) -> None:
    for message in ("Old.", "Older."):
        report(anonymous, message=message)
    now = utc_now()
    with database.write() as session:
        session.execute(
            update(ReportRow).where(ReportRow.message == "Older.").values(done_at=now - timedelta(days=181))
        )

    forget_old(database, now=now + timedelta(days=2))

    assert [(row.message, bool(row.address_key)) for row in kept(database)] == [("Old.", False)]


def test_a_report_is_marked_as_done_with_a_note(
    anonymous: FlaskClient, editor: FlaskClient, content: ContentFolder
) -> None:
    report(anonymous)
    content.page("plain", "Other words.\n", owner="Comms")
    editor.application.extensions["library"].refresh()
    assert "The page has been changed since." in editor.get("/feedback").text

    empty = fill_in(editor, "/feedback", {"note": " "}, to="/feedback/1/done")
    done = fill_in(editor, "/feedback", {"note": "Mended it."}, to="/feedback/1/done")

    assert (empty.status_code, done.status_code) == (422, 303)
    assert "Say what was done" in empty.text
    assert "The number is wrong." not in editor.get("/feedback").text
    listed = editor.get("/feedback?state=done").text
    assert "Mended it." in listed
    assert "Done by A staff-editor" in listed


def test_what_was_said_of_a_page_for_staff_is_for_those_who_may_change_it(
    staff: FlaskClient, editor: FlaskClient, outsider: FlaskClient, content: ContentFolder
) -> None:
    report(staff, "/staff/rota", "The secret rota is wrong.")
    (content.root / "staff" / "rota.md").rename(content.root / "rota.md")
    (content.root / "rota.md").rename(content.root / "staff" / "list.md")
    editor.application.extensions["library"].refresh()

    assert "secret rota" in editor.get("/feedback").text
    assert "The page is gone." in editor.get("/feedback").text
    assert "secret rota" not in outsider.get("/feedback").text
    assert fill_in(outsider, "/account", {"note": "Mine."}, to="/feedback/1/done").status_code == 404


def test_overdue_pages_are_listed_by_owner_to_those_who_may_read_them(
    editor: FlaskClient, outsider: FlaskClient, staff: FlaskClient
) -> None:
    listed, fewer = editor.get("/overdue").text, outsider.get("/overdue").text

    assert listed.index("Comms") < listed.index("Plain") < listed.index("Rota lead") < listed.index("1 February 2020")
    assert "Rota" not in fewer
    assert staff.get("/overdue").status_code == 404


def test_many_reports_of_other_pages_hide_none_of_ones_own(
    database: Database, anonymous: FlaskClient, outsider: FlaskClient
) -> None:
    report(anonymous, "/plain", "The number is wrong.")
    with database.write() as session:
        row = session.scalars(select(ReportRow)).one()
        kept_as = {key: getattr(row, key) for key in ("section", "revision", "requirement", "message", "address_key")}
        later = row.at + timedelta(hours=1)
        session.add_all(ReportRow(page_path="staff/rota", at=later, **kept_as) for _ in range(501))

    assert "The number is wrong." in outsider.get("/feedback").text


def test_a_report_goes_with_a_page_that_moves(
    content: ContentFolder, anonymous: FlaskClient, editor: FlaskClient, outsider: FlaskClient
) -> None:
    report(anonymous, "/plain", "The number is wrong.")
    page = content.root / "plain.md"
    page.rename(content.root / "staff" / "plain.md")
    content.file("_data/redirects.yml", "- from: /plain\n  to: /staff/plain\n  audience: staff\n")
    anonymous.application.extensions["library"].refresh()

    listed = editor.get("/feedback").text

    assert "Comms" in listed
    assert 'href="/staff/plain"' in listed
    assert "The number is wrong." in listed
    assert "The number is wrong." not in outsider.get("/feedback").text
