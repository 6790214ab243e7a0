import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.links import invite, make_first_administrator_link, make_reset_link
from knowledge_base.accounts.people import Person, check_profile, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from tests.conftest import shown_key

PASSWORD = "three random words"

MakePerson = Callable[..., Person]
Send = Callable[..., TestResponse]


@pytest.fixture
def first_link(accounts: Register) -> str:
    link = make_first_administrator_link(accounts, actor=SITE, now=utc_now())
    assert link
    return f"/account/set-up/{link.token}"


@pytest.fixture
def invitation(accounts: Register) -> str:
    profile = check_profile(email="grace@example.gov.uk", name="Grace Hopper", groups=["members"])
    return f"/account/set-up/{invite(accounts, profile, actor=SITE, now=utc_now()).token}"


@pytest.fixture
def reset(accounts: Register, make_person: MakePerson) -> str:
    make_person("ada@example.gov.uk", name="Ada Byron")
    return f"/account/set-up/{make_reset_link(accounts, 'ada@example.gov.uk', actor=SITE, now=utc_now()).token}"


def test_first_administrator_sets_up_an_account_and_is_signed_in(
    browser: FlaskClient, first_link: str, post: Send
) -> None:
    fields = {"email": "ada@example.gov.uk", "name": "Ada Byron", "password": PASSWORD}

    answer = post(browser, first_link, fields)

    assert (answer.status_code, answer.location) == (302, "/login/second-factor")
    assert browser.get("/account").status_code == 303
    key = shown_key(browser.get("/login/second-factor").text)
    codes = post(browser, "/login/second-factor", {"code": pyotp.TOTP(key).now()}).text
    assert 'href="/account"' in codes
    page = browser.get("/account").text
    assert "Ada Byron" in page
    assert "Manages people" in page


def test_invited_person_only_confirms_a_name_and_chooses_a_password(
    browser: FlaskClient, invitation: str, post: Send
) -> None:
    page = browser.get(invitation).text
    assert "grace@example.gov.uk" in page
    assert 'value="Grace Hopper"' in page
    assert 'name="email"' not in page

    post(browser, invitation, {"name": "Grace Hopper", "password": PASSWORD})

    assert "grace@example.gov.uk" in browser.get("/account").text


def test_person_who_forgot_the_password_only_chooses_another_and_is_signed_in(
    browser: FlaskClient, reset: str, post: Send
) -> None:
    page = browser.get(reset).text
    assert re.search(r"<h1[^>]*>Choose a new password</h1>", page)
    assert "<strong>Ada Byron</strong>" in page
    assert "<strong>ada@example.gov.uk</strong>" in page
    assert not re.search(r'name="(email|name)"', page)

    answer = post(browser, reset, {"password": "four other random words"})

    assert (answer.status_code, answer.location) == (302, "/account")
    assert "Ada Byron" in browser.get("/account").text


def test_new_password_signs_other_browsers_out_and_is_the_one_that_counts(
    app: Flask, browser: FlaskClient, reset: str, post: Send, sign_in: Send
) -> None:
    sign_in(browser)
    assert browser.get("/account").status_code == 200

    post(app.test_client(), reset, {"password": "four other random words"})

    assert browser.get("/account").status_code == 303
    assert sign_in(browser, password=PASSWORD).status_code == 401
    assert sign_in(browser, password="four other random words").status_code == 302


@pytest.mark.parametrize("password", ["short", "Ada Byron", "ada@example.gov.uk"])
def test_new_password_against_the_rules_is_refused_and_can_be_sent_again(
    browser: FlaskClient, reset: str, post: Send, password: str
) -> None:
    answer = post(browser, reset, {"password": password})

    assert answer.status_code == 422
    assert "<title>Error: Choose a new password" in answer.text
    assert re.search(r'href="#password">Password must', answer.text)
    assert post(browser, reset, {"password": "four other random words"}).status_code == 302


