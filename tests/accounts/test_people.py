from collections.abc import Callable
from datetime import datetime

import pytest

from knowledge_base.access.policy import Viewer
from knowledge_base.accounts.changes import disable_account, enable_account
from knowledge_base.accounts.errors import (
    AccountExistsError,
    NoSuchAccountError,
    PasswordRefusedError,
    ProfileRefusedError,
)
from knowledge_base.accounts.models import Role
from knowledge_base.accounts.people import (
    Person,
    check_email,
    check_name,
    check_profile,
    create_account,
    list_accounts,
)
from knowledge_base.accounts.register import Register
from knowledge_base.audit.events import SITE

MakePerson = Callable[..., Person]


def test_makes_an_account_of_what_was_typed(accounts: Register, now: datetime) -> None:
    profile = check_profile(
        email=" Ada@Example.gov.uk", name="Ada  Byron ", groups=["staff", "members", "staff"], roles=["editor", "admin"]
    )

    person = create_account(accounts, profile, password="three random words", actor=SITE, now=now)

    assert (person.email, person.name) == ("ada@example.gov.uk", "Ada Byron")
    assert person.groups == ("members", "staff")
    assert person.roles == (Role.ADMIN, Role.EDITOR)
    assert (person.created_at, person.disabled_at) == (now, None)
    assert list_accounts(accounts) == [person]


def test_person_is_a_viewer_for_the_access_rules(make_person: MakePerson) -> None:
    person = make_person(groups=["staff"], roles=["editor"])

    assert person.viewer == Viewer(
        account_id=person.account_id, name="Ada Byron", groups=frozenset({"staff"}), roles=frozenset({"editor"})
    )


def test_refuses_a_second_account_for_an_e_mail_address(accounts: Register, make_person: MakePerson) -> None:
    ada = make_person("ada@example.gov.uk")

    with pytest.raises(AccountExistsError):
        make_person("ADA@example.gov.uk", name="Somebody Else")

    assert list_accounts(accounts) == [ada]


def test_refuses_a_password_against_the_rules(accounts: Register, now: datetime) -> None:
    profile = check_profile(email="ada@example.gov.uk", name="Ada Byron")

    with pytest.raises(PasswordRefusedError):
        create_account(accounts, profile, password="short", actor=SITE, now=now)

    assert list_accounts(accounts) == []


def test_lists_accounts_by_e_mail_address(accounts: Register, make_person: MakePerson) -> None:
    grace, ada = make_person("grace@example.gov.uk"), make_person("ada@example.gov.uk")

    assert list_accounts(accounts) == [ada, grace]


def test_disables_an_account_and_keeps_the_day_of_the_first_time(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    make_person()

    person = disable_account(accounts, "Ada@example.gov.uk", actor=SITE, now=now)
    again = disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now.replace(year=2027))

    assert person.disabled_at == again.disabled_at == now


def test_cannot_disable_an_account_that_does_not_exist(accounts: Register, now: datetime) -> None:
    with pytest.raises(NoSuchAccountError, match=r"nobody@example\.gov\.uk"):
        disable_account(accounts, "nobody@example.gov.uk", actor=SITE, now=now)


def test_enables_an_account_again(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    ada = make_person()
    disable_account(accounts, "ada@example.gov.uk", actor=SITE, now=now)

    person = enable_account(accounts, "ADA@example.gov.uk", actor=SITE, now=now)

    assert person == ada
    assert list_accounts(accounts) == [ada]


def test_cannot_enable_an_account_that_does_not_exist(accounts: Register, now: datetime) -> None:
    with pytest.raises(NoSuchAccountError, match=r"nobody@example\.gov\.uk"):
        enable_account(accounts, "nobody@example.gov.uk", actor=SITE, now=now)


@pytest.mark.parametrize(
    "email", ["ada@example.gov.uk", "ada@localhost", "ada.o'byron+kb@example.gov.uk", "ü@ü.example"]
)
def test_allows_an_e_mail_address(email: str) -> None:
    assert check_email(email) == email


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@example.gov.uk", "a@b@c", "ada byron@example.gov.uk", "Ada <ada@example.gov.uk>",
     "ada@example.gov.uk\nBcc: x@y", "ada\x00@example.gov.uk", "a" * 250 + "@b.uk",
     "ada@example.gov.uk.", "ada@.example.gov.uk", "ada@example..uk"],
)  # fmt: skip
def test_refuses_what_is_not_an_e_mail_address(email: str) -> None:
    with pytest.raises(ProfileRefusedError, match="Enter an email address in the correct format"):
        check_email(email)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("  ", "Enter a name"),
        ("a" * 101, "Name must be 100 characters or fewer"),
        ("Ada\u202eByron", "Name must not have characters that cannot be seen"),
    ],
)
def test_refuses_what_is_not_a_name(name: str, message: str) -> None:
    with pytest.raises(ProfileRefusedError, match=message):
        check_name(name)


@pytest.mark.parametrize("group", ["", "child care", "staff+members", "-staff", "a" * 51, "staff\n"])
def test_refuses_what_is_not_a_group_name(group: str) -> None:
    with pytest.raises(ProfileRefusedError, match="is not a group name"):
        check_profile(email="ada@example.gov.uk", name="Ada", groups=[group])


@pytest.mark.parametrize("role", ["", "root", "Admin"])
def test_refuses_an_unknown_role_and_names_the_known_ones(role: str) -> None:
    with pytest.raises(ProfileRefusedError, match="is not a role: use editor, publisher, admin"):
        check_profile(email="ada@example.gov.uk", name="Ada", roles=[role])
