"""Local accounts off: no passwords but an administrator's, for when the provider is down. And single sign-on off."""

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge_base.accounts.errors import LinkRefusedError, ProvidedElsewhereError
from knowledge_base.accounts.links import invite, look_up_link, make_first_administrator_link, make_reset_link
from knowledge_base.accounts.people import check_profile
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.settings import Settings
from tests.accounts.conftest import PASSWORD, MakePerson, Record, SettingsWith
from tests.conftest import fill_in, shown_key


@pytest.fixture
def settings(settings_with: SettingsWith) -> Settings:
    return settings_with(KB_LOCAL_ACCOUNTS="off")


def test_the_sign_in_page_has_the_provider_alone(browser: FlaskClient) -> None:
    page = browser.get("/login").text

    assert "Sign in with Council ID" in page
    assert "password" not in page
    assert "/login/forgotten" not in page


def test_there_is_no_way_to_another_password(browser: FlaskClient) -> None:
    assert browser.get("/login/forgotten").status_code == 404
    token = browser.get("/login?local=1").text.partition('name="csrf_token"')[2].partition('value="')[2]
    sent = browser.post("/login/forgotten", data={"email": "a@b.c", "csrf_token": token.partition('"')[0]})
    assert sent.status_code == 404


def test_a_right_password_lets_nobody_in_but_an_administrator(
    make_person: MakePerson, browser: FlaskClient, record: Record
) -> None:
    make_person(groups=["staff"], roles=["editor"])
    make_person("root@example.gov.uk", name="Root", roles=["admin"])

    refused = fill_in(browser, "/login?local=1", {"email": "ada@example.gov.uk", "password": PASSWORD}, to="/login")
    let_in = fill_in(browser, "/login?local=1", {"email": "root@example.gov.uk", "password": PASSWORD}, to="/login")

    assert refused.status_code == 401
    assert "Check your email address and password" in refused.text
    assert record()[-1].endswith("was refused: wrong password, or local accounts are off.")
    assert let_in.location == "/login/second-factor"
    key = shown_key(browser.get(let_in.location).text)
    assert fill_in(browser, let_in.location, {"code": pyotp.TOTP(key).now()}).status_code == 200
    assert browser.get("/audit").status_code == 200


def test_sessions_of_local_people_end_when_local_accounts_are_turned_off(
    make_person: MakePerson, accounts: Register, app: Flask, browser: FlaskClient
) -> None:
    make_person()
    app.extensions["accounts"] = Register(accounts.database, accounts.keys)
    fill_in(browser, "/login?local=1", {"email": "ada@example.gov.uk", "password": PASSWORD}, to="/login")
    before = browser.get("/account").status_code
    app.extensions["accounts"] = accounts

    assert (before, browser.get("/account").status_code) == (200, 303)


def test_the_link_for_the_first_administrator_still_works(browser: FlaskClient, accounts: Register) -> None:
    link = make_first_administrator_link(accounts, actor=SITE, now=utc_now())
    assert link

    answer = fill_in(
        browser,
        f"/account/set-up/{link.token}",
        {"email": "root@example.gov.uk", "name": "Root", "password": PASSWORD},
    )

    assert answer.location == "/login/second-factor"


def test_invitations_are_not_made_and_earlier_ones_do_not_work(accounts: Register) -> None:
    profile = check_profile(email="new@example.gov.uk", name="New")
    earlier = invite(Register(accounts.database, accounts.keys), profile, actor=SITE, now=utc_now())

    with pytest.raises(ProvidedElsewhereError):
        invite(accounts, profile, actor=SITE, now=utc_now())
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, earlier.token, now=utc_now())


def test_links_for_a_new_password_work_for_administrators_alone(make_person: MakePerson, accounts: Register) -> None:
    make_person()
    make_person("root@example.gov.uk", roles=["admin"])
    ada, root = (
        make_reset_link(accounts, email, actor=SITE, now=utc_now())
        for email in ("ada@example.gov.uk", "root@example.gov.uk")
    )

    assert look_up_link(accounts, root.token, now=utc_now()).email == "root@example.gov.uk"
    with pytest.raises(LinkRefusedError):
        look_up_link(accounts, ada.token, now=utc_now())


class TestWithoutProvider:
    """Where no provider is set, there is nothing of it."""

    @pytest.fixture
    def settings(self, settings_with: SettingsWith) -> Settings:
        return settings_with(KB_OIDC_ISSUER="")

    def test_nothing_leads_to_a_provider(self, browser: FlaskClient) -> None:
        assert "/login/provider" not in browser.get("/login").text
        assert browser.get("/login/provider").status_code == 404
        assert browser.get("/login/provider/callback?error=access_denied").status_code == 404
        assert browser.post("/login/provider/back-channel").status_code == 404
        assert browser.get("/login/signed-out").status_code == 200