def test_invited_person_cannot_send_another_address(
    browser: FlaskClient, invitation: str, post: Send, accounts: Register
) -> None:
    post(browser, invitation, {"email": "mallory@example.com", "name": "Mallory", "password": PASSWORD})

    assert [person.email for person in list_accounts(accounts)] == ["grace@example.gov.uk"]


def test_looking_at_the_page_does_not_use_the_link_up(browser: FlaskClient, invitation: str) -> None:
    pages = [browser.get(invitation), browser.head(invitation), browser.get(invitation)]

    assert [page.status_code for page in pages] == [200, 200, 200]


def test_link_works_once(browser: FlaskClient, invitation: str, post: Send) -> None:
    post(browser, invitation, {"name": "Grace Hopper", "password": PASSWORD})

    answer = browser.get(invitation)

    assert answer.status_code == 404
    assert "This link does not work" in answer.text


def test_unknown_link_says_what_to_do(browser: FlaskClient) -> None:
    answer = browser.get("/account/set-up/made-up")

    assert answer.status_code == 404
    assert "ask the person who sent it for a new link" in answer.text


def test_sending_the_form_of_a_link_that_stopped_working_says_what_to_do(
    browser: FlaskClient, first_link: str, post: Send, accounts: Register
) -> None:
    fields = {"email": "ada@example.gov.uk", "name": "Ada Byron", "password": PASSWORD}
    browser.get(first_link)
    make_first_administrator_link(accounts, actor=SITE, now=utc_now())

    answer = post(browser, "/login", fields, to=first_link)

    assert answer.status_code == 404
    assert list_accounts(accounts) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"email": "ada"}, "Enter an email address in the correct format"),
        ({"email": ""}, "Enter an email address in the correct format"),
        ({"name": " "}, "Enter a name"),
        ({"password": ""}, "Enter a password"),
        ({"password": "short"}, "Password must be 12 characters or more"),
        (
            {"password": "ada@example.gov.uk"},
            "Password must not be your email address, your name or the name of this site",
        ),
    ],
)
def test_wrong_field_is_named_and_nothing_typed_is_lost_but_the_password(
    browser: FlaskClient, first_link: str, post: Send, wrong: dict[str, str], message: str
) -> None:
    fields = {"email": "ada@example.gov.uk", "name": "Ada Byron", "password": PASSWORD, **wrong}

    answer = post(browser, first_link, fields)

    assert answer.status_code == 422
    assert f'href="#{next(iter(wrong))}">{message}' in answer.text
    assert f'value="{fields["email"]}"' in answer.text or not fields["email"]
    assert PASSWORD not in answer.text


def test_address_that_has_an_account_is_refused_beside_its_field(
    browser: FlaskClient, first_link: str, make_person: MakePerson, post: Send
) -> None:
    make_person("ada@example.gov.uk")

    answer = post(browser, first_link, {"email": "ada@example.gov.uk", "name": "Ada", "password": PASSWORD})

    assert answer.status_code == 422
    assert 'href="#email">There is already an account with this email address' in answer.text


def test_without_a_good_token_the_form_comes_back_filled_in(
    browser: FlaskClient, first_link: str, accounts: Register
) -> None:
    fields = {"email": "ada@example.gov.uk", "name": "Ada Byron", "password": PASSWORD, "csrf_token": "old"}

    answer = browser.post(first_link, data=fields)

    assert answer.status_code == 400
    assert 'value="ada@example.gov.uk"' in answer.text
    assert 'value="Ada Byron"' in answer.text
    assert PASSWORD not in answer.text
    assert re.search(r'href="#password">Enter a password again', answer.text)
    assert list_accounts(accounts) == []


def test_without_a_good_token_a_link_that_does_not_work_says_so(browser: FlaskClient) -> None:
    answer = browser.post("/account/set-up/made-up", data={"csrf_token": "old"})

    assert answer.status_code == 404
    assert "This link does not work" in answer.text


def test_password_may_be_pasted_by_a_password_manager(browser: FlaskClient, first_link: str) -> None:
    page = browser.get(first_link).text

    assert 'autocomplete="new-password"' in page
    assert 'autocomplete="username"' in page
