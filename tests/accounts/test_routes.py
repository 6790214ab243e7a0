import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from knowledge_base.accounts.changes import disable_account
from knowledge_base.accounts.models import SignInAttempt, SignInSession
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.routes import set_up_sign_in
from knowledge_base.audit.events import SITE
from knowledge_base.db import Database, utc_now
from knowledge_base.settings import Settings

PASSWORD = "three random words"

MakePerson = Callable[..., Person]
Send = Callable[..., TestResponse]


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_sign_in_page_has_a_form_with_the_promised_fields(browser: FlaskClient) -> None:
    page = browser.get("/login")

    assert page.status_code == 200
    assert set(re.findall(r'name="(\w+)"', page.text)) >= {"email", "password", "csrf_token"}
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text


def test_signing_in_goes_to_the_home_page(browser: FlaskClient, make_person: MakePerson, sign_in: Send) -> None:
    make_person()

    answer = sign_in(browser)

    assert (answer.status_code, answer.location) == (302, "/")
    assert is_signed_in(browser)


def test_signing_in_goes_back_to_where_the_person_was_going(
    browser: FlaskClient, make_person: MakePerson, post: Send
) -> None:
    make_person()
    page = browser.get("/login?next=/uasc/procedures/interpreters")
    next_field = re.search(r'name="next"[^>]* value="([^"]+)"', page.text)
    assert next_field

    fields = {"email": "ada@example.gov.uk", "password": PASSWORD, "next": next_field[1]}
    answer = post(browser, "/login", fields)

    assert answer.location == "/uasc/procedures/interpreters"


def test_takes_the_destination_from_the_address_too(browser: FlaskClient, make_person: MakePerson, post: Send) -> None:
    make_person()

    answer = post(browser, "/login?next=/referral", {"email": "ada@example.gov.uk", "password": PASSWORD})

    assert answer.location == "/referral"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "///evil.example"])
def test_signing_in_never_leads_to_another_site(
    browser: FlaskClient, make_person: MakePerson, post: Send, target: str
) -> None:
    make_person()
    fields = {"email": "ada@example.gov.uk", "password": PASSWORD, "next": target}

    by_form = post(browser, "/login", fields)
    signed_in_already = browser.get("/login", query_string={"next": target})

    assert by_form.location == signed_in_already.location == "/"


def test_who_is_signed_in_already_goes_on(browser: FlaskClient, make_person: MakePerson, sign_in: Send) -> None:
    make_person()
    sign_in(browser)

    answer = browser.get("/login?next=/referral")

    assert (answer.status_code, answer.location) == (302, "/referral")


def test_unknown_address_and_wrong_password_get_the_same_page(
    app: Flask, make_person: MakePerson, sign_in: Send, accounts: Register
) -> None:
    make_person("ada@example.gov.uk")
    pages = []

    for email in ("ada@example.gov.uk", "eve@example.gov.uk"):
        answer = sign_in(app.test_client(), email, "three wrong words")
        assert answer.status_code == 401
        pages.append(re.sub(r'name="csrf_token"[^>]*', "", answer.text).replace(email, ""))

    assert pages[0] == pages[1]
    with accounts.database.read() as session:
        assert session.scalar(select(func.count()).where(~SignInAttempt.succeeded)) == 2


def test_failure_keeps_the_e_mail_address_and_destination_but_never_the_password(
    browser: FlaskClient, make_person: MakePerson, post: Send
) -> None:
    make_person()
    fields = {"email": "ada@example.gov.uk", "password": "three wrong words", "next": "/referral"}

    page = post(browser, "/login", fields).text

    assert 'value="ada@example.gov.uk"' in page
    assert 'value="/referral"' in page
    assert "three wrong words" not in page
    assert "<title>Error: Sign in" in page
    assert 'href="#email">Check your email address and password' in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": "x"}, "Enter your email address"),
        ({"email": "ada@example.gov.uk"}, "Enter your password"),
        ({}, "Enter your email address"),
    ],
)
def test_empty_field_is_named(browser: FlaskClient, post: Send, fields: dict[str, str], message: str) -> None:
    answer = post(browser, "/login", fields)

    assert answer.status_code == 401
    assert message in answer.text


def test_what_was_typed_is_shown_as_text_not_as_html(browser: FlaskClient, post: Send) -> None:
    fields = {"email": '"><script>alert(1)</script>', "password": "x", "next": '"><script>alert(2)</script>'}

    page = post(browser, "/login", fields).text

    assert "<script>alert" not in page


def test_sixth_attempt_is_told_how_long_to_wait(app: Flask, make_person: MakePerson, sign_in: Send) -> None:
    make_person()
    for _ in range(5):
        assert sign_in(app.test_client(), password="three wrong words").status_code == 401

    answer = sign_in(app.test_client())

    assert answer.status_code == 429
    assert "You can try again in 15 minutes" in answer.text
    assert 'value="ada@example.gov.uk"' in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60


@pytest.mark.parametrize("token", [{}, {"csrf_token": ""}, {"csrf_token": "made up"}])
def test_without_a_good_token_nothing_happens_and_only_the_password_is_lost(
    browser: FlaskClient, make_person: MakePerson, token: dict[str, str], accounts: Register
) -> None:
    make_person()
    fields = {"email": "ada@example.gov.uk", "password": PASSWORD, "next": "/referral", **token}

    answer = browser.post("/login", data=fields)

    assert answer.status_code == 400
    assert 'value="ada@example.gov.uk"' in answer.text
    assert 'value="/referral"' in answer.text
    assert PASSWORD not in answer.text
    assert "Enter a password again" in answer.text
    with accounts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_form_given_back_for_want_of_a_token_can_be_sent(browser: FlaskClient, make_person: MakePerson) -> None:
    make_person()
    fields = {"email": "ada@example.gov.uk", "password": PASSWORD}
    page = browser.post("/login", data=fields).text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token

    answer = browser.post("/login", data={**fields, "csrf_token": token[1]})

    assert answer.status_code == 302


