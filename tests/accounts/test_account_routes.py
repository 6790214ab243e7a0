"""One's own account: browsers, password, second factor, and being asked again before a change."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from knowledge_base.access.guards import signed_in as declare_signed_in
from knowledge_base.accounts.changes import change_roles
from knowledge_base.accounts.guards import recently_authenticated
from knowledge_base.accounts.models import Account, SignInSession
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from tests.accounts.conftest import PASSWORD
from tests.conftest import SignedIn, shown_key

NEW_PASSWORD = "four other random words"
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SENSITIVE = [
    "/account/password",
    "/account/second-factor",
    "/account/second-factor.svg",
    "/account/second-factor/remove",
    "/account/recovery-codes",
]

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]
Send = Callable[..., TestResponse]


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person()


@pytest.fixture
def here(app: Flask, ada: Person, sign_in: Send) -> FlaskClient:
    browser = app.test_client()
    sign_in(browser)
    return browser


@pytest.fixture
def elsewhere(app: Flask, here: FlaskClient, sign_in: Send) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = FIREFOX["User-Agent"]
    sign_in(browser)
    return browser


@pytest.fixture
def time_passes(accounts: Register) -> Callable[[], None]:
    """Let the last time that people showed who they are be 15 minutes ago."""

    def pass_by() -> None:
        with accounts.database.write() as session:
            session.execute(update(SignInSession).values(reauthenticated_at=utc_now() - timedelta(minutes=15)))

    return pass_by


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def sessions_on(page: str) -> list[str]:
    return re.findall(r'action="(/account/sessions/\d+/end)"', page)


def test_browsers_are_listed_with_family_and_system(here: FlaskClient, elsewhere: FlaskClient) -> None:
    page = here.get("/account").text

    assert "Firefox on Linux" in page
    assert page.count("This browser") == 1
    assert len(sessions_on(page)) == 1


def test_other_browser_is_signed_out_from_the_list(
    here: FlaskClient, elsewhere: FlaskClient, post: Send, record: Record
) -> None:
    (action,) = sessions_on(here.get("/account").text)

    answer = post(here, "/account", {}, to=action)

    assert answer.location == "/account"
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert "Ada Byron ended their own session on Firefox on Linux: signed out from a list of browsers." in record()
    assert post(here, "/account", {}, to=action).location == "/account"


def test_nobody_signs_another_person_out(
    here: FlaskClient, elsewhere: FlaskClient, signed_in: SignedIn, post: Send
) -> None:
    (action,) = sessions_on(here.get("/account").text)

    post(signed_in("staff"), "/account", {}, to=action)

    assert is_signed_in(elsewhere)


def test_everywhere_else_is_signed_out_at_once(
    here: FlaskClient, elsewhere: FlaskClient, post: Send, record: Record
) -> None:
    post(here, "/account", {}, to="/account/sessions/end-others")

    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert record()[-1] == "Ada Byron ended every session of their own: signed out everywhere else."
    assert "Sign out everywhere else" not in here.get("/account").text


def test_password_is_changed_and_every_other_browser_signed_out(
    app: Flask, here: FlaskClient, elsewhere: FlaskClient, post: Send, sign_in: Send, record: Record
) -> None:
    copy = app.test_client()
    cookie = here.get_cookie("session")
    assert cookie
    copy.set_cookie("session", cookie.value)

    answer = post(here, "/account/password", {"present": PASSWORD, "new": NEW_PASSWORD})

    assert answer.location == "/account"
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(copy)
    assert "Ada Byron changed the password of their own account." in record()
    assert sign_in(app.test_client(), password=PASSWORD).status_code == 401
    assert sign_in(app.test_client(), password=NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"present": "wrong", "new": NEW_PASSWORD}, "present", "Password is not correct"),
        ({"present": "", "new": NEW_PASSWORD}, "present", "Enter your present password"),
        ({"present": PASSWORD, "new": "short"}, "new", "Password must be 12 characters or more"),
        ({"present": PASSWORD, "new": "password1234"}, "new", "Password must not be one that is easy to guess"),
        ({"present": PASSWORD, "new": "Knowledge base"}, "new", "Password must not be your email address, your name"),
    ],
)
def test_wrong_password_field_is_named_and_nothing_changes(
    app: Flask, here: FlaskClient, post: Send, sign_in: Send, *, fields: dict[str, str], field: str, message: str
) -> None:
    answer = post(here, "/account/password", fields)

    assert answer.status_code == 422
    assert f'href="#{field}">{message}' in answer.text
    assert NEW_PASSWORD not in answer.text
    assert sign_in(app.test_client()).status_code == 302


def test_present_password_cannot_be_guessed_in_an_open_browser(here: FlaskClient, post: Send) -> None:
    fields = {"present": "wrong", "new": NEW_PASSWORD}

    pages = [post(here, "/account/password", fields).text for _ in range(6)]

    assert "Password is not correct" in pages[4]
    assert "too many attempts" in pages[5]


@pytest.mark.parametrize("url", SENSITIVE)
def test_sensitive_page_asks_who_it_is_after_a_quarter_of_an_hour_and_comes_back(
    here: FlaskClient, post: Send, time_passes: Callable[[], None], url: str
) -> None:
    time_passes()

    asked = here.get(url)
    answer = post(here, asked.location, {"password": PASSWORD})

    assert (asked.status_code, asked.location) == (303, f"/account/confirm?next={url}")
    assert answer.location == url


def test_clock_that_was_set_back_gives_nobody_longer(here: FlaskClient, accounts: Register) -> None:
    with accounts.database.write() as session:
        session.execute(update(SignInSession).values(reauthenticated_at=utc_now() + timedelta(minutes=16)))

    assert here.get("/account/password").status_code == 303


@pytest.mark.parametrize("url", ["/account/password", "/account/second-factor/remove", "/account/recovery-codes"])
def test_what_was_posted_is_not_sent_again(
    here: FlaskClient, post: Send, time_passes: Callable[[], None], url: str
) -> None:
    time_passes()

    answer = post(here, "/account", {"present": PASSWORD, "new": NEW_PASSWORD}, to=url)

    assert (answer.status_code, answer.location) == (303, f"/account/confirm?next={url}")


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost/people/7?tab=roles", "/people/7"),
        ("http://evil.example/people/7", "/account"),
        ("http://localhost//evil.example", "/account"),
        ("", "/account"),
    ],
)
def test_what_is_only_posted_comes_back_to_the_page_it_was_posted_from(
    app: Flask, make_person: MakePerson, sign_in: Send, time_passes: Callable[[], None], *, came_from: str, back: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    view = recently_authenticated(declare_signed_in(lambda: "done"))
    app.add_url_rule("/people/7/remove", "remove_person", view, methods=["POST"])
    make_person()
    browser = app.test_client()
    browser.post("/login", data={"email": "ada@example.gov.uk", "password": PASSWORD})
    assert browser.post("/people/7/remove").text == "done"
    time_passes()

    answer = browser.post("/people/7/remove", headers={"Referer": came_from})

    assert (answer.status_code, answer.location) == (303, f"/account/confirm?next={back}")


def test_confirming_needs_the_right_password_and_is_limited(
    here: FlaskClient, post: Send, time_passes: Callable[[], None], record: Record
) -> None:
    time_passes()

    answers = [post(here, "/account/confirm", {"password": "wrong"}) for _ in range(6)]
    empty = post(here, "/account/confirm", {})

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 'href="#password">Password is not correct' in answers[0].text
    assert empty.status_code == 422
    assert "a wrong password, while signed in" in record()[-1]
    assert here.get("/account/password").status_code == 303


def test_who_is_signed_in_confirms_and_changes_the_password_while_strangers_guess_at_it(
    app: Flask, here: FlaskClient, post: Send, sign_in: Send, time_passes: Callable[[], None]
) -> None:
    for _ in range(5):
        sign_in(app.test_client(), password="three wrong words")
    time_passes()

    confirmed = post(here, "/account/confirm?next=/account", {"password": PASSWORD})
    changed = post(here, "/account/password", {"present": PASSWORD, "new": NEW_PASSWORD})

    assert sign_in(app.test_client()).status_code == 429
    assert confirmed.location == changed.location == "/account"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_confirming_never_leads_to_another_site(here: FlaskClient, post: Send, target: str) -> None:
    answer = post(here, "/account/confirm", {"password": PASSWORD, "next": target})

    assert answer.location == "/"


def test_person_sets_up_a_second_factor_of_their_own_will_and_is_then_asked_for_it(
    app: Flask, here: FlaskClient, elsewhere: FlaskClient, post: Send, sign_in: Send, time_passes: Callable[[], None]
) -> None:
    page = here.get("/account/second-factor").text
    key = shown_key(page)
    picture = here.get("/account/second-factor.svg")

    done = post(here, "/account/second-factor", {"code": pyotp.TOTP(key).now()})

    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert "Keep your recovery codes" in done.text
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert sign_in(app.test_client()).location == "/login/code"
    time_passes()
    confirm = post(here, "/account/confirm", {"password": PASSWORD, "code": "000000"})
    assert confirm.status_code == 401
    assert 'href="#code">Code is not correct' in confirm.text
    later = pyotp.TOTP(key).at(utc_now() + timedelta(seconds=30))
    assert post(here, "/account/confirm?next=/account", {"password": PASSWORD, "code": later}).location == "/account"


def test_wrong_first_code_sets_nothing_up(app: Flask, here: FlaskClient, post: Send, sign_in: Send) -> None:
    wrong = post(here, "/account/second-factor", {"code": "000000"})
    empty = post(here, "/account/second-factor", {})

    assert wrong.status_code == empty.status_code == 422
    assert 'href="#code">Code is not correct' in wrong.text
    assert sign_in(app.test_client()).location == "/"


def test_new_recovery_codes_replace_the_old_ones(here: FlaskClient, post: Send, record: Record) -> None:
    key = shown_key(here.get("/account/second-factor").text)
    old = post(here, "/account/second-factor", {"code": pyotp.TOTP(key).now()}).text
    assert "10 recovery codes left" in here.get("/account/recovery-codes").text

    new = post(here, "/account/recovery-codes", {}).text

    find = re.compile(r'kb-secret">([a-z0-9-]+)<')
    assert len(find.findall(new)) == 10
    assert not set(find.findall(new)) & set(find.findall(old))
    assert record()[-1] == "Ada Byron made new recovery codes for their own account."


def test_who_removed_the_second_factor_and_then_gets_a_role_sets_one_up_before_anything_else(
    app: Flask, ada: Person, here: FlaskClient, accounts: Register, post: Send, sign_in: Send
) -> None:
    key = shown_key(here.get("/account/second-factor").text)
    post(here, "/account/second-factor", {"code": pyotp.TOTP(key).now()})
    post(here, "/account/second-factor/remove", {})
    assert is_signed_in(here)

    change_roles(accounts, ada.account_id, ["editor"], actor=SITE, now=utc_now())

    assert not is_signed_in(here)
    assert sign_in(app.test_client()).location == "/login/second-factor"


def test_person_without_a_role_removes_the_second_factor(
    app: Flask, here: FlaskClient, post: Send, sign_in: Send, record: Record
) -> None:
    key = shown_key(here.get("/account/second-factor").text)
    post(here, "/account/second-factor", {"code": pyotp.TOTP(key).now()})

    post(here, "/account/second-factor/remove", {})

    assert record()[-1] == "Ada Byron removed the second factor of their own account."
    assert is_signed_in(here)
    assert sign_in(app.test_client()).location == "/"


def test_person_with_a_role_is_told_why_it_cannot_be_removed(signed_in: SignedIn, post: Send) -> None:
    editor = signed_in("staff", roles=["editor"])

    page = editor.get("/account/second-factor/remove").text
    answer = post(editor, "/account/second-factor/remove", {})

    assert "it cannot be removed" in page
    assert answer.status_code == 422
    assert is_signed_in(editor)


def test_recovery_codes_are_nothing_without_a_second_factor(here: FlaskClient) -> None:
    assert here.get("/account/recovery-codes").status_code == 404


def test_what_a_sign_in_provider_keeps_is_not_changed_here(
    app: Flask, accounts: Register, here: FlaskClient, post: Send, time_passes: Callable[[], None]
) -> None:
    with accounts.database.write() as session:
        session.execute(update(Account).values(issuer="https://login.example", subject="7"))

    assert "Change its password and second factor there" in here.get("/account").text
    for url in ("/account/password", "/account/second-factor", "/account/recovery-codes"):
        assert here.get(url).status_code == 404
    time_passes()
    page = here.get("/account/confirm")
    assert "Sign out, then sign in again" in page.text
    assert post(here, "/account", {"password": PASSWORD}, to="/account/confirm").status_code == 422
    app.extensions["confirm_with_provider"] = lambda destination: f"off to the provider, back to {destination}"
    assert here.get("/account/confirm?next=/account").text == "off to the provider, back to /account"
