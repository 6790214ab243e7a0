"""Signing in with a second factor, as a browser meets it."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.people import Person
from tests.accounts.conftest import PASSWORD
from tests.conftest import shown_key

MakePerson = Callable[..., Person]
Send = Callable[..., TestResponse]


@pytest.fixture
def editor(make_person: MakePerson) -> Person:
    return make_person(groups=["staff"], roles=["editor"])


@pytest.fixture
def recovery_codes(app: Flask, editor: Person, sign_in: Send, post: Send) -> list[str]:
    """The recovery codes of an editor who has set up a second factor in another browser."""
    browser = app.test_client()
    sign_in(browser)
    key = shown_key(browser.get("/login/second-factor").text)
    page = post(browser, "/login/second-factor", {"code": pyotp.TOTP(key).now()}).text
    return re.findall(r'name="code" value="([a-z0-9-]+)"', page)


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_editor_reads_what_is_open_but_is_not_signed_in_until_there_is_a_second_factor(
    browser: FlaskClient, editor: Person, sign_in: Send
) -> None:
    answer = sign_in(browser)

    assert (answer.status_code, answer.location) == (302, "/login/second-factor")
    assert not is_signed_in(browser)
    assert browser.get("/account/second-factor").status_code == 303
    assert browser.get("/login").status_code == 200
    assert "Ada Byron" not in browser.get("/login").text
    with browser.session_transaction() as cookie:
        assert "_user_id" not in cookie


def test_setting_up_shows_codes_once_and_leads_to_where_the_person_was_going(
    browser: FlaskClient, editor: Person, post: Send
) -> None:
    post(browser, "/login?next=/referral", {"email": editor.email, "password": PASSWORD, "next": "/referral"})
    page = browser.get("/login/second-factor").text
    picture = browser.get("/login/second-factor.svg")

    done = post(browser, "/login/second-factor", {"code": pyotp.TOTP(shown_key(page)).now()})

    assert 'src="/login/second-factor.svg"' in page
    assert 'autocomplete="one-time-code"' in page
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert done.status_code == 200
    assert done.headers["Cache-Control"] == "no-store"
    assert 'href="/referral"' in done.text
    assert len(set(re.findall(r'kb-secret">([a-z0-9]{5}-[a-z0-9]{5})<', done.text))) == 10
    assert is_signed_in(browser)
    assert "10 left" in browser.get("/account").text
    assert browser.get("/login/second-factor").status_code == 401


def test_recovery_codes_are_given_as_a_file_and_no_other_text_is(
    browser: FlaskClient, editor: Person, sign_in: Send, post: Send
) -> None:
    sign_in(browser)
    key = shown_key(browser.get("/login/second-factor").text)
    page = post(browser, "/login/second-factor", {"code": pyotp.TOTP(key).now()}).text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token
    codes = re.findall(r'name="code" value="([a-z0-9-]+)"', page)

    file = browser.post("/account/recovery-codes.txt", data={"csrf_token": token[1], "code": codes})
    other = browser.post("/account/recovery-codes.txt", data={"csrf_token": token[1], "code": ["words of mine"]})
    none = browser.post("/account/recovery-codes.txt", data={"csrf_token": token[1]})

    assert file.mimetype == "text/plain"
    assert file.headers["Content-Disposition"] == "attachment; filename=recovery-codes.txt"
    assert all(code in file.text for code in codes)
    assert other.status_code == none.status_code == 400


def test_recovery_code_lets_in_once(
    app: Flask, browser: FlaskClient, sign_in: Send, post: Send, recovery_codes: list[str]
) -> None:
    sign_in(browser)
    other = app.test_client()
    sign_in(other)

    answer = post(browser, "/login/recovery-code", {"recovery_code": recovery_codes[0]})
    again = post(other, "/login/recovery-code", {"recovery_code": recovery_codes[0]})

    assert (answer.status_code, answer.location) == (302, "/")
    assert is_signed_in(browser)
    assert again.status_code == 401
    assert "has been used" in again.text
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    ("url", "field", "message"),
    [
        ("/login/code", "code", "Code is not correct"),
        ("/login/recovery-code", "recovery_code", "Recovery code is not correct"),
    ],
)
def test_wrong_code_is_told_beside_its_field_and_the_sixth_is_refused(
    browser: FlaskClient, sign_in: Send, post: Send, recovery_codes: list[str], *, url: str, field: str, message: str
) -> None:
    sign_in(browser)

    answers = [post(browser, url, {field: "000000"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert f'href="#{field}">{message}' in answers[0].text
    assert "You can try again in 15 minutes" in answers[5].text
    assert int(answers[5].headers["Retry-After"]) > 0
    assert not is_signed_in(browser)


@pytest.mark.parametrize("url", ["/login/code", "/login/recovery-code"])
def test_empty_code_is_told_and_not_counted(
    browser: FlaskClient, sign_in: Send, post: Send, recovery_codes: list[str], url: str
) -> None:
    sign_in(browser)

    assert [post(browser, url, {}).status_code for _ in range(6)] == [422] * 6


def test_wrong_first_code_shows_the_same_key_again(
    browser: FlaskClient, editor: Person, sign_in: Send, post: Send
) -> None:
    sign_in(browser)
    key = shown_key(browser.get("/login/second-factor").text)

    wrong = post(browser, "/login/second-factor", {"code": "000000"})
    empty = post(browser, "/login/second-factor", {})

    assert (wrong.status_code, empty.status_code) == (401, 422)
    assert shown_key(wrong.text) == shown_key(empty.text) == key
    assert 'value="000000"' not in wrong.text


def test_who_has_a_second_factor_is_asked_for_it_and_not_for_another(
    browser: FlaskClient, sign_in: Send, recovery_codes: list[str]
) -> None:
    answer = sign_in(browser)

    assert answer.location == "/login/code"
    assert browser.get("/login/second-factor").location == "/login/code"
    assert browser.get("/login/second-factor.svg").status_code == 401


def test_who_has_none_is_led_to_set_it_up(browser: FlaskClient, editor: Person, sign_in: Send) -> None:
    sign_in(browser)

    assert browser.get("/login/code").location == "/login/second-factor"


@pytest.mark.parametrize("page", ["code", "recovery-code", "second-factor", "second-factor.svg"])
def test_pages_of_the_second_step_are_for_nobody_without_the_first(browser: FlaskClient, page: str) -> None:
    answer = browser.get(f"/login/{page}")

    assert answer.status_code == 401
    assert "Enter your email address and password again" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_second_step_needs_a_good_token(browser: FlaskClient, sign_in: Send, recovery_codes: list[str]) -> None:
    sign_in(browser)

    answer = browser.post("/login/recovery-code", data={"recovery_code": recovery_codes[0]})

    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert not is_signed_in(browser)


def test_finishing_renews_the_cookie(
    app: Flask, browser: FlaskClient, sign_in: Send, post: Send, recovery_codes: list[str]
) -> None:
    sign_in(browser)
    before = browser.get_cookie("session")
    assert before

    post(browser, "/login/recovery-code", {"recovery_code": recovery_codes[0]})

    copy = app.test_client()
    copy.set_cookie("session", before.value)
    assert not is_signed_in(copy)
    assert copy.get("/login/code").status_code == 401


def test_signing_out_ends_the_wait(
    app: Flask, browser: FlaskClient, sign_in: Send, post: Send, recovery_codes: list[str]
) -> None:
    sign_in(browser)
    copy = app.test_client()
    cookie = browser.get_cookie("session")
    assert cookie
    copy.set_cookie("session", cookie.value)

    post(browser, "/login/code", {}, to="/logout")

    assert browser.get("/login/code").status_code == 401
    assert copy.get("/login/code").status_code == 401