def test_token_of_another_browser_is_refused(app: Flask, make_person: MakePerson) -> None:
    make_person()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', app.test_client().get("/login").text)
    assert token
    victim = app.test_client()
    victim.get("/login")

    fields = {"email": "ada@example.gov.uk", "password": PASSWORD, "csrf_token": token[1]}
    answer = victim.post("/login", data=fields)

    assert answer.status_code == 400


def test_signing_in_renews_the_session_and_its_token(
    browser: FlaskClient, make_person: MakePerson, sign_in: Send
) -> None:
    make_person()
    with browser.session_transaction() as planted:
        planted["planted"] = "by somebody else"
        planted["csrf_token"] = "known to somebody else"

    sign_in(browser)

    with browser.session_transaction() as renewed:
        assert "planted" not in renewed
        assert renewed.get("csrf_token") != "known to somebody else"
        assert renewed["_user_id"]


def test_signing_in_as_somebody_else_ends_the_first_session(
    app: Flask, browser: FlaskClient, make_person: MakePerson, sign_in: Send, post: Send
) -> None:
    make_person("ada@example.gov.uk")
    make_person("grace@example.gov.uk", name="Grace Hopper")
    sign_in(browser)
    copy_of_first = app.test_client()
    copy_of_first.set_cookie("session", cookie_of(browser))

    fields = {"email": "grace@example.gov.uk", "password": PASSWORD}
    post(browser, "/account", fields, to="/login")

    assert "Grace Hopper" in browser.get("/account").text
    assert not is_signed_in(copy_of_first)


def test_session_token_means_nothing_without_the_signature(
    app: Flask, browser: FlaskClient, make_person: MakePerson, sign_in: Send
) -> None:
    make_person()
    sign_in(browser)
    with browser.session_transaction() as content:
        token = content["_user_id"]
    forger = app.test_client()

    forger.set_cookie("session", token)

    assert not is_signed_in(forger)


def test_signing_out_ends_the_session_for_copies_of_the_cookie_too(
    app: Flask, browser: FlaskClient, make_person: MakePerson, sign_in: Send, post: Send
) -> None:
    make_person()
    sign_in(browser)
    copy = app.test_client()
    copy.set_cookie("session", cookie_of(browser))
    assert is_signed_in(copy)

    answer = post(browser, "/account", {}, to="/logout")

    assert (answer.status_code, answer.location) == (302, "/")
    assert not is_signed_in(browser)
    assert not is_signed_in(copy)


def test_signing_out_without_a_token_asks_again(browser: FlaskClient, make_person: MakePerson, sign_in: Send) -> None:
    make_person()
    sign_in(browser)

    answer = browser.post("/logout")

    assert answer.status_code == 400
    assert "You have not been signed out" in answer.text
    assert is_signed_in(browser)


def test_signing_out_twice_does_no_harm(browser: FlaskClient, post: Send) -> None:
    answer = post(browser, "/login", {}, to="/logout")

    assert answer.location == "/"


def test_signing_out_is_not_done_by_a_link(browser: FlaskClient, make_person: MakePerson, sign_in: Send) -> None:
    make_person()
    sign_in(browser)

    browser.get("/logout")

    assert is_signed_in(browser)


def test_disabling_an_account_shuts_its_browser_out_at_once(
    browser: FlaskClient, make_person: MakePerson, sign_in: Send, accounts: Register
) -> None:
    make_person()
    sign_in(browser)

    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=utc_now())

    assert not is_signed_in(browser)


def test_account_page_shows_what_is_known(browser: FlaskClient, make_person: MakePerson, sign_in: Send) -> None:
    make_person(groups=["members", "staff"])
    sign_in(browser)

    page = browser.get("/account").text

    for fact in ("Ada Byron", "ada@example.gov.uk", "Opens pages for: Elected members", "This browser"):
        assert fact in page


def test_account_page_is_not_for_anyone_else(browser: FlaskClient) -> None:
    assert not is_signed_in(browser)


def test_cookie_is_kept_from_scripts_and_other_sites(browser: FlaskClient) -> None:
    cookie = browser.get("/login").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_cookie_is_only_sent_over_tls_where_the_site_has_it(settings: Settings) -> None:
    app = Flask("test")
    app.secret_key = settings.secret_key
    app.extensions["settings"] = replace(settings, base_url="https://guidance.example.gov.uk")
    app.extensions["database"] = Database("sqlite://")
    set_up_sign_in(app)
    app.add_url_rule("/", view_func=generate_csrf)

    cookie = app.test_client().get("/").headers["Set-Cookie"]

    assert "Secure" in cookie
    assert "HttpOnly" in cookie


@pytest.mark.parametrize("url", ["/login", "/account", "/account/set-up/x"])
def test_pages_are_not_stored(browser: FlaskClient, make_person: MakePerson, sign_in: Send, url: str) -> None:
    make_person()
    sign_in(browser)

    assert browser.get(url).headers["Cache-Control"] == "no-store"


def test_no_session_row_is_made_by_failing(browser: FlaskClient, sign_in: Send, accounts: Register) -> None:
    sign_in(browser)

    with accounts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 0


def cookie_of(browser: FlaskClient) -> str:
    cookie = browser.get_cookie("session")
    assert cookie
    return cookie.value
