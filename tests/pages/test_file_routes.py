"""Pictures and documents over HTTP: who gets them, and what a browser may do with them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from knowledge_base.audit.events import Kind
from knowledge_base.audit.models import AuditEvent
from knowledge_base.db import Database
from knowledge_base.web.security import POLICY_OF_FILES
from tests.content_folder import ContentFolder
from tests.pages.files_of_pages import docx, png

CHART, FORM = "/files/area/page/chart.png", "/files/staff/page/form.docx"


@pytest.fixture(autouse=True)
def pages(content: ContentFolder) -> None:
    content.page("index")
    content.page("area/index")
    content.page("area/page", f"![How it goes]({CHART})\n\n/// staff-only\n[x](/files/area/page/rota.csv)\n///\n")
    content.file("area/_files/page/chart.png", png(30, 20))
    content.file("area/_files/page/rota.csv", "name,day\n")
    content.page("staff/index", audience="staff")
    content.page("staff/page", f"[The form]({FORM})")
    content.file("staff/_files/page/form.docx", docx())


def test_a_picture_is_shown(anonymous: FlaskClient) -> None:
    answer = anonymous.get(CHART)

    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", png(30, 20))
    assert answer.headers["Content-Disposition"] == 'inline; filename="chart.png"'
    assert answer.headers["Content-Security-Policy"] == POLICY_OF_FILES
    assert "sandbox" in POLICY_OF_FILES
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert anonymous.head(CHART).headers["Content-Length"] == str(len(png(30, 20)))


def test_a_document_is_downloaded(staff: FlaskClient) -> None:
    answer = staff.get(FORM)

    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="form.docx"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert staff.get("/files/area/page/rota.csv").headers["Content-Type"] == "text/csv; charset=utf-8"


def test_others_get_what_an_unknown_address_gives(anonymous: FlaskClient, member: FlaskClient) -> None:
    for name in ("form.docx", "nothing.docx"):
        asked = anonymous.get(f"/files/staff/page/{name}")
        assert (asked.status_code, asked.location) == (303, f"/login?next=/files/staff/page/{name}")
        assert member.get(f"/files/staff/page/{name}").status_code == 404
    for name in ("rota.csv", "nothing.csv"):
        assert anonymous.get(f"/files/area/page/{name}").status_code == 404
        assert member.get(f"/files/area/page/{name}").status_code == 404


@pytest.mark.parametrize(
    "path", ["area/_files/page/chart.png", "area/page", "area/page/", "", "..%2f..%2findex.md", "area/page/chart.png/"]
)
def test_there_is_nothing_but_the_files_of_pages(anonymous: FlaskClient, path: str) -> None:
    assert anonymous.get(f"/files/{path}").status_code == 404


def test_a_copy_holds_until_the_file_or_who_may_have_it_changes(
    app: Flask, anonymous: FlaskClient, content: ContentFolder
) -> None:
    kept = {"If-None-Match": anonymous.get(CHART).headers["ETag"]}

    assert anonymous.get(CHART, headers=kept).status_code == 304
    content.file("area/_files/page/chart.png", png(31, 20))
    app.extensions["library"].refresh()
    changed = anonymous.get(CHART, headers=kept)
    assert (changed.status_code, changed.data) == (200, png(31, 20))
    content.page("area/page", f"Words.\n\n/// staff-only\n![x]({CHART})\n///\n")
    app.extensions["library"].refresh()
    assert anonymous.get(CHART, headers={"If-None-Match": changed.headers["ETag"]}).status_code == 404


def test_a_file_that_was_replaced_a_moment_ago_is_checked_before_it_is_sent(
    anonymous: FlaskClient, content: ContentFolder
) -> None:
    anonymous.get(CHART)

    content.file("area/_files/page/chart.png", png(31, 20))
    assert anonymous.get(CHART).data == png(31, 20)
    content.file("area/_files/page/chart.png", b"<script>alert(1)</script>")
    assert anonymous.get(CHART).status_code == 404


def test_reading_a_file_is_reading_its_page(
    app: Flask, database: Database, content: ContentFolder, staff: FlaskClient
) -> None:
    content.page("staff/index", audience="staff", record_reading="true")
    app.extensions["library"].refresh()

    staff.head(FORM)
    staff.get(FORM)
    staff.get(FORM)
    staff.get(CHART)

    with database.read() as session:
        read = select(func.count()).where(
            AuditEvent.kind == Kind.RESTRICTED_PAGE_READ, AuditEvent.subject == "/staff/page"
        )
        assert session.scalar(read) == 1


def test_a_page_that_moved_took_its_files_along(app: Flask, anonymous: FlaskClient, content: ContentFolder) -> None:
    content.file("_data/redirects.yml", "- {from: /old/page, to: /area/page}\n- {from: /gone, to: , reason: Done.}\n")

    answer = anonymous.get("/files/old/page/chart.png")

    assert (answer.status_code, answer.location) == (301, CHART)
    for url in ("/files/old/page/rota.csv", "/files/old/page/nothing.png", "/files/gone/chart.png"):
        assert anonymous.get(url).status_code == 404, url
