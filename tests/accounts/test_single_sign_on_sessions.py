"""After signing in through the provider: showing again who one is, and signing out there too."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from knowledge_base.accounts.models import SignInSession
from knowledge_base.accounts.register import Register
from knowledge_base.db import utc_now
from knowledge_base.settings import Settings
from tests.accounts.conftest import ComeIn, MakePerson, Post, Record, SettingsWith, go_to_provider
from tests.conftest import fill_in
from tests.sign_in_provider import CLIENT_ID, SignInProvider

CONFIRM = "/login/provider/confirm?next=/account/second-factor"


@pytest.fixture
def settings(settings_with: SettingsWith) -> Settings:
    return settings_with()


def let_time_pass(accounts: Register) -> None:
    """Let it be so long ago that people signed in that a sensitive change asks again."""
    with accounts.database.write() as session:
        session.execute(update(SignInSession).values(reauthenticated_at=utc_now() - timedelta(minutes=20)))


def is_recent(accounts: Register) -> bool:
    with accounts.database.read() as session:
        shown_at = session.query(SignInSession).one().reauthenticated_at
    return shown_at is not None and shown_at > utc_now() - timedelta(minutes=5)


def test_a_sensitive_page_leads_to_the_provider_which_asks_again(
    come_in: ComeIn, browser: FlaskClient, provider: SignInProvider, accounts: Register
) -> None:
    come_in()
    let_time_pass(accounts)

    page = browser.get("/account/confirm?next=/account/second-factor")
    answer = come_in(CONFIRM)

    asked = [values for path, values in provider.asked if path == "/authorize"][-1]
    # A page with a link: after a form, a browser would not follow a redirect to another site.
    assert page.status_code == 200
    assert f'href="{CONFIRM}"' in page.text
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert answer.location == "/account/second-factor"
    assert is_recent(accounts)


@pytest.mark.parametrize("auth_time", [None, 0, "now", True])
def test_a_provider_that_does_not_say_when_the_person_showed_who_they_are_confirms_nothing(
    auth_time: object, come_in: ComeIn, provider: SignInProvider, accounts: Register, record: Record
) -> None:
    come_in()
    let_time_pass(accounts)
    provider.forge = lambda claims: claims.update(auth_time=auth_time)

    answer = come_in(CONFIRM)

    assert answer.status_code == 400
    assert not is_recent(accounts)
    assert "We could not make sure that it is you" in answer.text
    assert record()[-1].endswith("it does not say that the person has just shown who they are.")


@pytest.mark.parametrize(
    ("minutes_ago", "status"),
    [(None, 303), (60, 303), (5, 200), (-1, 200)],
    ids=["unknown", "long", "just", "fast"],
)
def test_who_was_signed_in_at_the_provider_already_has_not_shown_anew_who_they_are(
    minutes_ago: int | None, status: int, come_in: ComeIn, browser: FlaskClient, provider: SignInProvider
) -> None:
    if minutes_ago is not None:
        provider.person["auth_time"] = int((utc_now() - timedelta(minutes=minutes_ago)).timestamp())
    provider.person["groups"] = ["g-admins"]
    come_in()

    answer = browser.get("/people/invite")

    assert answer.status_code == status
    assert come_in("/login/provider/confirm?next=/people/invite").location == "/people/invite"
    assert browser.get("/people/invite").status_code == 200


def test_administrators_from_the_provider_are_not_sent_to_a_password_that_they_do_not_have_here(
    come_in: ComeIn, browser: FlaskClient, provider: SignInProvider
) -> None:
    provider.person["groups"] = ["g-admins"]
    come_in()

    page = browser.get("/people/1").text

    assert "This is you. Your name, groups and roles are those of your council account" in page
    assert "Change your password" not in page


def test_somebody_else_at_the_provider_confirms_nothing_and_changes_no_session(
    come_in: ComeIn, browser: FlaskClient, provider: SignInProvider, accounts: Register
) -> None:
    come_in()
    let_time_pass(accounts)
    provider.person = {"sub": "grace-1", "name": "Grace Hopper", "email": "g@example.gov.uk"}

    answer = come_in(CONFIRM)

    assert answer.status_code == 400
    assert not is_recent(accounts)
    assert "Ada Byron" in browser.get("/account").text


def test_another_session_than_the_one_that_asked_is_not_confirmed(
    come_in: ComeIn, browser: FlaskClient, accounts: Register
) -> None:
    come_in()
    let_time_pass(accounts)
    back = go_to_provider(browser, CONFIRM)
    with browser.session_transaction() as cookie:
        states = cookie["provider_states"]
    fill_in(browser, "/account", {}, to="/logout")
    with browser.session_transaction() as cookie:
        cookie["provider_states"] = states

    assert browser.get(back).status_code == 400
    assert not is_recent(accounts)


def test_local_people_are_not_sent_to_the_provider(
    make_person: MakePerson, sign_in: Post, browser: FlaskClient
) -> None:
    make_person()
    sign_in(browser)

    assert browser.get(CONFIRM).status_code == 404
    assert 'name="password"' in browser.get("/account/confirm").text


def test_signing_out_leads_on_to_the_provider_and_back(
    come_in: ComeIn, browser: FlaskClient, provider: SignInProvider, record: Record
) -> None:
    come_in()

    left = fill_in(browser, "/account", {}, to="/logout")
    page = browser.get(left.location).text

    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert found
    url = urlsplit(unescape(found[1]))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider.url}/end-session"
    assert query["client_id"] == CLIENT_ID
    assert query["post_logout_redirect_uri"] == "http://localhost/login/signed-out"
    assert query["id_token_hint"].count(".") == 2
    assert browser.get("/account").status_code == 303
    assert record()[-1] == "Ada Byron signed out."
    assert 'http-equiv="refresh"' not in browser.get("/login/signed-out").text


def test_an_id_token_that_is_too_long_for_an_address_is_left_out(
    come_in: ComeIn, browser: FlaskClient, provider: SignInProvider
) -> None:
    provider.person["groups"] = [f"group {number}" for number in range(1000)]
    come_in()

    page = browser.get(fill_in(browser, "/account", {}, to="/logout").location).text

    assert "end-session" in page
    assert "id_token_hint" not in page


def test_signing_out_works_where_the_provider_has_no_way_out_or_is_down(
    come_in: ComeIn, browser: FlaskClient, app: Flask, provider: SignInProvider
) -> None:
    provider.metadata = {"end_session_endpoint": None}
    come_in()
    without = browser.get(fill_in(browser, "/account", {}, to="/logout").location)
    come_in()
    app.extensions["single_sign_on"].provider._metadata = None
    provider.failing.add("/.well-known/openid-configuration")

    down = browser.get(fill_in(browser, "/account", {}, to="/logout").location)

    for page in (without, down):
        assert page.status_code == 200
        assert "close the browser" in page.text
        assert "refresh" not in page.text
    assert browser.get("/account").status_code == 303


def test_local_people_sign_out_here_alone(make_person: MakePerson, sign_in: Post, browser: FlaskClient) -> None:
    make_person()
    sign_in(browser)

    assert fill_in(browser, "/account", {}, to="/logout").location == "/"
    assert browser.get("/account").status_code == 303
