"""Forgotten passwords, and the letters that carry links."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.changes import disable_account
from knowledge_base.accounts.forgotten import THREAD
from knowledge_base.accounts.people import Person
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE
from knowledge_base.settings import Settings
from tests.conftest import MakeApp
from tests.mail_server import MailServer, running_mail_server
from tests.ports import free_port

NEW_PASSWORD = "four other random words"

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]
Send = Callable[..., TestResponse]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as running:
        yield running


@pytest.fixture
def with_mail(app: Flask, make_app: MakeApp, settings: Settings, server: MailServer) -> Iterator[Flask]:
    """The application over the same database, with mail."""
    other = make_app(replace(settings, mail=server.settings))
    other.testing = True
    yield other
    wait_for_work_to_end()
    other.extensions["search_index"].close()
    other.extensions["database"].dispose()


def wait_for_work_to_end() -> None:
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def invoke(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["users", *arguments])


def test_link_comes_by_mail_and_gives_a_new_password(
    with_mail: Flask, server: MailServer, make_person: MakePerson, post: Send, sign_in: Send, record: Record
) -> None:
    make_person()

    answer = post(with_mail.test_client(), "/login/forgotten", {"email": " ADA@example.gov.uk"})

    letter = server.next_letter()
    link = re.search(r"http://guidance\.example\.gov\.uk(/account/set-up/\S+)", letter.get_content())
    assert link
    assert answer.status_code == 200
    assert letter["To"] == "ada@example.gov.uk"
    wait_for_work_to_end()
    assert record()[-1] == "Someone not signed in made a link with which Ada Byron can choose a new password."
    post(with_mail.test_client(), link[1], {"password": NEW_PASSWORD})
    assert sign_in(with_mail.test_client(), password=NEW_PASSWORD).status_code == 302


def test_answer_is_the_same_whether_there_is_an_account(
    with_mail: Flask, server: MailServer, make_person: MakePerson, accounts: Register, post: Send, now: datetime
) -> None:
    make_person()
    make_person("gone@example.gov.uk")
    disable_account(accounts, "gone@example.gov.uk", actor=SITE, now=now)
    pages = []

    for email in ("nobody@example.gov.uk", "gone@example.gov.uk", "not an address", "ada@example.gov.uk"):
        answer = post(with_mail.test_client(), "/login/forgotten", {"email": email})
        pages.append((answer.status_code, re.sub(r'name="csrf_token"[^>]*', "", answer.text).replace(email, "")))

    wait_for_work_to_end()
    assert len(set(pages)) == 1
    assert server.next_letter()["To"] == "ada@example.gov.uk"
    assert server.letters.empty()


@pytest.mark.parametrize("email", ["ada@example.gov.uk", "nobody@example.gov.uk"])
def test_asking_is_limited_for_each_account_whether_or_not_it_exists(
    with_mail: Flask, make_person: MakePerson, post: Send, email: str
) -> None:
    make_person()

    answers = [post(with_mail.test_client(), "/login/forgotten", {"email": email}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "You can try again in 60 minutes" in answers[3].text


def test_asking_is_limited_for_each_network_address_without_closing_sign_in(
    with_mail: Flask, make_person: MakePerson, post: Send, sign_in: Send
) -> None:
    make_person()
    browser = with_mail.test_client()
    for number in range(20):
        post(browser, "/login/forgotten", {"email": f"person{number}@example.gov.uk"})

    answer = post(browser, "/login/forgotten", {"email": "ada@example.gov.uk"})

    assert answer.status_code == 429
    assert sign_in(browser).status_code == 302


def test_empty_address_is_told(with_mail: Flask, post: Send) -> None:
    answer = post(with_mail.test_client(), "/login/forgotten", {"email": ""})

    assert answer.status_code == 422
    assert 'href="#email">Enter your email address' in answer.text


def test_without_mail_the_page_says_whom_to_ask(browser: FlaskClient, post: Send) -> None:
    page = browser.get("/login/forgotten").text
    answer = post(browser, "/login", {"email": "ada@example.gov.uk"}, to="/login/forgotten")

    assert "Ask an administrator" in page
    assert 'name="email"' not in page
    assert answer.status_code == 422


def test_mail_server_that_is_down_stops_nobody(
    app: Flask, settings: Settings, make_person: MakePerson, post: Send, server: MailServer
) -> None:
    make_person()
    app.extensions["settings"] = replace(settings, mail=replace(server.settings, port=free_port()))

    answer = post(app.test_client(), "/login/forgotten", {"email": "ada@example.gov.uk"})

    wait_for_work_to_end()
    assert answer.status_code == 200


def test_commands_send_links_by_mail(with_mail: Flask, server: MailServer) -> None:
    result = invoke(with_mail, "invite", "grace@example.gov.uk", "--name", "Grace Hopper")

    assert result.output == "Sent the link to grace@example.gov.uk.\n"
    letter = server.next_letter()
    assert letter["Subject"] == "Your account: choose a password"
    assert "Hello Grace Hopper," in letter.get_content()
    assert "/account/set-up/" in letter.get_content()


def test_command_prints_the_link_that_the_mail_server_does_not_take(
    app: Flask, settings: Settings, make_person: MakePerson, server: MailServer
) -> None:
    make_person()
    app.extensions["settings"] = replace(settings, mail=replace(server.settings, port=free_port()))

    result = invoke(app, "reset", "ada@example.gov.uk")

    assert result.exit_code == 0
    assert "did not take the letter" in result.stderr
    assert re.fullmatch(r"http://guidance\.example\.gov\.uk/account/set-up/\S+\n", result.stdout)
