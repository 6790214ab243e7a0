"""Letters that tell people what was done to their account."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from knowledge_base.accounts.links import make_reset_link
from knowledge_base.accounts.models import SecondFactor, SignInSession
from knowledge_base.accounts.notices import THREAD, Notice, tell
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.db import utc_now
from knowledge_base.settings import Settings
from tests.accounts.conftest import PASSWORD
from tests.conftest import SignedIn, fill_in, shown_key
from tests.mail_server import MailServer, running_mail_server
from tests.ports import free_port

NEW_PASSWORD = "four other random words"

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]
Send = Callable[..., TestResponse]


@pytest.fixture
def mail(app: Flask, settings: Settings) -> Iterator[MailServer]:
    """A mail server that the site sends by."""
    with running_mail_server() as server:
        app.extensions["settings"] = replace(settings, mail=server.settings)
        yield server
        wait_for_letters_to_go()


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person()


@pytest.fixture
def here(browser: FlaskClient, ada: Person, sign_in: Send) -> FlaskClient:
    sign_in(browser)
    return browser


def wait_for_letters_to_go() -> None:
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def set_up_second_factor(browser: FlaskClient, url: str = "/account/second-factor") -> tuple[str, list[str]]:
    """Set up a second factor, and return its key and recovery codes."""
    key = shown_key(browser.get(url).text)
    page = fill_in(browser, url, {"code": pyotp.TOTP(key).now()}).text
    return key, re.findall(r'name="code" value="([a-z0-9-]+)"', page)


def use_up_codes(accounts: Register) -> None:
    """Let the codes of the next minutes have been used."""
    with accounts.database.write() as session:
        session.execute(update(SecondFactor).values(last_counter=SecondFactor.last_counter + 10))


def test_changed_password_is_told(here: FlaskClient, mail: MailServer) -> None:
    fill_in(here, "/account/password", {"present": PASSWORD, "new": NEW_PASSWORD})

    letter = mail.next_letter()
    text = letter.get_content()
    assert (letter["To"], letter["Subject"]) == ("ada@example.gov.uk", "Your password was changed")
    assert "Hello Ada Byron," in text
    assert "your account on http://guidance.example.gov.uk." in text
    assert "tell an administrator of the site at once" in text
    assert NEW_PASSWORD not in text


def test_password_chosen_with_a_link_is_told(
    browser: FlaskClient, ada: Person, accounts: Register, mail: MailServer
) -> None:
    link = make_reset_link(accounts, ada.account_id, actor=SITE, now=utc_now())

    fill_in(browser, f"/account/set-up/{link.token}", {"password": NEW_PASSWORD})

    assert mail.next_letter()["Subject"] == "Your password was changed"


def test_second_factor_and_recovery_codes_are_told_of(here: FlaskClient, mail: MailServer) -> None:
    set_up_second_factor(here)
    set_up = mail.next_letter()
    fill_in(here, "/account/recovery-codes", {})
    made = mail.next_letter()
    fill_in(here, "/account/second-factor/remove", {})
    removed = mail.next_letter()

    assert [letter["Subject"] for letter in (set_up, made, removed)] == [
        "Your second factor was set up",
        "You have new recovery codes",
        "Your second factor was removed",
    ]


def test_second_factor_that_somebody_sets_up_on_the_way_in_is_told(
    browser: FlaskClient, make_person: MakePerson, sign_in: Send, mail: MailServer
) -> None:
    make_person(roles=["editor"])
    sign_in(browser)

    set_up_second_factor(browser, "/login/second-factor")

    assert mail.next_letter()["Subject"] == "Your second factor was set up"


def test_second_factor_that_an_administrator_removes_is_told_to_its_person(
    here: FlaskClient, ada: Person, signed_in: SignedIn, mail: MailServer
) -> None:
    set_up_second_factor(here)
    mail.next_letter()
    admin = signed_in(roles=["admin"])
    mail.next_letter()

    fill_in(admin, f"/people/{ada.account_id}/second-factor/remove", {})

    letter = mail.next_letter()
    assert (letter["To"], letter["Subject"]) == ("ada@example.gov.uk", "Your second factor was removed")


def test_second_factor_that_a_command_removes_is_told(app: Flask, ada: Person, mail: MailServer) -> None:
    app.test_cli_runner().invoke(args=["users", "remove-second-factor", ada.email])

    assert mail.next_letter()["Subject"] == "Your second factor was removed"


def test_used_recovery_code_is_told(app: Flask, here: FlaskClient, sign_in: Send, mail: MailServer) -> None:
    _, codes = set_up_second_factor(here)
    mail.next_letter()
    elsewhere = app.test_client()
    sign_in(elsewhere)

    fill_in(elsewhere, "/login/recovery-code", {"recovery_code": codes[0]})

    assert mail.next_letter()["Subject"] == "A recovery code was used"


def test_code_used_again_to_sign_in_is_told_and_recorded(
    app: Flask, here: FlaskClient, sign_in: Send, accounts: Register, mail: MailServer, record: Record
) -> None:
    key, _ = set_up_second_factor(here)
    mail.next_letter()
    elsewhere = app.test_client()
    sign_in(elsewhere)
    use_up_codes(accounts)

    answer = fill_in(elsewhere, "/login/code", {"code": pyotp.TOTP(key).now()})

    letter = mail.next_letter()
    assert answer.status_code == 401
    assert letter["Subject"] == "A code was refused"
    assert "Somebody who knew your password typed a code of your app" in letter.get_content()
    assert record()[-1].endswith("as Ada Byron and was refused: a password was right and a code had been used.")


def test_code_used_again_to_confirm_is_told_and_recorded(
    here: FlaskClient, accounts: Register, mail: MailServer, record: Record
) -> None:
    key, _ = set_up_second_factor(here)
    mail.next_letter()
    with accounts.database.write() as session:
        session.execute(update(SignInSession).values(reauthenticated_at=utc_now() - timedelta(minutes=15)))
    use_up_codes(accounts)

    answer = fill_in(here, "/account/confirm", {"password": PASSWORD, "code": pyotp.TOTP(key).now()})

    assert answer.status_code == 401
    assert mail.next_letter()["Subject"] == "A code was refused"
    assert record()[-1].endswith("a used code, while signed in.")


def test_wrong_code_is_no_news(app: Flask, here: FlaskClient, sign_in: Send, mail: MailServer) -> None:
    set_up_second_factor(here)
    mail.next_letter()
    elsewhere = app.test_client()
    sign_in(elsewhere)

    fill_in(elsewhere, "/login/code", {"code": "000000"})

    wait_for_letters_to_go()
    assert mail.letters.empty()


def test_mail_server_that_is_down_stops_nothing(
    app: Flask, settings: Settings, here: FlaskClient, mail: MailServer, sign_in: Send
) -> None:
    app.extensions["settings"] = replace(settings, mail=replace(mail.settings, port=free_port()))

    answer = fill_in(here, "/account/password", {"present": PASSWORD, "new": NEW_PASSWORD})

    assert answer.status_code == 302
    assert sign_in(app.test_client(), password=NEW_PASSWORD).status_code == 302


def test_who_comes_through_single_sign_on_is_told_by_the_provider(
    settings: Settings, ada: Person, mail: MailServer
) -> None:
    provided = replace(ada, issuer="https://login.example")

    tell(replace(settings, mail=mail.settings), provided, Notice.PASSWORD_CHANGED)

    wait_for_letters_to_go()
    assert mail.letters.empty()
