import re
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from knowledge_base.accounts.models import Role
from knowledge_base.accounts.people import Person, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.db import Database, Model
from tests.conftest import SignedIn

MakePerson = Callable[..., Person]
Run = Callable[..., Result]
Send = Callable[..., TestResponse]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run `flask users ...`."""

    def invoke(*arguments: str, stdin: str | bytes = "") -> Result:
        return app.test_cli_runner().invoke(args=["users", *arguments], input=stdin)

    return invoke


def test_create_makes_an_account_that_can_sign_in(
    run: Run, accounts: Register, browser: FlaskClient, sign_in: Send
) -> None:
    options = ["--name", "Ada Byron", "--group", "staff", "--group", "members", "--role", "editor", "--password-stdin"]

    result = run("create", "Ada@example.gov.uk", *options, stdin="three random words\n")

    assert (result.exit_code, result.output) == (0, "Made an account for ada@example.gov.uk.\n")
    (person,) = list_accounts(accounts)
    assert (person.name, person.groups, person.roles) == ("Ada Byron", ("members", "staff"), (Role.EDITOR,))
    assert sign_in(browser).status_code == 302


@pytest.mark.parametrize("stdin", ["three random words", "three random words\n", "three random words\r\n"])
def test_create_takes_the_password_without_its_line_end(
    run: Run, browser: FlaskClient, sign_in: Send, stdin: str
) -> None:
    run("create", "ada@example.gov.uk", "--name", "Ada", "--password-stdin", stdin=stdin)

    assert sign_in(browser, password="three random words").status_code == 302


@pytest.mark.parametrize(
    ("email", "options", "stdin", "message"),
    [
        ("ada", [], "three random words", "Enter an email address in the correct format, like name@example.gov.uk."),
        ("ada@x.uk", ["--role", "root"], "three random words", "'root' is not a role: use editor, publisher, admin."),
        ("ada@x.uk", ["--group", "a b"], "three random words", "'a b' is not a group name: use letters"),
        ("ada@x.uk", [], "short", "Password must be 12 characters or more."),
        ("ada@x.uk", [], "", "Enter a password."),
        (
            "ada@x.uk",
            [],
            "three random words\nthree random words\n",
            "The password on standard input must be one line.",
        ),
        ("ada@x.uk", [], b"three random w\xf6rds", "The password on standard input is not UTF-8 text."),
    ],
)
def test_create_refuses_in_one_line_and_makes_nothing(
    run: Run, accounts: Register, *, email: str, options: list[str], stdin: str | bytes, message: str
) -> None:
    result = run("create", email, "--name", "Ada", *options, "--password-stdin", stdin=stdin)

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {message}")
    assert result.output.count("\n") == 1
    assert list_accounts(accounts) == []


def test_create_needs_a_password_on_standard_input(run: Run) -> None:
    result = run("create", "ada@example.gov.uk", "--name", "Ada")

    assert result.exit_code == 1
    assert "--password-stdin" in result.output


def test_create_refuses_a_second_account(run: Run, make_person: MakePerson) -> None:
    make_person("ada@example.gov.uk")

    result = run("create", "ada@example.gov.uk", "--name", "Ada", "--password-stdin", stdin="three random words")

    assert (result.exit_code, result.output) == (1, "Error: There is already an account with this email address.\n")


def test_list_shows_a_line_for_each_account(run: Run, make_person: MakePerson) -> None:
    make_person("ada@example.gov.uk", groups=["members", "staff"], roles=["admin"])
    make_person("grace@example.gov.uk", name="Grace Hopper")
    run("disable", "grace@example.gov.uk")

    lines = [re.split(r"\s{2,}", line) for line in run("list").output.splitlines()]

    assert lines[0] == ["EMAIL", "NAME", "GROUPS", "ROLES", "STATE"]
    assert lines[1] == ["ada@example.gov.uk", "Ada Byron", "members,staff", "admin", "active"]
    assert lines[2][:4] == ["grace@example.gov.uk", "Grace Hopper", "-", "-"]
    assert lines[2][4].startswith("disabled 20")


def test_list_of_nobody_is_only_the_heading(run: Run) -> None:
    result = run("list")

    assert (result.exit_code, result.output) == (0, "EMAIL  NAME  GROUPS  ROLES  STATE\n")


def test_disable_shuts_a_person_out(run: Run, make_person: MakePerson, browser: FlaskClient, sign_in: Send) -> None:
    make_person()

    result = run("disable", "ADA@example.gov.uk")

    assert (result.exit_code, result.output) == (0, "ada@example.gov.uk can no longer sign in.\n")
    assert sign_in(browser).status_code == 401


def test_enable_lets_a_person_in_with_a_new_password_only(
    run: Run, make_person: MakePerson, browser: FlaskClient, sign_in: Send
) -> None:
    make_person()
    run("disable", "ada@example.gov.uk")

    result = run("enable", "ADA@example.gov.uk")

    assert result.exit_code == 0
    assert "users reset ada@example.gov.uk" in result.output
    assert sign_in(browser).status_code == 401


@pytest.mark.parametrize("command", ["disable", "enable", "reset"])
def test_refuses_an_unknown_address(run: Run, command: str) -> None:
    result = run(command, "nobody@example.gov.uk")

    assert result.exit_code == 1
    assert result.output == "Error: There is no account with the email address nobody@example.gov.uk.\n"


def test_reset_prints_a_link_that_gives_a_new_password(
    run: Run, make_person: MakePerson, app: Flask, post: Send, sign_in: Send
) -> None:
    make_person()

    result = run("reset", "ADA@example.gov.uk")

    link = re.fullmatch(r"http://guidance\.example\.gov\.uk(/account/set-up/\S+)\n", result.output)
    assert link
    post(app.test_client(), link[1], {"password": "four other random words"})
    assert sign_in(app.test_client(), password="four other random words").status_code == 302


def test_reset_refuses_a_disabled_account(run: Run, make_person: MakePerson) -> None:
    make_person()
    run("disable", "ada@example.gov.uk")

    result = run("reset", "ada@example.gov.uk")

    assert result.exit_code == 1
    assert result.output == "Error: The account ada@example.gov.uk is disabled. Run users enable first.\n"


def test_invite_prints_a_link_that_makes_the_account(
    run: Run, browser: FlaskClient, post: Send, accounts: Register
) -> None:
    result = run("invite", "grace@example.gov.uk", "--name", "Grace Hopper", "--group", "staff", "--role", "publisher")

    base, path = result.output.strip().split("/account/")
    post(browser, f"/account/{path}", {"name": "Grace Hopper", "password": "three random words"})
    (person,) = list_accounts(accounts)
    assert base == "http://guidance.example.gov.uk"
    assert (person.email, person.groups, person.roles) == ("grace@example.gov.uk", ("staff",), (Role.PUBLISHER,))


def test_first_link_is_printed_until_there_is_an_administrator(
    run: Run, browser: FlaskClient, make_person: MakePerson
) -> None:
    line = run("first-link").output
    link = re.fullmatch(r".*: http://guidance\.example\.gov\.uk(/account/set-up/\S+)\n", line)
    assert link
    assert browser.get(link[1]).status_code == 200

    make_person(roles=["admin"])

    result = run("first-link")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    ("command", "output", "told"),
    [
        ("sign-out", "is signed out everywhere.", "ended every session of A staff-editor: signed out everywhere."),
        (
            "remove-second-factor",
            "has no second factor any more.",
            "removed the second factor of the account of A",
        ),
    ],
)
def test_person_is_signed_out_everywhere(
    run: Run, signed_in: SignedIn, record: Callable[[], list[str]], *, command: str, output: str, told: str
) -> None:
    editor = signed_in("staff", roles=["editor"])
    assert editor.get("/account").status_code == 200

    result = run(command, "STAFF-editor@example.gov.uk")

    assert (result.exit_code, result.output) == (0, f"staff-editor@example.gov.uk {output}\n")
    assert editor.get("/account").status_code == 303
    assert record()[-1].startswith("Operating-system user ")
    assert told in record()[-1]


def test_database_without_tables_is_told_in_one_line(run: Run, database: Database) -> None:
    Model.metadata.drop_all(database.engine)

    result = run("list")

    assert result.exit_code == 1
    assert result.output == "Error: The database does not answer. script/server makes it, and brings it up to date.\n"
