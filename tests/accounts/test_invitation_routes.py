"""The pages on which administrators invite people, and send or withdraw an invitation, through HTTP."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts import links
from knowledge_base.accounts.people import Person, check_profile
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from tests.accounts.conftest import MakePerson
from tests.conftest import SignedIn, fill_in
from tests.mail_server import MailServer


@pytest.fixture
def admin(signed_in: SignedIn) -> FlaskClient:
    return signed_in("staff", roles=["admin"])


@pytest.fixture
def sam(make_person: MakePerson) -> Person:
    return make_person("sam@example.gov.uk", name="Sam Poe", groups=["staff"])


def test_somebody_is_invited(admin: FlaskClient, anonymous: FlaskClient) -> None:
    said = {"email": "kim@example.gov.uk", "name": "Kim", "groups": "leads", "roles": "editor"}

    answer = fill_in(admin, "/people/invite", said)

    link = re.search(r'value="http://guidance.example.gov.uk(/account/set-up/[^"]+)"', answer.text)
    assert link
    assert "kim@example.gov.uk" in anonymous.get(link[1]).text
    assert "Invited" in admin.get("/people?state=invited").text


def test_somebody_is_invited_by_mail(admin: FlaskClient, mail: MailServer) -> None:
    said = {"email": "kim@example.gov.uk", "name": "Kim", "delivery": "mail"}

    answer = fill_in(admin, "/people/invite", said)

    assert mail.next_letter()["To"] == "kim@example.gov.uk"
    assert "The link has been sent" in answer.text


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"email": "kim@", "name": "Kim"}, "Enter an email address"),
        ({"email": "kim@example.gov.uk", "name": ""}, "Enter a name"),
        ({"email": "sam@example.gov.uk", "name": "Kim"}, "already an account"),
        ({"email": "kim@example.gov.uk", "name": "Kim", "groups": "invented"}, "not a valid choice"),
    ],
)
def test_an_invitation_that_cannot_be_says_why_and_keeps_what_was_typed(
    admin: FlaskClient, sam: Person, said: dict[str, str], message: str
) -> None:
    answer = fill_in(admin, "/people/invite", said)

    assert answer.status_code == 422
    assert answer.text.count(message) >= 2
    assert f'value="{said["email"]}"' in answer.text


def test_an_invitation_is_sent_again_and_withdrawn(
    admin: FlaskClient, accounts: Register, anonymous: FlaskClient
) -> None:
    kim = check_profile(email="kim@example.gov.uk", name="Kim", groups=["leads"], roles=["editor"])
    links.invite(accounts, kim, actor=SITE, now=utc_now())
    url = re.search(r"/people/invitations/\d+", admin.get("/people").text)
    assert url
    shown = admin.get(url[0]).text

    answer = fill_in(admin, url[0], {}, to=f"{url[0]}/send")

    link = re.search(r'value="http://guidance.example.gov.uk(/account/set-up/[^"]+)"', answer.text)
    new = re.search(r"/people/invitations/\d+", admin.get("/people").text)
    assert "Opens pages for: Safeguarding leads (Leads)." in shown
    assert link
    assert new
    assert anonymous.get(link[1]).status_code == 200
    fill_in(admin, new[0], {}, to=f"{new[0]}/withdraw")
    assert "The invitation for Kim has been withdrawn." in admin.get("/people").text
    assert anonymous.get(link[1]).status_code == 404
    assert admin.get(new[0]).status_code == 404


def test_an_invitation_is_not_sent_in_an_odd_way(admin: FlaskClient, accounts: Register, mail: MailServer) -> None:
    links.invite(accounts, check_profile(email="kim@example.gov.uk", name="Kim"), actor=SITE, now=utc_now())
    url = re.search(r"/people/invitations/\d+", admin.get("/people").text)
    assert url

    answer = fill_in(admin, url[0], {"delivery": "pigeon"}, to=f"{url[0]}/send")

    assert answer.location == url[0]


def test_where_people_come_through_single_sign_on_only_nobody_is_invited(app: Flask, admin: FlaskClient) -> None:
    app.extensions["accounts"] = replace(app.extensions["accounts"], local_accounts=False)

    assert "Invite somebody" not in admin.get("/people").text
    assert admin.get("/people/invite").status_code == 404
