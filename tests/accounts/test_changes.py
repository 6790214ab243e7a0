from collections.abc import Callable
from datetime import datetime

import pytest

from knowledge_base.accounts.changes import change_groups, change_roles, disable_account, enable_account, rename
from knowledge_base.accounts.errors import (
    AccountGoneError,
    LastAdministratorError,
    ProfileRefusedError,
    SignInRefusedError,
)
from knowledge_base.accounts.links import look_up_link, make_reset_link
from knowledge_base.accounts.models import Account, Role
from knowledge_base.accounts.people import Person, list_accounts
from knowledge_base.accounts.register import Register
from knowledge_base.accounts.second_step import SignedIn
from knowledge_base.accounts.sessions import Start, find_session, start_session
from knowledge_base.accounts.sign_in import Credentials, sign_in
from knowledge_base.audit.events import SITE, Actor
from tests.accounts.conftest import ARRIVAL, PASSWORD

JANE = Actor(99, "Jane Doe")

MakePerson = Callable[..., Person]
Record = Callable[[], list[str]]


def test_groups_are_changed_to_those_wanted_and_each_is_recorded(
    accounts: Register, make_person: MakePerson, now: datetime, record: Record
) -> None:
    ada = make_person(groups=["members", "staff"])

    person = change_groups(accounts, ada.account_id, ["staff", "leads"], actor=JANE, now=now)

    assert person.groups == ("leads", "staff")
    assert record()[-2:] == [
        "Jane Doe added the group leads to the account of Ada Byron.",
        "Jane Doe removed the group members from the account of Ada Byron.",
    ]


def test_links_of_a_local_person_outlast_the_disabling_of_a_namesake_from_single_sign_on(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    ada = make_person()
    link = make_reset_link(accounts, ada.account_id, actor=SITE, now=now)
    with accounts.database.write() as session:
        provided = Account(issuer="https://id.example", subject="1", email=ada.email, name="Ada", created_at=now)
        session.add(provided)
        session.flush()
        number = provided.id

    disable_account(accounts, number, actor=JANE, now=now)

    assert look_up_link(accounts, link.token, now=now).is_reset


def test_nothing_is_recorded_where_nothing_changes(
    accounts: Register, make_person: MakePerson, now: datetime, record: Record
) -> None:
    ada = make_person(groups=["staff"], roles=["editor"])
    before = record()

    change_groups(accounts, ada.account_id, ["staff"], actor=JANE, now=now)
    change_roles(accounts, ada.account_id, ["editor"], actor=JANE, now=now)
    rename(accounts, ada.account_id, " Ada  Byron", actor=JANE, now=now)
    enable_account(accounts, ada.account_id, actor=JANE, now=now)

    assert record() == before
    assert list_accounts(accounts) == [ada]


def test_roles_are_changed_to_those_wanted_and_each_is_recorded(
    accounts: Register, make_person: MakePerson, now: datetime, record: Record
) -> None:
    ada = make_person(roles=["editor"])

    person = change_roles(accounts, "ADA@example.gov.uk", ["publisher"], actor=JANE, now=now)

    assert person.roles == (Role.PUBLISHER,)
    assert person.account_id == ada.account_id
    assert record()[-2:] == [
        "Jane Doe added the role publisher to the account of Ada Byron.",
        "Jane Doe removed the role editor from the account of Ada Byron.",
    ]


def test_who_gets_a_role_has_to_sign_in_again_with_a_second_factor(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    ada = make_person()
    step = sign_in(accounts, Credentials(ada.email, PASSWORD), ARRIVAL, now=now)
    assert isinstance(step, SignedIn)
    assert find_session(accounts, step.token, now=now)

    change_roles(accounts, ada.account_id, ["editor"], actor=JANE, now=now)

    assert find_session(accounts, step.token, now=now) is None


def test_last_administrator_stays_one(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    ada = make_person(roles=["admin"])
    grace = make_person("grace@example.gov.uk", name="Grace", roles=["admin"])
    disable_account(accounts, grace.account_id, actor=JANE, now=now)

    with pytest.raises(LastAdministratorError):
        change_roles(accounts, ada.account_id, [], actor=JANE, now=now)
    with pytest.raises(LastAdministratorError):
        disable_account(accounts, ada.account_id, actor=Actor(ada.account_id, ada.name), now=now)

    make_person("joan@example.gov.uk", name="Joan", roles=["admin"])
    assert change_roles(accounts, ada.account_id, [], actor=JANE, now=now).roles == ()


def test_name_is_changed_and_recorded_under_the_old_one(
    accounts: Register, make_person: MakePerson, now: datetime, record: Record
) -> None:
    ada = make_person()

    person = rename(accounts, ada.account_id, "Ada King", actor=JANE, now=now)

    assert person.name == "Ada King"
    assert record()[-1] == "Jane Doe changed the name of the account of Ada Byron."


def test_password_from_before_does_not_work_after_disabling_and_enabling(
    accounts: Register, make_person: MakePerson, now: datetime, record: Record
) -> None:
    ada = make_person()

    disable_account(accounts, ada.account_id, actor=JANE, now=now)
    enable_account(accounts, ada.account_id, actor=JANE, now=now)

    with pytest.raises(SignInRefusedError):
        sign_in(accounts, Credentials(ada.email, PASSWORD), ARRIVAL, now=now)
    assert record()[-3:] == [
        "Jane Doe disabled the account of Ada Byron.",
        "Jane Doe enabled the account of Ada Byron.",
        "Someone not signed in tried to sign in as Ada Byron and was refused: the account has no password yet.",
    ]


def test_enabling_brings_no_session_back_that_a_request_under_way_still_started(
    accounts: Register, make_person: MakePerson, now: datetime
) -> None:
    ada = make_person()
    disable_account(accounts, ada.account_id, actor=JANE, now=now)
    with accounts.database.write() as session:
        account = session.get_one(Account, ada.account_id)
        token = start_session(session, accounts, account, start=Start(), now=now)

    enable_account(accounts, ada.account_id, actor=JANE, now=now)

    assert find_session(accounts, token, now=now) is None


def test_names_that_cannot_be_are_refused(accounts: Register, make_person: MakePerson, now: datetime) -> None:
    ada = make_person()

    with pytest.raises(ProfileRefusedError):
        change_groups(accounts, ada.account_id, ["a b"], actor=JANE, now=now)
    with pytest.raises(ProfileRefusedError):
        change_roles(accounts, ada.account_id, ["root"], actor=JANE, now=now)
    with pytest.raises(ProfileRefusedError):
        rename(accounts, ada.account_id, " ", actor=JANE, now=now)


def test_account_that_is_gone_is_told(accounts: Register, now: datetime) -> None:
    with pytest.raises(AccountGoneError):
        change_groups(accounts, 12345, [], actor=JANE, now=now)
