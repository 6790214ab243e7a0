import html
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from knowledge_base.accounts.changes import change_groups
from knowledge_base.accounts.people import Person, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from tests.conftest import SignedIn, fill_in
from tests.mail_server import running_mail_server

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]

FILE = (
    "email;name;groups;roles\r\nsam@example.gov.uk;Sam Poe;staff;editor\r\nkim@example.gov.uk;Kim;leads;\r\nno;;;\r\n"
)


@pytest.fixture
def admin(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["admin"])


def send_file(admin: FlaskClient, content: bytes, name: str = "people.csv") -> TestResponse:
    token = re.search(r'csrf_token"[^>]* value="([^"]+)"', admin.get("/people/import").text)
    assert token
    fields = {"csrf_token": token[1], "file": FileStorage(BytesIO(content), name)}
    # The client would put a large one into a temporary file, and leave that open.
    boundary, body = encode_multipart(fields)
    return admin.post("/people/import", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def confirm(admin: FlaskClient, page: str) -> TestResponse:
    """Press the button of the dry run's page."""
    fields = dict(re.findall(r'<input[^>]* name="(csrf_token|name|packed|digest)"[^>]* value="([^"]*)"', page))
    assert len(fields) == 4
    return admin.post("/people/import/confirm", data={key: html.unescape(value) for key, value in fields.items()})


def test_a_dry_run_shows_every_line_and_the_confirmation_does_it(
    admin: FlaskClient, accounts: Register, make_person: MakePerson, record: Record
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", groups=["staff"])

    shown = send_file(admin, FILE.encode("utf-8-sig"))
    before = list_accounts(accounts)
    done = confirm(admin, shown.text)

    assert "Nothing has been done yet." in shown.text
    assert re.findall(r"Line \d+:", shown.text) == ["Line 2:", "Line 3:", "Line 4:"]
    assert kim in before
    assert "People have been brought in" in done.text
    assert "Invited: 1" in done.text
    assert done.text.count("/account/set-up/") == 1
    assert done.headers["Cache-Control"] == "no-store"
    assert next(one.groups for one in list_accounts(accounts) if one.account_id == kim.account_id) == ("leads",)
    assert record()[-1] == "A staff-admin imported people from the file people.csv: 1 made, 1 changed, 1 refused."


def test_what_changed_meanwhile_is_shown_again_before_anything_is_done(
    admin: FlaskClient, accounts: Register, make_person: MakePerson
) -> None:
    kim = make_person("kim@example.gov.uk", name="Kim", groups=["staff"])
    shown = send_file(admin, FILE.encode())
    change_groups(accounts, kim.account_id, ["leads"], actor=SITE, now=utc_now())

    again = confirm(admin, shown.text)
    done = confirm(admin, again.text)

    assert again.status_code == 409
    assert "Something has changed since you looked, so nothing was imported." in again.text
    assert "Changed:" not in again.text
    assert "People have been brought in" in done.text


def test_a_confirmation_sent_twice_does_nothing_the_second_time(admin: FlaskClient, record: Record) -> None:
    shown = send_file(admin, FILE.encode())
    confirm(admin, shown.text)
    before = record()

    again = confirm(admin, shown.text)

    assert again.status_code == 409
    assert record() == before


def test_where_nothing_is_to_be_done_nothing_can_be_confirmed(admin: FlaskClient) -> None:
    shown = send_file(admin, b"email,name\nno,No\n")

    assert "There is nothing to do." in shown.text
    assert "/people/import/confirm" not in shown.text


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (FILE.encode("utf-16"), "not UTF-8 text"),
        (b"", "first line must name the columns"),
        (b"email\n" + b"x" * 1_000_000, "smaller than 1 MB"),
        (b"email\n" + b"x" * 2_000_000, "smaller than 1 MB"),
    ],
    ids=["UTF-16", "empty", "too large for us", "too large for a request"],
)
def test_a_file_that_cannot_be_used_says_why_beside_the_field(admin: FlaskClient, sent: bytes, message: str) -> None:
    answer = send_file(admin, sent)

    assert answer.status_code in {413, 422}
    assert "There is a problem" in answer.text
    assert answer.text.count(message) >= 2


def test_without_a_file_one_is_asked_for(admin: FlaskClient) -> None:
    answer = fill_in(admin, "/people/import", {})

    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_a_damaged_confirmation_does_nothing(admin: FlaskClient, record: Record) -> None:
    before = record()

    answer = fill_in(admin, "/people/import", {"packed": "!", "digest": "0"}, to="/people/import/confirm")

    assert answer.status_code == 422
    assert "Choose the file again" in answer.text
    assert record() == before


def test_what_a_file_says_is_shown_as_text(admin: FlaskClient) -> None:
    shown = send_file(admin, b"email,name\nsam@example.gov.uk,<script>alert(1)</script>\n", "<img src=x>.csv")

    assert "<script>alert" not in shown.text
    assert "<img" not in shown.text
    assert "&lt;script&gt;alert" in shown.text


def test_invitations_are_sent_by_mail_and_only_the_others_shown(app: Flask, admin: FlaskClient) -> None:
    text = b"email,name\nsam@example.gov.uk,Sam\nrefused@example.gov.uk,Re Fused\n"
    with running_mail_server() as server:
        app.extensions["settings"] = replace(app.extensions["settings"], mail=server.settings)

        done = confirm(admin, send_file(admin, text).text)

        assert server.next_letter()["To"] == "sam@example.gov.uk"
    assert "1 of the 2 invitations" in done.text
    assert done.text.count("/account/set-up/") == 1
    assert "These letters were not sent" in done.text
